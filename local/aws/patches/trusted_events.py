"""`POST /_lakeloop/events`: the way for the local SageMaker to emit `source: aws.sagemaker` events.

Gap in ministack: none, it refuses clients that emit `aws.*` events, as AWS does. But AWS's own services may, and the
local SageMaker stands for one. It knows a token that the supervisor made; clients keep being refused.
"""

from typing import Any

from lakeloop.local.aws import trusted
from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import Settings

PATH = "/_lakeloop/events"

PUT_EVENTS = PrivateName("ministack.services.eventbridge", "_put_events", ("data", "allow_aws_source"))
TOUCHES = (PUT_EVENTS, trusted.APPLICATION)


def apply(settings: Settings) -> None:
    trusted.serve(PATH, settings.events_token, emitted)


def emitted(entries: Any) -> tuple[int, bytes]:  # noqa: ANN401 the emulator judges it
    """PutEvents with trust."""
    status, _, answer = PUT_EVENTS.get()(entries, allow_aws_source=True)
    return int(status), answer if isinstance(answer, bytes) else str(answer).encode()

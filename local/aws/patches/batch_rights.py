"""A batch call of SQS needs the right of the single call.

Gap in ministack: it asks the policies about `sqs:ChangeMessageVisibilityBatch` and its like, which AWS does not know,
so that a policy as AWS wants it denies. Only noticed where policies are enforced.
"""

from collections.abc import Callable

from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import Settings

EXTRACT = PrivateName("ministack.core.iam_actions", "extract_iam_action")
TOUCHES = (EXTRACT,)

BATCH = "Batch"


def apply(settings: Settings) -> None:
    EXTRACT.wrap(with_single_calls)


def with_single_calls(original: Callable[..., str | None]) -> Callable[..., str | None]:
    def extract(*arguments: object, **options: object) -> str | None:
        action = original(*arguments, **options)
        return action.removesuffix(BATCH) if action and action.startswith("sqs:") else action

    return extract

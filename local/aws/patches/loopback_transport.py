"""With IAM enforced, a call over loopback counts as made over TLS.

Not a gap of ministack's: there is no TLS on loopback, and every policy of infra/ denies what comes without it. That
these statements deny plain HTTP on AWS is therefore not proved here.
"""

from contextvars import ContextVar

from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import Settings

# Read by ministack wherever it asks for aws:SecureTransport, also in deliveries that no request began.
ORIGIN = PrivateName("ministack.core.iam_evaluator", "_request_origin")
# app imports it by name.
PIN_ORIGIN = PrivateName("ministack.app", "pin_request_origin", ("source_ip", "secure_transport"))
TOUCHES = (ORIGIN, PIN_ORIGIN)


def apply(settings: Settings) -> None:
    ORIGIN.replace(ContextVar("request_origin", default=("127.0.0.1", True)))
    PIN_ORIGIN.wrap(lambda original: lambda source_ip, secure_transport: original(source_ip, True))

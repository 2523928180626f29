"""How an endpoint changes, and who is told."""

import re
import time

from lakeloop.local.sagemaker.arns import Kind
from lakeloop.local.sagemaker.backends import Backends
from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.events import detail_of

STATE_EVENT = "SageMaker Endpoint State Change"
EVENT_MEMBERS = (
    "EndpointName",
    "EndpointArn",
    "EndpointConfigName",
    "ProductionVariants",
    "FailureReason",
    "CreationTime",
    "LastModifiedTime",
)
BUSY = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})


def event_status(status: str) -> str:
    """Events spell InService as IN_SERVICE."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", status).upper()


def enter(backends: Backends, name: str, status: str, **fields: object) -> Document:
    """Change the status, and emit that."""
    with backends.store.transaction():
        endpoint = backends.store.change(
            Kind.ENDPOINT, name, **fields, EndpointStatus=status, LastModifiedTime=time.time()
        )
        emit(backends, STATE_EVENT, endpoint)
    return endpoint


def emit(backends: Backends, detail_type: str, endpoint: Document, *more: str) -> None:
    detail = detail_of(endpoint, *EVENT_MEMBERS, *more)
    detail["EndpointStatus"] = event_status(endpoint["EndpointStatus"])
    backends.events.emit(detail_type, endpoint["EndpointArn"], detail)

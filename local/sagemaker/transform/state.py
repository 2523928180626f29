"""How a transform job changes, and who is told."""

from lakeloop.local.sagemaker.arns import Kind
from lakeloop.local.sagemaker.backends import Backends
from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.events import detail_of

EVENT = "SageMaker Transform Job State Change"
EVENT_MEMBERS = (
    "TransformJobName",
    "TransformJobArn",
    "TransformJobStatus",
    "FailureReason",
    "ModelName",
    "BatchStrategy",
    "TransformInput",
    "TransformOutput",
    "TransformResources",
    "CreationTime",
    "TransformStartTime",
    "TransformEndTime",
)
RUNNING = frozenset({"InProgress", "Stopping"})


def enter(backends: Backends, name: str, status: str, **fields: object) -> Document:
    """Change the status, and emit that."""
    with backends.store.transaction():
        job = backends.store.change(Kind.TRANSFORM_JOB, name, **fields, TransformJobStatus=status)
        backends.events.emit(EVENT, job["TransformJobArn"], detail_of(job, *EVENT_MEMBERS))
    return job

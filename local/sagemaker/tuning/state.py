"""How a tuning job changes, and who is told."""

import time

from lakeloop.local.sagemaker.arns import Kind
from lakeloop.local.sagemaker.backends import Backends
from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.events import detail_of
from lakeloop.local.sagemaker.tuning.trials import progress, trials

EVENT = "SageMaker HyperParameter Tuning Job State Change"
EVENT_MEMBERS = (
    "HyperParameterTuningJobName",
    "HyperParameterTuningJobArn",
    "TrainingJobDefinition",
    "HyperParameterTuningJobStatus",
    "CreationTime",
    "LastModifiedTime",
    "TrainingJobStatusCounters",
    "ObjectiveStatusCounters",
)
RUNNING = frozenset({"InProgress", "Stopping"})


def enter(backends: Backends, name: str, status: str, **fields: object) -> Document:
    """Change the status, and emit that."""
    now = time.time()
    with backends.store.transaction():
        job = backends.store.change(
            Kind.TUNING_JOB, name, **fields, HyperParameterTuningJobStatus=status, LastModifiedTime=now
        )
        detail = {**job, **progress(job, trials(backends.store, job["HyperParameterTuningJobArn"]))}
        backends.events.emit(EVENT, job["HyperParameterTuningJobArn"], detail_of(detail, *EVENT_MEMBERS))
    return job

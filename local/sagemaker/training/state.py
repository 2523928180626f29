"""How a training job changes, and who is told."""

import time

from lakeloop.local.sagemaker.arns import Kind
from lakeloop.local.sagemaker.backends import Backends
from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.events import detail_of

EVENT = "SageMaker Training Job State Change"
EVENT_MEMBERS = (
    "TrainingJobName",
    "TrainingJobArn",
    "TrainingJobStatus",
    "SecondaryStatus",
    "FailureReason",
    "HyperParameters",
    "AlgorithmSpecification",
    "RoleArn",
    "InputDataConfig",
    "OutputDataConfig",
    "ModelArtifacts",
    "ResourceConfig",
    "StoppingCondition",
    "CreationTime",
    "TrainingStartTime",
    "TrainingEndTime",
    "LastModifiedTime",
    "SecondaryStatusTransitions",
    "TuningJobArn",
)
MESSAGES = {
    "Starting": "Preparing the instances for training",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Uploading": "Uploading generated training model",
    "Stopping": "Stopping the training job",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
    "Restarting": "Training job is started again after an interruption",
}
FINAL = frozenset({"Completed", "Failed", "Stopped"})


def advance(backends: Backends, name: str, secondary: str, *, status: str | None = None, **fields: object) -> Document:
    """Enter a secondary status (and perhaps a status, which is an event)."""
    now = time.time()
    with backends.store.transaction():
        job = backends.store.find(Kind.TRAINING_JOB, name) or {}
        transitions = [*job.get("SecondaryStatusTransitions", [])]
        if transitions:
            transitions[-1] = {"EndTime": now, **transitions[-1]}
        ended = {"EndTime": now} if status in FINAL else {}
        transitions.append({"Status": secondary, "StartTime": now, "StatusMessage": MESSAGES[secondary], **ended})
        changed = backends.store.change(
            Kind.TRAINING_JOB,
            name,
            **fields,
            SecondaryStatus=secondary,
            SecondaryStatusTransitions=transitions,
            LastModifiedTime=now,
            **({"TrainingJobStatus": status} if status else {}),
        )
        if status:
            backends.events.emit(EVENT, changed["TrainingJobArn"], detail_of(changed, *EVENT_MEMBERS))
    return changed

"""Making a training job known and starting it: what CreateTrainingJob and a tuning job's trials share."""

import time

from lakeloop.local.sagemaker.arns import Kind
from lakeloop.local.sagemaker.backends import Backends
from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.objects import S3Uri
from lakeloop.local.sagemaker.training.state import advance


def add_training_job(backends: Backends, request: Document) -> bool:
    """False when there is one of that name. It does nothing yet: `TrainingRuns.start` does."""
    name = request["TrainingJobName"]
    output = S3Uri.parse(request["OutputDataConfig"]["S3OutputPath"])
    now = time.time()
    job = {
        **request,
        "TrainingJobArn": backends.settings.arns.of(Kind.TRAINING_JOB, name),
        # Where the model will be; DescribeTrainingJob names it from the beginning.
        "ModelArtifacts": {"S3ModelArtifacts": str(output.below(name, "output", "model.tar.gz"))},
        "StoppingCondition": {"MaxRuntimeInSeconds": 86400, **request.get("StoppingCondition", {})},
        "CreationTime": now,
        "LastModifiedTime": now,
    }
    with backends.store.transaction():
        if not backends.store.add(Kind.TRAINING_JOB, name, job):
            return False
        advance(backends, name, "Starting", status="InProgress")
    return True

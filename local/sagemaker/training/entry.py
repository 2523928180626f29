"""What a training container runs, and the environment it finds."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from local.sagemaker.documents import Document

BUILT_IN = (sys.executable, "-m", "local.sagemaker.containers.xgboost.train")


@dataclass(frozen=True)
class Entry:
    command: Sequence[str]
    environment: Mapping[str, str]


def entry(job: Document) -> Entry:
    environment = {
        "TRAINING_JOB_NAME": job["TrainingJobName"],
        "TRAINING_JOB_ARN": job["TrainingJobArn"],
        **job.get("Environment", {}),
    }
    return Entry(BUILT_IN, environment)

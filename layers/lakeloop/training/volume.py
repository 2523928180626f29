"""The disk of a training instance: SageMaker copies all of a commit's objects to it before a trial begins.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ResourceConfig.html
"""

import math

from lakeloop.contract import Training
from lakeloop.contract.training import LARGEST_VOLUME_GB

LEAST_GB = 10
# As much again is left for the model, checkpoints and scratch.
SPARE = 2
GB = 2**30


def volume_gb(training: Training, data_bytes: int) -> int:
    """The size of the volume, in GB as AWS counts them."""
    return training.volume_gb or max(LEAST_GB, math.ceil(SPARE * data_bytes / GB))


def does_not_fit(training: Training, data_bytes: int) -> str:
    """Why a job could not begin on so much data, and what to do; empty where it can."""
    data, most = _told(data_bytes), LARGEST_VOLUME_GB
    if data_bytes > most * GB // SPARE:
        return f"{data} of data do not fit on the largest volume, which has {most:,} GB: keep less on main"
    if data_bytes > volume_gb(training, data_bytes) * GB:
        enough = math.ceil(SPARE * data_bytes / GB)
        return f"{data} of data do not fit on training.volume_gb: {training.volume_gb}. Leave it out, or write {enough}"
    return ""


def grown(training: Training, data_bytes: int) -> str:
    """A few words on a volume that is larger than usual because of the data; empty otherwise."""
    size = volume_gb(training, data_bytes)
    return f"{_told(data_bytes)} of data on a volume of {size} GB" if size > LEAST_GB else ""


def _told(data_bytes: int) -> str:
    return f"{data_bytes / GB:,.1f} GB"

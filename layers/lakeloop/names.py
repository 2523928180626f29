"""Names that are functions of what they name, so that doing a thing twice names the same thing."""

import hashlib

ENVIRONMENT_TAG = "lakeloop:environment"
DATASET_TAG = "lakeloop:dataset"
REPOSITORY_TAG = "lakeloop:repository"
COMMIT_TAG = "lakeloop:commit"
CORRELATION_TAG = "lakeloop:correlation-id"
TUNING_JOB_TAG = "lakeloop:tuning-job"
TRAINING_JOB_TAG = "lakeloop:training-job"
DESIRED_CONFIG_TAG = "lakeloop:desired-config"

MAIN = "main"
# Branches to which one delivery is written before it is merged; the name goes on with its correlation id.
INGEST_BRANCH = "ingest-"


def digest(*parts: str, length: int) -> str:
    """The first `length` hexadecimal characters of the SHA-256 of the parts, kept apart by NUL bytes."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:length]


def slug(dataset: str) -> str:
    """A dataset's name where underscores are not allowed; dataset names hold no hyphen, so two never meet."""
    return dataset.replace("_", "-")


def repository(name_prefix: str, dataset: str) -> str:
    return f"{name_prefix}-{slug(dataset)}"


def endpoint(name_prefix: str, dataset: str) -> str:
    return f"{name_prefix}-{slug(dataset)}"


def tuning_job_prefix(name_prefix: str, dataset: str) -> str:
    """What the names of all tuning jobs of a dataset begin with; there is no room for the dataset itself."""
    return f"{name_prefix}-{digest(dataset, length=4)}"


def tuning_job(name_prefix: str, dataset: str, commit: str, training: str) -> str:
    """At most 32 characters with a name prefix of 19: the limit of CreateHyperParameterTuningJob."""
    return f"{tuning_job_prefix(name_prefix, dataset)}{digest(commit, training, length=8)}"


def approved_contract_key(dataset: str) -> str:
    return f"contracts/approved/{dataset}.json"


def quarantine_key(dataset: str, event_id: str) -> str:
    return f"quarantine/{dataset}/{event_id}.parquet"


def manifest_key(dataset: str, commit: str, split: str) -> str:
    return f"manifests/{dataset}/{commit}/{split}.manifest"


def failure_key(function: str, message_id: str) -> str:
    return f"failures/{function}/{message_id}.json"

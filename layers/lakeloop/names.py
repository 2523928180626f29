"""Names that are functions of what they name, so that doing a thing twice names the same thing."""

import hashlib
import re

ENVIRONMENT_TAG = "lakeloop:environment"
DATASET_TAG = "lakeloop:dataset"
REPOSITORY_TAG = "lakeloop:repository"
COMMIT_TAG = "lakeloop:commit"
CORRELATION_TAG = "lakeloop:correlation-id"
TUNING_JOB_TAG = "lakeloop:tuning-job"
TUNING_STATUS_TAG = "lakeloop:tuning-status"
TRAINING_JOB_TAG = "lakeloop:training-job"
DESIRED_CONFIG_TAG = "lakeloop:desired-config"
# Of an endpoint whose updates are watched by alarms: when the last one began, in ISO 8601; empty where none watched.
WATCHED_TAG = "lakeloop:watched-since"
# Why a job was started, in a sentence, and what asked for it.
WHY_TAG = "lakeloop:why"
REASON_TAG = "lakeloop:reason"
# A person's ask, and who that is; `PINNED_TAG` is on jobs whose commit the person chose.
ASK_TAG = "lakeloop:ask"
WHO_TAG = "lakeloop:who"
PINNED_TAG = "lakeloop:pinned"
# What a search and the one that learns from it have in common.
SEARCH_TAG = "lakeloop:search"
# ARN of the model package that a config is made of; of an endpoint, the one that it serves.
MODEL_PACKAGE_TAG = "lakeloop:model-package"
# The config that the endpoint was last seen to serve as it should.
SERVED_CONFIG_TAG = "lakeloop:served-config"
# SHA-256 of the contract a model was trained with; the contract itself is at `model_contract_key`.
CONTRACT_TAG = "lakeloop:contract"
# Of a training job: where a catalog of models shows what it made.
CATALOG_TAG = "lakeloop:catalog"
# Of the code that started a tuning job.
GIT_SHA_TAG = "lakeloop:git-sha"

# Each version of this object is what one apply made live; Terraform writes it.
ROLLOUTS_KEY = "rollouts/functions.json"

MAIN = "main"
# Branches to which one delivery is written before it is merged; the name goes on with its correlation id.
INGEST_BRANCH = "ingest-"
# Branches that keep what a job reads from garbage collection; lakeFS takes no slash in the name of a branch.
KEEP_BRANCH = "keep-"

# No environment's name ends with a hyphen, and no dataset's begins with one.
SECOND = "-"

# What a contract lets its dataset be called.
DATASET_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def digest(*parts: str, length: int) -> str:
    """The first `length` hexadecimal characters of the SHA-256 of the parts, kept apart by NUL bytes."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:length]


def source_id(uri: str) -> str:
    """Names a landed file whatever its version: dropped again under its name, it replaces its rows."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return digest(bucket, key, length=32)


def event_id(uri: str, version: str, mended_by: str = "") -> str:
    """Names a version of a landed file, read with the version of its mended rows where it has some."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return digest(bucket, key, version, *filter(None, [mended_by]), length=32)


def slug(dataset: str) -> str:
    """A dataset's name where underscores are not allowed; dataset names hold no hyphen, so two never meet."""
    return dataset.replace("_", "-")


def repository(name_prefix: str, dataset: str) -> str:
    return f"{name_prefix}-{slug(dataset)}"


def endpoint(name_prefix: str, dataset: str) -> str:
    """The first endpoint of a dataset, which is also what its group of models is called."""
    return f"{name_prefix}-{slug(dataset)}"


def second_endpoint(name_prefix: str, dataset: str) -> str:
    """For a model that reads rows otherwise than the one that serves."""
    return f"{name_prefix}-{SECOND}{slug(dataset)}"


def endpoints(name_prefix: str, dataset: str) -> tuple[str, str]:
    """Both that a dataset may have."""
    return endpoint(name_prefix, dataset), second_endpoint(name_prefix, dataset)


def beside(name_prefix: str, endpoint: str) -> str:
    """The other one of its dataset's."""
    first, second = endpoints(name_prefix, dataset_of(name_prefix, endpoint))
    return first if endpoint == second else second


def errors_alarm(endpoint: str) -> str:
    return f"{endpoint}-serving-errors"


def latency_alarm(endpoint: str) -> str:
    return f"{endpoint}-serving-latency"


def dataset_of(name_prefix: str, endpoint: str) -> str:
    """The dataset one of whose endpoints, or whose group of models, is called so."""
    return endpoint.removeprefix(f"{name_prefix}-").removeprefix(SECOND).replace("-", "_")


def tuning_job_prefix(name_prefix: str, dataset: str) -> str:
    """What the names of all tuning jobs of a dataset begin with; there is no room for the dataset itself."""
    return f"{name_prefix}-{digest(dataset, length=4)}"


def tuning_job(name_prefix: str, dataset: str, commit: str, training: str, decision: str) -> str:
    """At most 32 characters with a name prefix of 19: the limit of CreateHyperParameterTuningJob.

    A name is taken for ever, so each `decision` to train on the same commit has its own: each attempt, each ask.
    """
    return f"{tuning_job_prefix(name_prefix, dataset)}{digest(commit, training, decision, length=8)}"


def keep_branch(tuning_job: str) -> str:
    """The branch that keeps the commit of a job."""
    return f"{KEEP_BRANCH}{tuning_job}"


def tag_value(text: str) -> str:
    """A sentence as the value of a tag: at most 256 of the characters that AWS takes there.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Tag.html
    """
    taken = "".join(letter if letter.isalnum() or letter in "_.:/=+-@" else " " for letter in text)
    return " ".join(taken.split())[:256].rstrip()


def approved_contract_key(dataset: str) -> str:
    return f"contracts/approved/{dataset}.json"


def approved_readings_key(dataset: str) -> str:
    return f"contracts/approved/{dataset}.readings.json"


def quarantine_key(dataset: str, event_id: str) -> str:
    return f"quarantine/{dataset}/{event_id}.parquet"


def reconciled_key(dataset: str, source: str) -> str:
    return f"reconciled/{dataset}/{source}.json"


def training_folder(dataset: str) -> str:
    """Below it each tuning job has a folder, with one for each of its training jobs."""
    return f"training/{dataset}/"


def manifest_key(dataset: str, commit: str, split: str) -> str:
    return f"manifests/{dataset}/{commit}/{split}.manifest"


def pairs_key(dataset: str, commit: str) -> str:
    return f"manifests/{dataset}/{commit}/pairs/pairs.json"


def program_key(digest: str) -> str:
    """A training program, by what is in it: jobs of before go on with theirs."""
    return f"training/programs/{digest}/sourcedir.tar.gz"


def feedback_folder(dataset: str) -> str:
    """Where predictions land again as rows, with the labels that callers sent for them."""
    return f"incoming/{dataset}/feedback/"


WINDOW_HOUR = "%Y-%m-%dT%H"
WINDOW = f"{WINDOW_HOUR}.parquet"


def feedback_key(dataset: str, window: str) -> str:
    """Where the predictions of an hour, written as WINDOW_HOUR, land with their labels."""
    return f"{feedback_folder(dataset)}{window}.parquet"


def join_state_key(dataset: str) -> str:
    return f"joined/{dataset}.json"


def failure_key(function: str, message_id: str) -> str:
    return f"failures/{function}/{message_id}.json"


def is_tuning_job(name_prefix: str, name: str) -> bool:
    """Whether a job is called as this environment's are; rights on jobs reach no further than that.

    An environment whose prefix begins with this one's has longer names.
    """
    return re.fullmatch(rf"{re.escape(name_prefix)}-[0-9a-f]{{12}}", name) is not None


def report_beside(evaluation: str) -> str:
    """The page about a model, by the address of its evaluation."""
    return f"{evaluation.rpartition('/')[0]}/report.html"


def transform_job(tuning_job: str, *scored: str) -> str:
    """Of the test rows of a tuning job's commit through one model, which `scored` names; 45 characters at most."""
    return f"{tuning_job}-{digest(*scored, length=12)}"


def is_transform_job(name_prefix: str, name: str) -> bool:
    """Whether a job is called as this environment's transforms are; rights reach no further than that."""
    return re.fullmatch(rf"{re.escape(name_prefix)}-[0-9a-f]{{12}}-[0-9a-f]{{12}}", name) is not None


def scores_key(dataset: str, tuning_job: str) -> str:
    """What the model of a tuning job said of the test rows that it was judged by."""
    return f"{evaluation_key(dataset, tuning_job)}/scores.parquet"


def evaluations_folder(dataset: str) -> str:
    """What models of a dataset were judged by, and what is known of each."""
    return f"evaluations/{dataset}/"


def test_rows_key(dataset: str, commit: str, recipe: str, most: int) -> str:
    """The folder of the first `most` test rows of a commit as a recipe's model reads them, without labels."""
    return f"{evaluations_folder(dataset)}rows/{commit}/{recipe}-{most}"


def evaluation_key(dataset: str, tuning_job: str) -> str:
    """The folder of what is known of the model of a tuning job: its scores, its metrics, its report."""
    return f"{evaluations_folder(dataset)}models/{tuning_job}"


def history_key(dataset: str, tuning_job: str) -> str:
    """What a training cycle gave, in a line."""
    return f"history/{dataset}/{tuning_job}.json"


def model_contract_key(sha256: str) -> str:
    return f"models/contracts/{sha256}.json"


def lease_key(function: str, dataset: str) -> str:
    return f"leases/{function}/{dataset}.json"


def report_key(dataset: str, step: str) -> str:
    return f"state/{dataset}/{step}.json"


def endpoint_off_key(dataset: str) -> str:
    """Says that a person wants no endpoint, who, when and why."""
    return f"state/{dataset}/endpoint_off.json"


def placement_key(dataset: str) -> str:
    """Says to which of a dataset's endpoints callers are sent, and since when."""
    return f"state/{dataset}/endpoint.json"


def answer_key(dataset: str, finding: str) -> str:
    """What was done about a finding of `reconcile`."""
    return f"reconciled/{dataset}/loop/{digest(finding, length=32)}.json"


def started_key(function: str, message_id: str) -> str:
    return f"started/{function}/{message_id}.json"


def letter_key(chain: str, subject: str) -> str:
    """What people did about the dead letters of one subject: a landed version, a commit, a job."""
    return f"letters/{chain}/{digest(subject, length=32)}.json"


def drift_page_key(dataset: str) -> str:
    """The page about what is known of predictions."""
    return f"state/{dataset}/drift.html"

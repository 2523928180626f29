"""The contracts that models were trained with, by what people know of them: the model, its tuning job, its commit."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lakeloop import names
from lakeloop.adapters.model_contracts import S3ModelContracts
from lakeloop.adapters.sagemaker_calls import is_missing, tags_of
from lakeloop.adapters.tuning import SageMakerTuner
from lakeloop.client.errors import MistakenNameError
from lakeloop.contract import DatasetContract

if TYPE_CHECKING:
    from lakeloop.client.environment import Environment

SHORTEST_COMMIT = 7


def trained_contract(environment: "Environment", at: str, datasets: Iterable[str]) -> DatasetContract:
    """The contract of a model, a tuning job, or the newest job on a commit, which may be cut to 7 characters.

    Raises MistakenNameError where none is called so.
    """
    digest = _of_model(environment, at) or _of_job(environment, at, datasets)
    if not digest:
        raise MistakenNameError(
            f"no model, tuning job or trained commit is called {at!r}",
            "`lakeloop status --json` names the models that are served and the commits they learned from",
        )
    return S3ModelContracts(environment.s3, environment.outputs.artifacts_bucket).get(digest)


def _of_model(environment: "Environment", name: str) -> str:
    try:
        arn = environment.sagemaker.describe_model(ModelName=name)["ModelArn"]
    except ClientError as error:
        if is_missing(error):
            return ""
        raise
    return tags_of(environment.sagemaker, arn).get(names.CONTRACT_TAG, "")


def _of_job(environment: "Environment", at: str, datasets: Iterable[str]) -> str:
    tuner = SageMakerTuner(environment.sagemaker, environment.outputs.name_prefix)
    for run in (run for dataset in datasets for run in tuner.runs(dataset)):
        if run.name == at or (len(at) >= SHORTEST_COMMIT and run.commit.startswith(at)):
            return run.tags.get(names.CONTRACT_TAG, "")
    return ""

"""The reports of model versions, which lie beside what was stored of their evaluation."""

from lakeloop import names
from lakeloop.adapters.objects import S3Objects
from lakeloop.adapters.registry import SageMakerPackages
from lakeloop.client.environment import Environment
from lakeloop.client.errors import AdvisedError, MistakenNameError
from lakeloop.client.models import model_named
from lakeloop.registry.ports import ModelVersion

SAY_WHICH = "write DATASET for its newest version, DATASET/VERSION such as wine/3, or the ARN of a model package"


def find_version(environment: Environment, model: str | None) -> ModelVersion:
    """The version that a person means; the newest of all datasets where nothing is said.

    Raises MistakenNameError where there is none.
    """
    outputs, number = environment.outputs, None
    datasets = list(outputs.datasets)
    if model is not None:
        named = model_named(environment, model)
        if named is None:
            raise MistakenNameError(f"{model!r} names no version of a model", SAY_WHICH)
        datasets, number = [named[0]], named[1]
    registry = SageMakerPackages(environment.sagemaker)
    groups = [registry.versions(names.endpoint(outputs.name_prefix, dataset)) for dataset in datasets]
    if number is None:
        newest = filter(None, (next(versions, None) for versions in groups))
        found = max(newest, key=lambda version: version.created, default=None)
    else:
        found = next((version for version in groups[0] if version.version == number), None)
    if found is None:
        of = f" of {datasets[0]}" if model else ""
        raise MistakenNameError(
            f"no model{of} was judged yet" if number is None else f"there is no version {number}{of}",
            "`lakeloop status` shows how far training is",
        )
    return found


def read_report(environment: Environment, version: ModelVersion) -> bytes:
    """The page, as HTML."""
    name = f"version {version.version} of {version.group}"
    if not version.evaluation:
        raise AdvisedError(f"{name} was registered without an evaluation", "a model of the loop has one: train again")
    address = names.report_beside(version.evaluation)
    page = S3Objects(environment.s3).read(address)
    if page is None:
        raise AdvisedError(f"{name} has no report: {address} is not there", "train again")
    return page

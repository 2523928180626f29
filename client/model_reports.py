"""The reports of model versions, which lie beside what was stored of their evaluation."""

import re
from collections.abc import Iterable

from lakeloop import names
from lakeloop.adapters.registry import SageMakerRegistry
from lakeloop.adapters.s3 import body_of
from lakeloop.client.environment import Environment
from lakeloop.client.errors import AdvisedError, MistakenNameError
from lakeloop.registry.ports import ModelRegistry, ModelVersion

SAY_WHICH = "write DATASET for its newest version, DATASET/VERSION such as wine/3, or the ARN of a model package"


def find_version(registry: ModelRegistry, name_prefix: str, datasets: Iterable[str], model: str | None) -> ModelVersion:
    """The version that a person means; the newest of all datasets where nothing is said.

    Raises MistakenNameError where there is none.
    """
    known = {name: names.endpoint(name_prefix, name) for name in datasets}
    dataset, number = _meant(model, known)
    newest = (next(registry.versions(known[name]), None) for name in ([dataset] if dataset else known))
    if number is None:
        found = max(filter(None, newest), key=lambda version: version.created, default=None)
    else:
        versions = registry.versions(known[dataset])
        found = next((version for version in versions if version.version == number), None)
    if found is None:
        of = f" of {dataset}" if dataset else ""
        raise MistakenNameError(
            f"no model{of} was judged yet" if number is None else f"there is no version {number}{of}",
            "`lakeloop status` shows how far training is",
        )
    return found


def _meant(model: str | None, known: dict[str, str]) -> tuple[str, int | None]:
    """The dataset, empty for any, and the version's number."""
    if model is None:
        return "", None
    said = re.fullmatch(r"(?:arn:.*:model-package/)?([^/:]+)(?:/([0-9]+))?", model)
    groups = {**{name: name for name in known}, **{group: name for name, group in known.items()}}
    if said is None or said[1] not in groups:
        raise MistakenNameError(f"{model!r} names no version of a model", SAY_WHICH)
    return groups[said[1]], int(said[2]) if said[2] else None


def read_report(environment: Environment, version: ModelVersion) -> bytes:
    """The page, as HTML."""
    name = f"version {version.version} of {version.group}"
    if not version.evaluation:
        raise AdvisedError(f"{name} was registered without an evaluation", "a model of the loop has one: train again")
    bucket, _, key = names.report_beside(version.evaluation).removeprefix("s3://").partition("/")
    found = body_of(environment.s3, bucket, key)
    if found is None:
        raise AdvisedError(f"{name} has no report: s3://{bucket}/{key} is not there", "train again")
    return found


def registry_of(environment: Environment) -> ModelRegistry:
    return SageMakerRegistry(environment.sagemaker)

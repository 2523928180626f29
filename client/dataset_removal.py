"""What there is of a dataset beside its contract, and deleting it: functions made it, and no state knows it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakeloop import names
from lakeloop.adapters.reaper import SageMakerReaper
from lakeloop.adapters.sagemaker_calls import tags_of
from lakeloop.client.environment import Environment

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ListObjectVersionsOutputTypeDef


@dataclass(frozen=True)
class KnownDataset:
    """A dataset that has a contract, or of which something is left; no repository where there is none."""

    name: str
    has_contract: bool
    endpoint: str | None
    repository: str | None


@dataclass(frozen=True)
class Remains:
    """What of a dataset can be deleted. `objects` are versions of S3 objects behind the repository."""

    dataset: str
    serving: tuple[str, ...]
    repository: str | None
    objects: int
    size_bytes: int

    @property
    def nothing(self) -> bool:
        return not (self.serving or self.repository or self.objects)


def known_datasets(environment: Environment) -> list[KnownDataset]:
    """All datasets of the environment, by name."""
    with_contract = set(environment.outputs.datasets)
    endpoints, repositories = dict(_endpoints(environment)), dict(_repositories(environment))
    return [
        KnownDataset(name, name in with_contract, endpoints.get(name), repositories.get(name))
        for name in sorted(with_contract | endpoints.keys() | repositories.keys())
    ]


def left_behind(environment: Environment) -> list[str]:
    """Names of datasets without a contract of which something is left."""
    return [dataset.name for dataset in known_datasets(environment) if not dataset.has_contract]


def look_at(environment: Environment, name: str) -> Remains:
    """What deleting the dataset would delete."""
    sizes = [version["Size"] for page in _object_versions(environment, name) for version in page.get("Versions", ())]
    serving = tuple(_reaper(environment, name).found())
    return Remains(name, serving, dict(_repositories(environment)).get(name), len(sizes), sum(sizes))


def delete(environment: Environment, remains: Remains) -> None:
    """Delete it, endpoints first. What is gone is passed over, so that a deletion that was cut off can be repeated."""
    _reaper(environment, remains.dataset).reap()
    if remains.repository:
        environment.lake.delete_repository(remains.repository)
    # Once lakeFS knows nothing of them any more; a later repository of this name is given a clean place.
    for page in _object_versions(environment, remains.dataset):
        found = (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
        versions = [{"Key": version["Key"], "VersionId": version["VersionId"]} for version in found]
        if versions:
            environment.s3.delete_objects(Bucket=environment.outputs.lake_bucket, Delete={"Objects": versions})  # type: ignore[typeddict-item]


def _reaper(environment: Environment, dataset: str) -> SageMakerReaper:
    return SageMakerReaper(environment.sagemaker, environment.outputs.name_prefix, dataset)


def _endpoints(environment: Environment) -> Iterator[tuple[str, str]]:
    """Datasets of this environment that have an endpoint, with its name."""
    prefix = environment.outputs.name_prefix
    for page in environment.sagemaker.get_paginator("list_endpoints").paginate(NameContains=prefix):
        for found in page["Endpoints"]:
            tags = tags_of(environment.sagemaker, found["EndpointArn"])
            if tags.get(names.ENVIRONMENT_TAG) == prefix and names.DATASET_TAG in tags:
                yield tags[names.DATASET_TAG], found["EndpointName"]


def _repositories(environment: Environment) -> Iterator[tuple[str, str]]:
    """Datasets of this environment that have a repository, with its name.

    The name alone does not tell: that of another environment may begin as ours does. Its place in our bucket does.
    """
    start = f"{environment.outputs.name_prefix}-"
    for repository, namespace in environment.lake.repositories(start):
        if namespace == f"s3://{environment.outputs.lake_bucket}/{repository}":
            yield repository.removeprefix(start).replace("-", "_"), repository


def _object_versions(environment: Environment, dataset: str) -> "Iterator[ListObjectVersionsOutputTypeDef]":
    prefix = f"{names.repository(environment.outputs.name_prefix, dataset)}/"
    paginator = environment.s3.get_paginator("list_object_versions")
    yield from paginator.paginate(Bucket=environment.outputs.lake_bucket, Prefix=prefix)

"""Deleting what a removed contract leaves: all of it, nothing of others, and what a cut-off deletion left."""

from collections.abc import Iterator
from contextlib import suppress

import pytest

from lakeloop import names
from lakeloop.client.dataset_removal import KnownDataset, delete, known_datasets, left_behind, look_at
from lakeloop.client.environment import Environment
from tests.unit.client.deployed import emulated

ROLE = "arn:aws:iam::123456789012:role/r"


class FakeLake:
    """Repositories by name, each with its storage namespace."""

    def __init__(self, **repositories: str) -> None:
        self.there = repositories

    def repositories(self, prefix: str) -> Iterator[tuple[str, str]]:
        return iter([(name, place) for name, place in self.there.items() if name.startswith(prefix)])

    def delete_repository(self, repository: str) -> None:
        self.there.pop(repository, None)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Environment]:
    """The contract of `breast_cancer` is deployed; that of `wine` is gone, and all the loop made for it is there."""
    with emulated(monkeypatch) as environment:
        bucket = environment.outputs.lake_bucket
        lake = FakeLake(
            **{f"lakeloop-test-{name}": f"s3://{bucket}/lakeloop-test-{name}" for name in ("breast-cancer", "wine")},
            # Of the environment `lakeloop-test-eu`.
            **{"lakeloop-test-eu-wine": "s3://lakeloop-test-eu-lake-123456789012/lakeloop-test-eu-wine"},
        )
        environment.__dict__["lake"] = lake
        for name in ("breast-cancer", "wine", "wine-red"):
            for version in (b"old", b"new"):
                environment.s3.put_object(Bucket=bucket, Key=f"lakeloop-test-{name}/data/1", Body=version)
        for name in ("breast-cancer", "wine"):
            serve(environment, f"lakeloop-test-{name}", dataset=name.replace("-", "_"))
        serve(environment, "lakeloop-test-eu-wine", dataset="wine", prefix="lakeloop-test-eu")
        yield environment


def serve(environment: Environment, name: str, *, dataset: str, prefix: str = "lakeloop-test") -> None:
    tags = [{"Key": names.ENVIRONMENT_TAG, "Value": prefix}, {"Key": names.DATASET_TAG, "Value": dataset}]
    client = environment.sagemaker
    client.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "i"}, Tags=tags)  # type: ignore[arg-type]
    variant = {"VariantName": "v", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    client.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant], Tags=tags)  # type: ignore[arg-type, list-item]
    client.create_endpoint(EndpointName=name, EndpointConfigName=name, Tags=tags)  # type: ignore[arg-type]


def endpoints(environment: Environment) -> set[str]:
    return {found["EndpointName"] for found in environment.sagemaker.list_endpoints()["Endpoints"]}


def test_a_dataset_without_a_contract_is_known_by_what_it_left(environment: Environment) -> None:
    assert known_datasets(environment) == [
        KnownDataset("breast_cancer", True, "lakeloop-test-breast-cancer", "lakeloop-test-breast-cancer"),
        KnownDataset("wine", False, "lakeloop-test-wine", "lakeloop-test-wine"),
    ]
    assert left_behind(environment) == ["wine"]


def test_looking_names_everything_and_deletes_nothing(environment: Environment) -> None:
    remains = look_at(environment, "wine")

    assert remains.serving == ("lakeloop-test-wine",) * 3
    assert (remains.repository, remains.objects, remains.size_bytes) == ("lakeloop-test-wine", 2, 6)
    assert look_at(environment, "wine") == remains


def test_deleting_takes_all_of_it_and_nothing_of_other_datasets_and_environments(environment: Environment) -> None:
    delete(environment, look_at(environment, "wine"))

    assert look_at(environment, "wine").nothing
    assert left_behind(environment) == []
    assert endpoints(environment) == {"lakeloop-test-breast-cancer", "lakeloop-test-eu-wine"}
    assert look_at(environment, "breast_cancer").objects == 2
    assert environment.lake.there.keys() == {"lakeloop-test-breast-cancer", "lakeloop-test-eu-wine"}  # type: ignore[attr-defined]


@pytest.mark.parametrize("half", ["serving", "repository", "objects"])
def test_a_half_that_is_left_is_found_and_deleted(environment: Environment, half: str) -> None:
    remains = look_at(environment, "wine")
    if half != "serving":
        for call in ("endpoint", "endpoint_config", "model"):
            key = {"endpoint": "EndpointName", "endpoint_config": "EndpointConfigName", "model": "ModelName"}[call]
            getattr(environment.sagemaker, f"delete_{call}")(**{key: "lakeloop-test-wine"})
    if half != "repository":
        environment.lake.delete_repository("lakeloop-test-wine")
    if half != "objects":
        with suppress(KeyError):
            for version in environment.s3.list_object_versions(
                Bucket=environment.outputs.lake_bucket, Prefix="lakeloop-test-wine/"
            )["Versions"]:
                environment.s3.delete_object(
                    Bucket=environment.outputs.lake_bucket, Key=version["Key"], VersionId=version["VersionId"]
                )

    left = look_at(environment, "wine")
    assert not left.nothing
    delete(environment, left)

    assert remains != left
    assert look_at(environment, "wine").nothing


def test_objects_of_a_dataset_whose_name_begins_as_this_one_stay(environment: Environment) -> None:
    delete(environment, look_at(environment, "wine"))

    assert look_at(environment, "wine_red").objects == 2


def test_no_marker_of_a_deleted_object_is_left(environment: Environment) -> None:
    bucket = environment.outputs.lake_bucket
    environment.s3.delete_object(Bucket=bucket, Key="lakeloop-test-wine/data/1")

    delete(environment, look_at(environment, "wine"))

    left = environment.s3.list_object_versions(Bucket=bucket, Prefix="lakeloop-test-wine/")
    assert "DeleteMarkers" not in left
    assert "Versions" not in left

"""One local cloud for the session: the real Terraform, the real provider, the unmodified infra/, the shipped zips."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.environment import Environment, enter
from local.cloud import CloudPaths, LocalCloud
from local.terraform import Terraform
from scripts.build import build
from tests.data import ROOT
from tests.e2e.inventory import Inventory


@dataclass(frozen=True)
class Deployment:
    """The loop as a user has it after `lakeloop up`.

    `variables` lead Terraform to the cloud; `untouched` is what the cloud held before Terraform came.
    """

    variables: dict[str, str]
    terraform: Terraform
    environment: Environment
    untouched: Inventory


# Before xdist reads the marks.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep these tests on one worker and in order: they share one cloud, and the last of them destroys it."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("cloud"))


@pytest.fixture(scope="session")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    before = dict(os.environ)
    cloud = LocalCloud.start(CloudPaths(root=ROOT, local=tmp_path_factory.mktemp("cloud")))
    try:
        enter(cloud.environment)
        build(cloud.environment["TF_VAR_lambda_runtime"], cloud.environment["TF_VAR_lambda_architecture"])
        untouched = Inventory.take()
        terraform = Terraform(ROOT / "infra", cloud.environment)
        terraform.init()
        terraform.apply()
        yield Deployment(cloud.environment, terraform, Environment.current(), untouched)
    finally:
        cloud.stop()
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture(scope="session")
def drops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("drops")

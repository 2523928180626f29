"""One local cloud for the session: the real Terraform, the real provider, the unmodified infra/, the shipped zips."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from lakeloop.client.contracts import build_contracts
from lakeloop.client.environment import Environment, enter
from lakeloop.local.cloud import CloudPaths, LocalCloud
from lakeloop.local.terraform.command import Terraform
from lakeloop.scripts.build import build
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


@contextmanager
def entered(variables: dict[str, str]) -> Iterator[None]:
    """Speak to this cloud, and afterwards to whatever it was before."""
    before = dict(os.environ)
    enter(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture(scope="session")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    cloud = LocalCloud.start(CloudPaths(root=ROOT, local=tmp_path_factory.mktemp("cloud")), iam_enforced=True)
    try:
        with entered(cloud.environment):
            build_contracts()
            build(cloud.environment["TF_VAR_lambda_runtime"], cloud.environment["TF_VAR_lambda_architecture"])
            untouched = Inventory.take()
            terraform = Terraform(ROOT / "infra", cloud.environment)
            terraform.init()
            terraform.apply()
            environment = Environment.current()
        yield Deployment(cloud.environment, terraform, environment, untouched)
    finally:
        cloud.stop()


@pytest.fixture(scope="module", autouse=True)
def inside(deployment: Deployment) -> Iterator[None]:
    with entered(deployment.variables):
        yield


@pytest.fixture(scope="session")
def drops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("drops")

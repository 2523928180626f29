import pytest

from lakeloop.compiler.build import build
from tests.infra.planned import Resource, planned
from tests.infra.running import Terraform


@pytest.fixture(scope="session")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    """Terraform with infra/ initialised and the contracts compiled."""
    build()
    prepared = Terraform.prepared(tmp_path_factory.mktemp("terraform"))
    result = prepared.run("init", "-input=false", "-no-color")
    assert result.returncode == 0, result.stdout + result.stderr
    return prepared


@pytest.fixture(scope="session")
def plan(terraform: Terraform) -> list[Resource]:
    """Everything, with no more than what an environment must be given."""
    return planned(terraform, "tests/plan.tftest.hcl")

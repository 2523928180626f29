"""Environments differ by values alone, each with a state of its own; what an account needs first is planned."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.cases import OPS
from tests.data import ROOT
from tests.infra.running import INFRA, Terraform

ENVIRONMENTS = sorted((ROOT / "envs").glob("*.tfvars"))


def assigned(file: Path) -> dict[str, str]:
    """The values that a file gives at its top, as they are written."""
    return dict(re.findall(r"^(\w+) *= (.*)$", file.read_text(), re.MULTILINE))


@pytest.mark.parametrize("values", ENVIRONMENTS, ids=lambda file: file.stem)
def test_values_are_of_variables_that_there_are_and_name_their_environment(values: Path) -> None:
    written = "".join(file.read_text() for file in INFRA.glob("variables*.tf"))
    variables = set(re.findall(r'^variable "(\w+)"', written, re.MULTILINE))

    assert set(assigned(values)) <= variables
    assert assigned(values)["environment"] == f'"{values.stem}"'
    assert "lakefs_credentials" not in assigned(values)


def test_each_environment_has_a_state_of_its_own_that_is_locked_and_encrypted() -> None:
    backends = {file.stem: assigned(file.with_suffix(".s3.tfbackend")) for file in ENVIRONMENTS}

    assert {name: backend["key"] for name, backend in backends.items()} == {
        name: f'"{name}/lakeloop.tfstate"' for name in backends
    }
    assert {(backend["encrypt"], backend["use_lockfile"]) for backend in backends.values()} == {("true", "true")}


def test_production_lets_no_destroy_take_data_and_tells_somebody() -> None:
    production = assigned(ROOT / "envs" / "prod.tfvars")

    assert "force_destroy" not in production
    assert production["alarm_topic_arn"].startswith('"arn:aws:sns:')


def test_the_values_of_production_can_be_planned(terraform: Terraform) -> None:
    file = "-filter=tests/environment.tftest.hcl"

    result = terraform.run("test", "-no-color", file, f"-var-file={ROOT / 'envs' / 'prod.tfvars'}")

    assert result.returncode == 0, result.stdout + result.stderr


def runs(file: str) -> dict[str, str]:
    """What each run of a file of infra/tests says, by its name."""
    written = (INFRA / "tests" / f"{file}.tftest.hcl").read_text()
    return dict(re.findall(r'^run "(\w+)" {\n(.*?)^}', written, re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize(
    ("case", "file"), [("prod-values-on-dev-state", "prod"), ("second-region-same-environment", "eu")]
)
def test_values_that_name_what_another_state_has_are_planned_as_the_case_gives_them(case: str, file: str) -> None:
    """That they are refused is a run of infra/tests/owner.tftest.hcl, which is called as the case."""
    run = runs("owner")[case.replace("-", "_")]

    given = {name: value.split("#")[0].strip() for name, value in assigned(OPS / case / f"{file}.tfvars").items()}
    planned = dict(re.findall(r"^ +(\w+) *= (.*)$", run, re.MULTILINE))

    # What both name alike is the first environment's own, as the server is.
    for name in ("environment", "region"):
        assert planned.get(name, given[name]) == given[name]
    assert "expect_failures = [terraform_data.owner]" in run


@pytest.mark.parametrize("case", ["lakefs-endpoint-with-path"])
def test_of_a_servers_addresses_its_root_is_taken_and_a_path_is_refused_at_plan(case: str) -> None:
    """Each address of the case is planned by a run of infra/tests/loop.tftest.hcl."""
    refused = {
        address: "expect_failures = [var.lakefs_endpoint]" in run
        for run in runs("loop").values()
        for address in re.findall(r'^ +lakefs_endpoint *= "(.*)"$', run, re.MULTILINE)
    }
    addresses = [line.split()[0] for line in (OPS / case / "cases.txt").read_text().splitlines()]

    assert len(addresses) == 3
    for address in addresses:
        assert refused[address] == (urlsplit(address).path != "/")


def test_what_an_account_needs_first(terraform: Terraform, tmp_path: Path) -> None:
    bootstrap = Terraform({**terraform.environment, "TF_DATA_DIR": str(tmp_path)})
    begun = bootstrap.run("init", "-input=false", "-no-color", folder=ROOT / "bootstrap")
    assert begun.returncode == 0, begun.stdout + begun.stderr

    result = bootstrap.run("test", "-no-color", folder=ROOT / "bootstrap")

    assert result.returncode == 0, result.stdout + result.stderr

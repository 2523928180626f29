"""What is deployed, from Terraform's outputs alone."""

import json
import os
from pathlib import Path

import pytest

from lakeloop.client import environment as environment_module
from lakeloop.client.environment import Environment, Outputs, api_base_url, enter, parse_outputs, read_outputs
from lakeloop.client.errors import AdvisedError, MistakenNameError, NotDeployedError
from tests.unit.client.deployed import OUTPUTS


def as_terraform_prints(values: dict[str, object]) -> str:
    return json.dumps({name: {"sensitive": False, "value": value} for name, value in values.items()})


def test_outputs_are_read_as_terraform_prints_them_and_unknown_ones_are_left_alone() -> None:
    outputs = parse_outputs(as_terraform_prints({**OUTPUTS, "added_later": 1}))

    assert outputs.name_prefix == "lakeloop-test"
    assert outputs.chains["transform_data"].log_group == "/aws/lambda/lakeloop-test-transform-data"


def test_no_outputs_mean_that_nothing_is_deployed() -> None:
    with pytest.raises(AdvisedError, match="nothing is deployed") as raised:
        parse_outputs("{}")

    assert "lakeloop apply" in raised.value.advice


def test_outputs_of_another_version_are_named() -> None:
    older = {name: value for name, value in OUTPUTS.items() if name not in ("api_id", "chains")}

    with pytest.raises(AdvisedError, match="api_id, chains"):
        parse_outputs(as_terraform_prints(older))


def test_the_api_is_called_at_its_own_url_on_aws_and_below_the_emulator_locally() -> None:
    outputs = Outputs.model_validate(OUTPUTS)

    assert api_base_url(outputs, None) == "https://abc123.execute-api.us-east-1.amazonaws.com/v1"
    assert api_base_url(outputs, "http://127.0.0.1:4566/") == "http://127.0.0.1:4566/_aws/execute-api/abc123/v1"


def test_entering_a_cloud_leaves_nothing_of_another_aws_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {"AWS_PROFILE": "work", "AWS_SESSION_TOKEN": "secret", "HOME": "/home/me"})

    enter({"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"})

    assert dict(os.environ) == {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "HOME": "/home/me"}


def test_a_missing_terraform_is_said_to_be_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(AdvisedError, match="terraform is not on the PATH") as raised:
        read_outputs(tmp_path)

    assert "https://" in raised.value.advice


def test_a_terraform_that_fails_is_quoted_with_its_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    terraform = tmp_path / "terraform"
    terraform.write_text("#!/bin/sh\necho 'Warning: old\n\nError: Error acquiring the state lock' >&2\nexit 1\n")
    terraform.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    with pytest.raises(AdvisedError, match=r"deployed: Error: Error acquiring the state lock$"):
        read_outputs(tmp_path)


@pytest.mark.parametrize(
    "said",
    [
        "Error: Required plugins are not installed",
        "Error: Inconsistent dependency lock file",
        'Error: Backend initialization required, please run "terraform init"',
    ],
)
def test_before_the_first_apply_nothing_is_said_to_be_deployed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: str
) -> None:
    terraform = tmp_path / "terraform"
    terraform.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 1\n")
    terraform.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    with pytest.raises(NotDeployedError, match="nothing is deployed yet") as raised:
        read_outputs(tmp_path)

    assert "lakeloop apply" in raised.value.advice


@pytest.mark.parametrize(("name", "meant"), [("breast-cancer", "did you mean breast_cancer?"), ("zzz", "name one")])
def test_an_unknown_dataset_is_answered_with_the_nearest_name_and_all_names(name: str, meant: str) -> None:
    with pytest.raises(MistakenNameError, match="no dataset is called") as raised:
        Environment(Outputs.model_validate(OUTPUTS)).require_dataset(name)

    assert raised.value.advice.startswith(meant)
    assert "breast_cancer" in raised.value.advice


def test_a_root_that_is_named_is_meant_and_not_the_local_cloud(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[Path] = []

    def read(infra: Path) -> Outputs:
        asked.append(infra)
        return Outputs.model_validate(OUTPUTS)

    monkeypatch.setattr(environment_module, "read_outputs", read)
    monkeypatch.setenv("LAKELOOP_INFRA", str(tmp_path))

    assert Environment.load().outputs.name_prefix == "lakeloop-test"
    assert asked == [tmp_path]

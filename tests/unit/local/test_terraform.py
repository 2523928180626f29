"""The real Terraform binary, on configurations that need no provider."""

import json
import os
import shutil
import time
from pathlib import Path

import psutil
import pytest

from lakeloop.local.terraform.command import Terraform, TerraformError, failure

CONFIGURATION = """
variable "word" { type = string }
resource "terraform_data" "word" { input = var.word }
output "word" { value = terraform_data.word.output }
output "shape" { value = { list = [1, 2] } }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "infra"
    made.mkdir()
    (made / "main.tf").write_text(CONFIGURATION)
    return made


def terraform(folder: Path, **variables: str) -> Terraform:
    own = {
        "TF_DATA_DIR": str(folder.parent / "data"),
        "TF_CLI_CONFIG_FILE": os.devnull,
        **{f"TF_CLI_ARGS_{name}": f"-state={folder.parent / 'kept.tfstate'}" for name in ("plan", "apply", "destroy")},
        "TF_CLI_ARGS_output": f"-state={folder.parent / 'kept.tfstate'}",
        "TF_VAR_word": "blue",
    }
    return Terraform(folder, {**own, **variables})


def test_a_configuration_is_applied_read_and_destroyed(folder: Path) -> None:
    lines: list[str] = []
    subject = terraform(folder)

    subject.init()
    assert subject.plan() is True
    subject.apply(lines.append)

    assert any("Apply complete! Resources: 1 added" in line for line in lines)
    assert subject.output() == {"word": "blue", "shape": {"list": [1, 2]}}
    assert subject.plan() is False
    assert terraform(folder, TF_VAR_word="green").plan() is True

    subject.destroy()
    assert subject.output() == {}


def test_what_is_named_is_made_anew(folder: Path) -> None:
    subject = terraform(folder)
    subject.init()
    subject.apply()
    lines: list[str] = []

    subject.apply(lines.append, replace=["terraform_data.word"])

    assert any("Resources: 1 added, 0 changed, 1 destroyed" in line for line in lines)


def test_nothing_but_the_lock_file_is_written_beside_the_configuration(folder: Path) -> None:
    subject = terraform(folder)
    subject.init()
    subject.apply()

    assert {path.name for path in folder.iterdir()} <= {"main.tf", ".terraform.lock.hcl"}
    assert (folder.parent / "kept.tfstate").exists()


def test_an_error_repeats_what_terraform_said(folder: Path) -> None:
    (folder / "main.tf").write_text('resource "terraform_data" "x" { input = var.missing }')

    with pytest.raises(TerraformError, match="undeclared input variable") as raised:
        terraform(folder).apply()

    assert raised.value.what_to_do


def test_every_error_is_repeated_however_many_there_are(folder: Path) -> None:
    wrong = (f'resource "terraform_data" "x{number}" {{ input = var.missing{number} }}\n' for number in range(40))
    (folder / "main.tf").write_text("".join(wrong))

    with pytest.raises(TerraformError) as raised:
        terraform(folder).apply()

    assert [number for number in range(40) if f"missing{number}" not in raised.value.what] == []


def test_a_cloud_that_is_gone_is_told_once() -> None:
    refused = ["", "Error: reading S3 Bucket", "", "dial tcp 127.0.0.1:4566: connect: connection refused"]

    told = failure("apply", refused * 85)

    assert told.what.count("connection refused") == 1
    assert "84 more errors of this kind" in told.what
    assert "lakeloop status" in told.what_to_do


def test_a_provider_that_cannot_be_had_is_explained(folder: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    configuration = tmp_path / "cli.tfrc"
    configuration.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{empty}"\n  }}\n}}\n')
    (folder / "main.tf").write_text(
        'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n'
    )

    with pytest.raises(TerraformError) as raised:
        terraform(folder, TF_CLI_CONFIG_FILE=str(configuration)).init()

    assert "TF_PLUGIN_DIR" in raised.value.what_to_do


def test_a_missing_binary_is_named_with_where_to_get_it(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(TerraformError, match="not installed") as raised:
        terraform(folder, PATH=str(tmp_path)).init()

    assert "https://developer.hashicorp.com/terraform/install" in raised.value.what_to_do


def test_an_interrupt_stops_terraform_and_keeps_what_was_made(folder: Path) -> None:
    (folder / "main.tf").write_text(
        'resource "terraform_data" "first" { input = "made" }\n'
        'resource "terraform_data" "slow" {\n  depends_on = [terraform_data.first]\n'
        '  provisioner "local-exec" {\n    command = "sleep 300"\n  }\n}\n'
    )
    subject = terraform(folder)
    subject.init()

    def interrupt(line: str) -> None:
        if "Provisioning with 'local-exec'" in line:
            raise KeyboardInterrupt

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        subject.apply(interrupt)

    assert time.monotonic() - started < 60
    assert not [child for child in psutil.Process().children(recursive=True) if "terraform" in child.name()]
    state = json.loads((folder.parent / "kept.tfstate").read_text())
    assert "first" in {resource["name"] for resource in state["resources"]}


def test_the_developers_aws_variables_stay_out(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of the developer")
    monkeypatch.setenv("UNRELATED", "kept")
    fake = tmp_path / "bin" / "terraform"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\nenv\n")
    fake.chmod(0o755)
    lines: list[str] = []

    path = f"{fake.parent}:{Path(shutil.which('env') or '/usr/bin/env').parent}"
    terraform(folder, PATH=path, AWS_ACCESS_KEY_ID="test").init(lines.append)

    assert "AWS_ACCESS_KEY_ID=test" in lines
    assert "UNRELATED=kept" in lines
    assert not [line for line in lines if line.startswith("AWS_SESSION_TOKEN")]

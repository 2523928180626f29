"""What GitHub's workflows may do, and what the locks that they install from are."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.data import ROOT

READS = {"contents": "read"}
ASSUMES = {**READS, "id-token": "write"}
LOCKS = sorted([*(ROOT / "requirements").glob("*.txt"), *(ROOT / "layers").glob("*.txt")])


def workflow(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / ".github" / "workflows" / f"{name}.yml").read_text())
    return loaded


def test_a_workflow_may_read_and_nothing_else_but_what_a_job_names() -> None:
    request = workflow("pull-request")

    assert request["permissions"] == READS
    named = {name: job["permissions"] for name, job in request["jobs"].items() if "permissions" in job}
    assert named == {"plan": {**ASSUMES, "pull-requests": "write"}}


def test_a_pull_request_of_a_fork_gets_no_identity() -> None:
    condition = workflow("pull-request")["jobs"]["plan"]["if"]

    assert "github.event.pull_request.head.repo.full_name == github.repository" in condition


def test_what_changes_an_account_waits_for_its_environment() -> None:
    deploy = workflow("deploy")

    assert deploy["permissions"] == ASSUMES
    assert {job["environment"] for job in deploy["jobs"].values()} == {"${{ inputs.environment }}"}


def test_no_step_puts_what_a_caller_wrote_into_a_script() -> None:
    for file in (ROOT / ".github" / "workflows").glob("*.yml"):
        for job in yaml.safe_load(file.read_text())["jobs"].values():
            assert not [step["run"] for step in job["steps"] if "${{" in step.get("run", "")]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_package_of_a_lock_has_a_hash_and_no_registry_is_named(lock: Path) -> None:
    text = lock.read_text()
    packages = re.split(r"^(?=\w)", re.sub(r"^ *#.*\n", "", text, flags=re.MULTILINE), flags=re.MULTILINE)[1:]

    assert packages
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}\b", package) for package in packages)
    assert not re.search(r"--(extra-)?index-url|https?://", text)

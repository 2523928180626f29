"""The built wheel: what is in it, and the whole loop from it in an empty folder."""

import hashlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.data import ROOT
from tests.wheel.conftest import Installed

LIMIT_BYTES = 2_000_000
EXAMPLES = ROOT / "datasets" / "examples"


@pytest.fixture(scope="module")
def members(wheel: Path) -> set[str]:
    return set(zipfile.ZipFile(wheel).namelist())


def test_the_wheel_puts_one_name_into_its_users_environment(members: set[str]) -> None:
    tops = {name.split("/")[0] for name in members}

    assert {top for top in tops if not top.endswith(".dist-info")} == {"lakeloop"}


def test_the_wheel_carries_what_terraform_and_the_functions_need(members: set[str]) -> None:
    for folder, pattern in (("infra", "*.tf"), ("infra", "*.json"), ("lambdas", "handler.py")):
        for file in (ROOT / folder).rglob(pattern):
            if not file.is_relative_to(ROOT / "infra" / "tests"):
                assert f"lakeloop/project/{file.relative_to(ROOT)}" in members


def test_the_wheel_carries_the_examples_and_no_contract_of_who_builds_it(members: set[str]) -> None:
    carried = {name for name in members if name.startswith("lakeloop/project/datasets/")}
    files = (file for file in EXAMPLES.rglob("*") if file.is_file())
    examples = {f"lakeloop/project/datasets/examples/{file.relative_to(EXAMPLES)}" for file in files}

    assert carried - examples == {
        "lakeloop/project/datasets/breast_cancer.yaml",
        "lakeloop/project/datasets/contract.schema.json",
        "lakeloop/project/datasets/examples/LICENCES.md",
    }
    assert examples <= carried


def test_the_wheel_carries_no_tests_samples_or_pages(members: set[str]) -> None:
    assert not [name for name in members if "tests/" in name or "/events/" in name or name.endswith("README.md")]


def test_the_wheel_is_small(wheel: Path) -> None:
    assert wheel.stat().st_size < LIMIT_BYTES


def test_the_installed_command_helps_without_a_checkout(installed: Installed) -> None:
    assert "Commands" in installed.lakeloop("--help")
    assert list(installed.folder.iterdir()) == []


def test_where_nothing_runs_the_installed_command_says_how_to_begin(installed: Installed) -> None:
    ended = installed.ended("apply")

    assert ended.returncode == 1
    assert "lakeloop up" in ended.stderr


@pytest.fixture
def stopped(installed: Installed) -> Iterator[Installed]:
    """The installed command, whose local cloud is stopped whatever happens."""
    yield installed
    installed.lakeloop("down", "--reset")


def contents(package: Path) -> dict[str, str]:
    files = (file for file in package.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    return {str(file.relative_to(package)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


@pytest.mark.long
def test_the_whole_loop_runs_from_the_wheel_in_an_empty_folder(stopped: Installed) -> None:
    lakeloop, folder, package = stopped.lakeloop, stopped.folder, contents(stopped.package)

    said = lakeloop("demo", KEEP="1")

    assert "there was no folder datasets/ here: it now holds the example breast_cancer.yaml" in said
    report = json.loads((folder / ".local" / "demo-report.json").read_text())
    assert (report["landed_rows"], report["committed_rows"], report["quarantined_rows"]) == (462, 456, 6)

    # What the demo left is what every other command works on, also after a stop.
    row = f"{folder / '.local' / 'demo' / 'held-out.csv'}:3"
    lakeloop("down")
    lakeloop("up")
    assert "breast_cancer" in lakeloop("status")
    assert "malignant" in lakeloop("predict", "--dataset", "breast_cancer", "--row", row)
    lakeloop("drop", str(folder / ".local" / "demo" / "tumours-1.csv"), "--dataset", "breast_cancer", "--follow")
    assert "0 added, 0 changed, 0 destroyed" in lakeloop("apply")
    assert "nothing new" in lakeloop("demo")

    assert {path.name for path in folder.iterdir()} == {".local", "build", "datasets"}
    assert contents(stopped.package) == package

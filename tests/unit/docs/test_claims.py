"""Threat model and safeguards claim nothing that no test holds."""

import re

import pytest

from tests.data import ROOT

PAGES = pytest.mark.parametrize("page", ["threat-model.md", "safeguards.md"])


@PAGES
def test_every_test_that_is_named_is_there(page: str) -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / page).read_text()))
    there = {
        name for file in (ROOT / "tests").rglob("test_*.py") for name in re.findall(r"def (test_\w+)", file.read_text())
    }

    assert named
    assert named <= there


@PAGES
def test_every_run_that_is_named_is_there(page: str) -> None:
    named = set(re.findall(r"run `(\w+)`", (ROOT / "docs" / page).read_text()))
    files = [file for folder in ("infra", "bootstrap") for file in (ROOT / folder).rglob("*.tftest.hcl")]

    assert named
    assert named <= {name for file in files for name in re.findall(r'^run "(\w+)"', file.read_text(), re.MULTILINE)}

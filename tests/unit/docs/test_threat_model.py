"""The threat model claims nothing that no test holds."""

import re

from tests.data import ROOT

PAGE = (ROOT / "docs" / "threat-model.md").read_text()


def test_every_test_that_is_named_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    there = {
        name for file in (ROOT / "tests").rglob("test_*.py") for name in re.findall(r"def (test_\w+)", file.read_text())
    }

    assert named
    assert named <= there


def test_every_run_that_is_named_is_there() -> None:
    named = set(re.findall(r"run `(\w+)`", PAGE))
    files = [file for folder in ("infra", "bootstrap") for file in (ROOT / folder).rglob("*.tftest.hcl")]

    assert named
    assert named <= {name for file in files for name in re.findall(r'^run "(\w+)"', file.read_text(), re.MULTILINE)}

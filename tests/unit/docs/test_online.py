"""The page about predictions that come back: its commands are the command's own, its links lead somewhere."""

import re
from pathlib import Path

import pytest

from tests.data import ROOT
from tests.unit.docs.test_runbooks import parsed

PAGE = ROOT / "docs" / "online.md"


def test_the_commands_of_the_page_are_taken_as_they_stand_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("labels.csv").touch()

    text = PAGE.read_text()
    lines = [
        *re.findall(r"^(?:[A-Z]+=\$\()?(lakeloop [^)\n]+)\)?$", text, re.MULTILINE),
        *re.findall(r"`(lakeloop [^`]+)`", text),
    ]

    assert len(lines) >= 5
    for line in lines:
        parsed(line)


def test_every_link_of_the_page_leads_somewhere() -> None:
    for link in re.findall(r"\]\(([^)#]+\.md)", PAGE.read_text()):
        assert (PAGE.parent / link).exists(), link

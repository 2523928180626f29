"""Runbooks: a page for each kind of alarm, laid out alike, whose commands are the command's own."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from lakeloop.cli.main import app
from tests.data import ROOT

PAGES = sorted(path for path in (ROOT / "docs" / "runbooks").glob("*.md") if path.name != "README.md")


def commands(page: Path) -> list[str]:
    """The lines of its blocks, and what stands in backquotes between them."""
    text = page.read_text()
    blocks = [line.strip() for block in re.findall(r"```\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    return [line for line in [*blocks, *re.findall(r"`(lakeloop [^`]+)`", text)] if line]


def parsed(line: str) -> None:
    """Read a command line down to its last command, without running it; what is wrong with it is raised."""
    name, *arguments = shlex.split(line)
    assert name == "lakeloop"
    command: Any = get_command(app)
    context = command.make_context(name, arguments)
    while hasattr(command, "resolve_command"):
        found, command, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        context = command.make_context(found, rest, parent=context)


def test_reading_a_command_finds_what_is_wrong_with_it() -> None:
    for wrong in ("lakeloop nope", "lakeloop dlq list --nope", "lakeloop quarantine show"):
        with pytest.raises(Exception, match=r"No such|Missing parameter"):
            parsed(wrong)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_says_what_it_means_how_to_look_what_to_do_and_when_it_is_over(page: Path) -> None:
    headings = re.findall(r"^##? (.*)$", page.read_text(), re.MULTILINE)

    assert headings[1:] == ["What it means", "Look", "Do", "Over when"]
    assert commands(page)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_commands_of_a_page_are_taken_as_they_stand_there(page: Path) -> None:
    for line in commands(page):
        parsed(line)


def test_every_page_is_in_the_list_and_every_link_leads_somewhere() -> None:
    folder = ROOT / "docs" / "runbooks"
    listed = re.findall(r"\]\(([\w-]+\.md)\)", (folder / "README.md").read_text())

    assert sorted(listed) == [page.name for page in PAGES]
    for page in PAGES:
        for link in re.findall(r"\]\(([^)]+\.md)\)", page.read_text()):
            assert (folder / link).exists(), f"{page.name}: {link}"

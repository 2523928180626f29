"""Commands are printed as this person can call them."""

import sys
from pathlib import Path

import pytest

from lakeloop.cli.invocation import command, readable


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The script of a virtual environment in the current folder, which is not on the PATH."""
    made = tmp_path / "my venv" / "bin" / "lakeloop"
    made.parent.mkdir(parents=True)
    made.touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(sys, "argv", [str(made)])
    return made


@pytest.mark.usefixtures("script")
def test_a_script_off_the_path_is_named_from_the_current_folder() -> None:
    assert command() == "'my venv/bin/lakeloop'"


def test_a_script_on_the_path_needs_no_folder(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(script.parent))

    assert command() == "lakeloop"


def test_another_lakeloop_on_the_path_is_not_named(
    script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other" / "lakeloop"
    other.parent.mkdir()
    other.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(other.parent))

    assert command() == "'my venv/bin/lakeloop'"


@pytest.mark.usefixtures("script")
def test_a_path_elsewhere_is_given_in_full() -> None:
    assert readable(Path("/etc/hosts")) == "/etc/hosts"

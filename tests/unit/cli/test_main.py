"""The command as a person meets it when something is wrong: words on stderr, exit code 1, no trace."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lakeloop.cli.main import main
from lakeloop.client import environment, local_cloud
from lakeloop.local.cloud import CloudPaths

Run = Callable[..., str]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command where no local cloud is; its stderr, once it has ended with code 1."""
    monkeypatch.setattr(local_cloud, "PATHS", CloudPaths(local=tmp_path))

    def run_command(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["lakeloop", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 1
        return capsys.readouterr().err

    return run_command


@pytest.fixture
def _no_terraform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.usefixtures("_no_terraform")
@pytest.mark.parametrize(
    "command",
    [
        ("status",),
        ("dlq", "list"),
        ("drop", "a.csv", "--dataset", "wine"),
        ("predict", "--dataset", "wine", "--features", "{}"),
        ("logs", "predict"),
    ],
)
def test_without_terraform_a_command_says_so_and_where_to_get_it(run: Run, command: tuple[str, ...]) -> None:
    said = run(*command)

    assert "error: terraform is not on the PATH" in said
    assert "what to do: install Terraform" in said
    assert "Traceback" not in said


def test_debug_shows_the_trace(run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(_: Path) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(environment, "read_outputs", broken)
    assert "unexpected ZeroDivisionError: a bug" in run("status")

    monkeypatch.setattr(sys, "argv", ["lakeloop", "--debug", "status"])
    with pytest.raises(ZeroDivisionError):
        main()
    assert capsys.readouterr().err == ""


def test_where_nothing_is_deployed_the_command_says_how_to_begin(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    terraform = tmp_path / "terraform"
    terraform.write_text("#!/bin/sh\necho '{}'\n")
    terraform.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    said = run("dlq", "list")

    assert "error: nothing is deployed" in said
    assert "`lakeloop apply`" in said


def test_logs_without_any_local_cloud_say_so(run: Run) -> None:
    assert "there are no logs of a local cloud" in run("logs")


def test_predict_wants_features_or_a_row(run: Run) -> None:
    assert "give either --features or --row" in run("predict", "--dataset", "wine")
    assert "give either --features or --row" in run("predict", "--dataset", "wine", "--features", "{}", "--row", "a")

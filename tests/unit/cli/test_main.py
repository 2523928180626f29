"""The command as a person meets it when something is wrong: words on stderr, exit code 1, no trace."""

import importlib.metadata
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lakeloop.cli.exit_codes import ExitCode, exit_code
from lakeloop.cli.main import Commands, main
from lakeloop.client import environment, local_cloud
from lakeloop.client.errors import AdvisedError, MistakenNameError, RefusedDataError, WaitedTooLongError
from lakeloop.local.cloud import CloudPaths

Run = Callable[..., str]

LAKELOOP = Path(sys.executable).with_name("lakeloop")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command where no local cloud is; its stderr, once it has ended with the code."""
    monkeypatch.setattr(local_cloud, "PATHS", CloudPaths(local=tmp_path))

    def run_command(*arguments: str, code: int = 1) -> str:
        monkeypatch.setattr(sys, "argv", ["lakeloop", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == code
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
def test_without_terraform_a_command_says_so_and_where_to_get_it(
    run: Run, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.csv").touch()

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


def test_asking_for_the_status_of_nothing_is_no_failure(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    terraform = tmp_path / "terraform"
    terraform.write_text("#!/bin/sh\necho 'Error: Required plugins are not installed' >&2; exit 1\n")
    terraform.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    for options, said in (((), "nothing is deployed yet: run `lakeloop apply`"), (("--json",), '"deployed": null')):
        monkeypatch.setattr(sys, "argv", ["lakeloop", "status", *options])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0
        assert said in capsys.readouterr().out


@pytest.mark.parametrize("options", [(), ("--features", "{}", "--row", "a")])
def test_predict_wants_features_or_a_row(run: Run, options: tuple[str, ...]) -> None:
    said = run("predict", "--dataset", "wine", *options, code=ExitCode.USAGE)

    assert "give one of --features, --row" in said


@pytest.mark.parametrize("arguments", [("statsu",), ("drop", "nowhere.csv", "--dataset", "wine"), ("drop",)])
def test_a_wrong_command_line_ends_with_2(run: Run, arguments: tuple[str, ...]) -> None:
    run(*arguments, code=ExitCode.USAGE)


def test_a_mistyped_command_is_answered_with_the_nearest(run: Run) -> None:
    assert "Did you mean 'status'?" in run("statsu", code=ExitCode.USAGE)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (AdvisedError("", ""), ExitCode.FAILED),
        (ZeroDivisionError(), ExitCode.FAILED),
        (MistakenNameError("", ""), ExitCode.USAGE),
        (RefusedDataError("", ""), ExitCode.REFUSED),
        (WaitedTooLongError("", ""), ExitCode.TIMED_OUT),
    ],
)
def test_each_kind_of_error_has_its_exit_code(error: Exception, code: ExitCode) -> None:
    assert exit_code(error) == code


def test_every_line_of_the_help_is_the_first_of_its_commands_own() -> None:
    for name, lazy in Commands.table.items():
        own = lazy.load(name).help
        assert own is not None
        assert lazy.help == " ".join(own.split("\n\n")[0].split()), name


SLOW = ("boto3", "botocore", "polars", "pyarrow", "sklearn", "pydantic", "lakefs_sdk", "xgboost", "psutil", "yaml")


@pytest.mark.parametrize("argument", ["--help", "-h", "--version"])
def test_help_imports_nothing_that_takes_long(argument: str) -> None:
    code = f"""
import sys
from lakeloop.cli.main import main
sys.argv = ["lakeloop", {argument!r}]
try:
    main()
except SystemExit:
    pass
print(sorted(set(sys.modules) & set({SLOW!r})), [name for name in sys.modules if name.startswith("lakeloop.client")])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "[] []"


def test_the_version_is_that_of_the_package() -> None:
    done = subprocess.run([LAKELOOP, "--version"], capture_output=True, text=True, check=True)

    assert done.stdout == f"lakeloop {importlib.metadata.version('lakeloop')}\n"


def test_both_streams_in_one_file_keep_their_lines_apart(tmp_path: Path) -> None:
    done = subprocess.run(
        [LAKELOOP, "drop", "a", "--dataset", "x"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )

    assert done.stdout.startswith("error: a is not there\nwhat to do: ")

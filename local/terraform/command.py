"""Terraform as the local cloud runs it: the real binary, on an unmodified configuration, with a given environment."""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lakeloop.local.errors import TerraformError

__all__ = ["Terraform", "TerraformError", "find_terraform"]

# Terraform finishes the calls it has begun and writes its state when it is interrupted.
INTERRUPT_SECONDS = 120
# Of what Terraform said, how much is repeated where it named no error.
QUOTED_LINES = 25

NO_ANSWER = "The local cloud does not answer; see `lakeloop status`."

OnLine = Callable[[str], None]


class Terraform:
    """One configuration folder, with the variables that say where its cloud, state and provider are."""

    def __init__(self, infra_dir: Path, environment: Mapping[str, str]) -> None:
        self._folder = infra_dir
        self._environment = {**shell_environment(), **environment}

    def init(self, on_line: OnLine = lambda line: None) -> None:
        self._run("init", "-input=false", on_line=on_line)

    def apply(self, on_line: OnLine = lambda line: None, *, replace: Sequence[str] = ()) -> None:
        """`replace` names resources to make anew, by their addresses."""
        anew = (f"-replace={address}" for address in replace)
        self._run("apply", "-input=false", "-auto-approve", *anew, on_line=on_line)

    def destroy(self, on_line: OnLine = lambda line: None) -> None:
        self._run("destroy", "-input=false", "-auto-approve", on_line=on_line)

    def plan(self, on_line: OnLine = lambda line: None) -> bool:
        """Whether the cloud differs from the configuration."""
        return self._run("plan", "-input=false", "-detailed-exitcode", on_line=on_line, accepted=(0, 2)) == 2

    def test(self, on_line: OnLine = lambda line: None) -> None:
        self._run("test", on_line=on_line)

    def output(self) -> dict[str, Any]:
        said = subprocess.run(
            self._command("output", "-json"), env=self._environment, capture_output=True, text=True, check=False
        )
        if said.returncode != 0:
            raise failure("output", said.stderr.splitlines())
        return {name: output["value"] for name, output in json.loads(said.stdout).items()}

    def _run(self, command: str, *options: str, on_line: OnLine, accepted: tuple[int, ...] = (0,)) -> int:
        said: list[str] = []
        process = subprocess.Popen(
            self._command(command, *options),
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # Ctrl-C goes to the whole foreground group; a second interrupt makes Terraform drop its state.
            start_new_session=True,
        )
        try:
            for line in process.stdout or ():
                said.append(line.rstrip())
                on_line(line.rstrip())
        except BaseException:
            interrupt(process)
            raise
        status = process.wait()
        if status not in accepted:
            raise failure(command, said)
        return status

    def _command(self, command: str, *options: str) -> list[str]:
        binary = find_terraform(self._environment.get("PATH"))
        return [binary, f"-chdir={self._folder}", command, *options, "-no-color"]


def find_terraform(path: str | None = None) -> str:
    """The binary on `path`, by default on the PATH of this process."""
    found = shutil.which("terraform", path=path)
    if found is None:
        raise TerraformError(
            "Terraform is not installed: there is no `terraform` on PATH.",
            "Install 1.11 or newer from https://developer.hashicorp.com/terraform/install and try again.",
        )
    return found


def shell_environment() -> dict[str, str]:
    """The shell's variables but those of AWS: a session token or a profile must not mix with the given ones."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


def interrupt(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.communicate(timeout=INTERRUPT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


def failure(command: str, said: list[str]) -> TerraformError:
    """Every error that Terraform told, and what a person can do about the usual ones."""
    errors = errors_in(said) or ["\n".join(said[-QUOTED_LINES:])]
    advice = remedy(" ".join(" ".join(errors).split()))
    if advice == NO_ANSWER and len(errors) > 1:
        # Each resource fails alike then, with a screen of addresses.
        errors = [errors[0], f"({len(errors) - 1} more errors of this kind)"]
    quoted = "\n\n".join(errors)
    return TerraformError(f"`terraform {command}` failed:\n{quoted}", advice)


def errors_in(said: Sequence[str]) -> list[str]:
    """The paragraphs of each error, without the frame that Terraform draws for some outputs."""
    lines = [line.lstrip("│╷╵ ") if line[:1] in "│╷╵" else line for line in said]
    starts = [number for number, line in enumerate(lines) if line.startswith("Error:")]
    ends = [*starts[1:], len(lines)]
    return ["\n".join(lines[start:end]).strip() for start, end in zip(starts, ends, strict=True)]


def remedy(error: str) -> str:
    """What to do about an error, given in one line: Terraform wraps its sentences."""
    if "query available provider packages" in error or "Failed to install provider" in error:
        return (
            "Terraform could not get the hashicorp/aws provider. Name a mirror folder (the one that holds "
            "registry.terraform.io) in TF_PLUGIN_DIR, or allow access to registry.terraform.io."
        )
    if "connection refused" in error:
        return NO_ANSWER
    if "Error acquiring the state lock" in error:
        return "Another Terraform works on this state; let it finish and try again."
    return "Correct what it names and run it again; what was made so far is in Terraform's state."

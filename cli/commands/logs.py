"""`lakeloop logs`: what the parts of the local cloud and the deployed functions have written."""

import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lakeloop.cli import console
from lakeloop.client import local_cloud
from lakeloop.client.environment import Environment
from lakeloop.client.errors import AdvisedError
from lakeloop.client.function_logs import FunctionLog

SECONDS_BETWEEN_LOOKS = 1.0


def logs(
    part: Annotated[
        str | None, typer.Argument(help="A part of the local cloud, or a function; all parts when left out.")
    ] = None,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with new lines until Ctrl-C.")] = False,
    lines: Annotated[int, typer.Option(help="How many of the last lines of a part.", min=0)] = 100,
    minutes: Annotated[int, typer.Option(help="How far back in a function's log.", min=1)] = 60,
) -> None:
    """Show logs: of the local cloud's parts from their files, of functions from CloudWatch Logs."""
    files = local_cloud.log_files()
    out = console.stdout()
    if part is None and not files:
        raise AdvisedError("there are no logs of a local cloud", "start one with `lakeloop up`, or name a function")
    if part is None or part in files:
        show_files(out, {part: files[part]} if part else files, lines=lines, follow=follow)
        return
    environment = Environment.load()
    function = environment.outputs.functions.get(part)
    if function is None:
        known = ", ".join([*files, *environment.outputs.functions])
        raise AdvisedError(f"nothing here is called {part!r}", f"name one of {known}")
    show_events(out, FunctionLog(environment.logs, function.log_group, minutes), follow=follow)


def show_files(out: Console, files: dict[str, Path], *, lines: int, follow: bool) -> None:
    tails = {part: LogTail(path) for part, path in files.items()}
    width = max(map(len, tails))
    for part, tail in tails.items():
        for line in deque(tail.read(), maxlen=lines):
            _print(out, part.ljust(width) if len(tails) > 1 else "", line)
    while follow:
        time.sleep(SECONDS_BETWEEN_LOOKS)
        for part, tail in tails.items():
            for line in tail.read():
                _print(out, part.ljust(width) if len(tails) > 1 else "", line)


def _print(out: Console, part: str, line: str) -> None:
    out.print(f"{part} | {line}" if part else line, markup=False, soft_wrap=True)


class LogTail:
    """The lines of a file that were not read yet; a file that was begun anew is read anew."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def read(self) -> Iterator[str]:
        if self._path.stat().st_size < self._offset:
            self._offset = 0
        with self._path.open("rb") as file:
            file.seek(self._offset)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                self._offset += len(line)
                yield line.decode(errors="replace").rstrip("\n")


def show_events(out: Console, log: FunctionLog, *, follow: bool) -> None:
    for line in log.read():
        _print(out, "", line)
    while follow:
        time.sleep(SECONDS_BETWEEN_LOOKS)
        for line in log.read():
            _print(out, "", line)

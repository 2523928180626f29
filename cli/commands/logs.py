"""`lakeloop logs`: what the deployed functions and the parts of the local cloud have written."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.text import Text

from lakeloop.cli import console
from lakeloop.cli.output import print_json
from lakeloop.cli.views import log_lines as view
from lakeloop.cli.views.layout import visible
from lakeloop.client import local_cloud
from lakeloop.client.environment import Environment
from lakeloop.client.errors import MistakenNameError
from lakeloop.client.function_logs import FunctionLog
from lakeloop.client.log_lines import LogEvent, LogLine, Wanted, parsed, without_banner

SECONDS_BETWEEN_LOOKS = 1.0

Level = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
Print = Callable[[LogEvent, LogLine | None], None]


def logs(
    name: Annotated[
        str | None, typer.Argument(help="A function, or a part of the local cloud; all functions when left out.")
    ] = None,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with new lines until Ctrl-C.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", help="How many of the last lines.", min=0)] = 100,
    minutes: Annotated[int, typer.Option(help="How far back, for functions.", min=1)] = 60,
    level: Annotated[Level, typer.Option(help="This level and above, for functions.", case_sensitive=False)] = "DEBUG",
    contains: Annotated[
        list[str] | None, typer.Option("--contains", "--grep", help="Only lines with this: a file, a request id, ...")
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Lines as they were written, all of them.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for other programs.")] = False,
) -> None:
    """Show what the functions, or a part of the local cloud, have logged."""
    out, wanted = console.stdout(), Wanted(level, tuple(contains or ()))
    files = local_cloud.log_files()
    if name in files:
        tail = LogTail(files[name])
        show_file(
            printer_of_file(out, name, raw=raw, as_json=as_json), tail, wanted, lines=lines, follow=follow, raw=raw
        )
        return
    environment = Environment.load()
    functions = environment.outputs.functions
    if name is not None and name not in functions:
        known = ", ".join([*functions, *files])
        raise MistakenNameError(f"nothing here is called {name!r}", f"name one of {known}")
    chosen = [name] if name else list(functions)
    read = [FunctionLog(environment.logs, functions[one].log_group, minutes, one) for one in chosen]
    width = max(map(len, chosen))
    show_events(
        printer_of_events(out, width, raw=raw, as_json=as_json), read, wanted, lines=lines, follow=follow, raw=raw
    )


def show_events(show: Print, read: list[FunctionLog], wanted: Wanted, *, lines: int, follow: bool, raw: bool) -> None:
    """Show the last lines of all these logs by time, then, on demand, what comes."""
    last = deque(chosen_events(read, wanted, raw=raw), maxlen=lines)
    for event, line in last:
        show(event, line)
    if not last and not follow:
        console.stderr().print("no such lines; --minutes says how far back is looked", markup=False)
    while follow:
        time.sleep(SECONDS_BETWEEN_LOOKS)
        for event, line in chosen_events(read, wanted, raw=raw):
            show(event, line)


def chosen_events(read: list[FunctionLog], wanted: Wanted, *, raw: bool) -> Iterator[tuple[LogEvent, LogLine | None]]:
    events = chain.from_iterable(log.events() for log in read)
    for event in sorted(events, key=lambda event: event.moment):
        line = parsed(event)
        if (line and wanted.takes(line, event.text)) or (raw and line is None and wanted.takes_text(event.text)):
            yield event, line


def printer_of_events(out: Console, width: int, *, raw: bool, as_json: bool) -> Print:
    def show(event: LogEvent, line: LogLine | None) -> None:
        if raw or line is None:
            typer.echo(event.text)
        elif as_json:
            print_json(line, indent=None)
        else:
            out.print(view.text(line, width), soft_wrap=True)

    return show


def printer_of_file(out: Console, part: str, *, raw: bool, as_json: bool) -> Callable[[str], None]:
    def show(line: str) -> None:
        if as_json:
            print_json({"part": part, "line": line}, indent=None)
        elif raw:
            typer.echo(line)
        else:
            out.print(Text(visible(line)), soft_wrap=True)

    return show


def show_file(
    show: Callable[[str], None], tail: "LogTail", wanted: Wanted, *, lines: int, follow: bool, raw: bool
) -> None:
    """Show the last lines of a part's log, then, on demand, what comes."""
    for line in deque(chosen_lines(tail.read(), wanted, raw=raw), maxlen=lines):
        show(line)
    while follow:
        time.sleep(SECONDS_BETWEEN_LOOKS)
        for line in chosen_lines(tail.read(), wanted, raw=raw):
            show(line)


def chosen_lines(written: Iterable[str], wanted: Wanted, *, raw: bool) -> Iterator[str]:
    return (line for line in (written if raw else without_banner(written)) if wanted.takes_text(line))


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

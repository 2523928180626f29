"""Where the command prints: results on stdout, problems on stderr."""

import io
import sys
from typing import TextIO

from rich.console import Console

# Wide enough for a table's rows to stay lines in a log, which has no width of its own.
LOG_WIDTH = 160


def take_any_text() -> None:
    """Have both streams write what their encoding has no letters for as codes, instead of ending in the middle."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def stdout() -> Console:
    return _console(sys.stdout)


def stderr() -> Console:
    return _console(sys.stderr)


def _console(stream: TextIO) -> Console:
    """Texts are shown to the letter: cells and names may hold what rich takes for its own markup, as `[/b]`."""
    width = None if stream.isatty() else LOG_WIDTH
    return Console(stderr=stream is sys.stderr, width=width, highlight=False, markup=False, emoji=False)

"""Where the command prints: results on stdout, problems on stderr."""

import io
import sys

from rich.console import Console

# Wide enough for a table's rows to stay lines in a log, which has no width of its own.
LOG_WIDTH = 160


def take_any_text() -> None:
    """Have both streams write what their encoding has no letters for as codes, instead of ending in the middle."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def stdout() -> Console:
    return Console(width=None if sys.stdout.isatty() else LOG_WIDTH, highlight=False)


def stderr() -> Console:
    return Console(stderr=True, width=None if sys.stderr.isatty() else LOG_WIDTH, highlight=False)

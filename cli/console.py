"""Where the command prints: results on stdout, problems on stderr."""

import sys

from rich.console import Console

# Wide enough for a table's rows to stay lines in a log, which has no width of its own.
LOG_WIDTH = 160


def stdout() -> Console:
    return Console(width=None if sys.stdout.isatty() else LOG_WIDTH, highlight=False)


def stderr() -> Console:
    return Console(stderr=True, width=None if sys.stderr.isatty() else LOG_WIDTH, highlight=False)

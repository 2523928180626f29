"""Log lines on the screen: time, function, level, sentence, key fields."""

from collections.abc import Mapping
from datetime import datetime

from rich.text import Text

from lakeloop.cli.views.layout import visible
from lakeloop.client.log_lines import LogLine

STYLES = {"WARNING": "yellow", "ERROR": "red", "CRITICAL": "bold red"}
# Read by people in this order; all others follow.
FIRST = ("dataset", "uri", "object", "rows", "rows_in", "rows_committed", "rows_quarantined", "why", "reason", "commit")
# The whole of these is for machines, and `--raw` and `--json` have it.
SHORTENED = 12
DIGEST_LENGTHS = (32, 64)
HIDDEN = frozenset({"sha256", "event_id", "git_sha", "version", "correlation-id", "correlation_id", "environment"})


def text(line: LogLine, width: int) -> Text:
    """One line, and a traceback below it; `width` is that of the longest function's name."""
    shown = Text.assemble(
        (local_time(line.moment), "dim"),
        f" {line.function:{width}} ",
        (f"{line.level:7}", STYLES.get(line.level, "")),
        f" {visible(line.message)}",
    )
    for name, value in ordered(line.fields).items():
        shown.append(f" {name}=", style="dim").append(visible(short(value)))
    if line.trace:
        shown.append("\n" + "\n".join(f"  {visible(row)}" for row in line.trace.splitlines()))
    return shown


def ordered(fields: Mapping[str, object]) -> dict[str, object]:
    told = {name: value for name, value in fields.items() if name not in HIDDEN and value not in ("", None)}
    return {name: told[name] for name in sorted(told, key=lambda name: (name not in FIRST, _rank(name)))}


def _rank(name: str) -> int:
    return FIRST.index(name) if name in FIRST else 0


def short(value: object) -> str:
    """A value as one word where it can be; digests and commits as lakeFS shows them, files without their bucket."""
    said = str(value)
    if len(said) in DIGEST_LENGTHS and all(letter in "0123456789abcdef" for letter in said):
        return said[:SHORTENED]
    return f'"{said}"' if " " in said else said


def local_time(moment: datetime) -> str:
    return moment.astimezone().strftime("%H:%M:%S")

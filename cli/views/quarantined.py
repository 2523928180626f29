"""Files and rows in quarantine on the screen."""

from rich.text import Text

from lakeloop.cli import invocation
from lakeloop.cli.views import layout
from lakeloop.cli.views.layout import counted
from lakeloop.client.quarantine import Reason, Rejected
from lakeloop.client.quarantined_files import QuarantinedFile, SentMend

LONGEST_ROW = 500


def block(file: QuarantinedFile) -> Text:
    """A file on lines of its own, so that its address can be copied."""
    state = "the others are on main" if file.on_main else "nothing of this version is on main"
    lines = [
        ("version", file.version),
        ("rows", f"{file.rows:,} in quarantine; {state}"),
        *(("reason", f"{rule}  ({counted(rows, 'row')})") for rule, rows in file.reasons),
    ]
    if file.mend_waits:
        lines.append(("mend", "sent, and not judged yet"))
    return layout.block(file.file, lines)


def row(rejected: Rejected) -> Text:
    return layout.block(
        f"line {rejected.line}",
        [("row", shown(rejected.raw)), *(("reason", told(reason)) for reason in rejected.reasons)],
    )


def shown(raw: bytes) -> str:
    """A row as it was written; what no terminal should get is shown as its code."""
    text = raw.decode(errors="backslashreplace")
    return text if len(text) <= LONGEST_ROW else f"{text[:LONGEST_ROW]}… ({len(text):,} characters)"


def told(reason: Reason) -> str:
    value = "" if reason.value is None else f", not {reason.value!r}"
    return f"{reason.column}: {reason.rule}{value}" if reason.column else f"{reason.rule}{value}"


def as_json(rejected: Rejected) -> dict[str, object]:
    return {
        "line": rejected.line,
        "row": rejected.raw.decode(errors="backslashreplace"),
        "reasons": [
            {"column": reason.column, "rule": reason.rule, "value": reason.value} for reason in rejected.reasons
        ],
    }


def told_of_mend(sent: SentMend) -> list[str]:
    stay = f"; {counted(sent.stay, 'row')} as before" if sent.stay else ""
    if not sent.sent:
        return [f"nothing to send: no row differs from what is in quarantine or was sent before{stay}"]
    return [
        f"{counted(sent.sent, 'mended row')} of {sent.file} sent{stay}",
        f"  at {sent.uri}",
        "the file is judged again with them, and what is still bad is in quarantine again: "
        f"`{invocation.command()} quarantine list`",
    ]

"""Dead letters on the screen."""

from rich.text import Text

from lakeloop.cli.views.layout import visible
from lakeloop.client.dead_letters import DeadLetter

# A reason may quote what it could not read.
LONGEST_REASON = 1000


def block(letter: DeadLetter) -> Text:
    """A letter on lines of its own: a table would break addresses that people copy."""
    failures = " ".join(
        filter(None, (letter.first_failed_at, "to" if letter.last_failed_at else "", letter.last_failed_at))
    )
    text = Text(f"{letter.chain}\n", style="bold")
    for name, value in (
        ("object", letter.object),
        ("reason", shortened(letter.reason)),
        ("tries", f"{letter.attempts}, {failures}" if letter.attempts else f"none, sent {failures}"),
        ("message", letter.message_id),
    ):
        text.append(f"  {name:8} ", style="not bold dim").append(f"{visible(value)}\n", style="not bold")
    return text


def shortened(reason: str) -> str:
    if len(reason) <= LONGEST_REASON:
        return reason
    return f"{reason[:LONGEST_REASON]}… ({len(reason):,} characters, `--json` has all)"

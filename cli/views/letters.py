"""Dead letters on the screen."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from lakeloop.cli.views import layout
from lakeloop.cli.views.layout import counted
from lakeloop.client.dead_letters import DeadLetter
from lakeloop.client.redrive import Done, Verdict

# A reason may quote what it could not read.
LONGEST_REASON = 1000
TO_DO = {
    "redrive": "would be redriven",
    "purge": "would be thrown away",
    "cause gone": "would go, its cause is gone",
    "": "stays",
}
DONE = {"redrive": "redriven", "purge": "thrown away", "cause gone": "gone with its cause", "": "stays"}


def block(letter: DeadLetter, gone: str = "", history: Sequence[Done] = ()) -> Text:
    """A letter, with what was done about it and why its cause is gone."""
    failures = " ".join(
        filter(None, (letter.first_failed_at, "to" if letter.last_failed_at else "", letter.last_failed_at))
    )
    lines = [
        ("object", letter.object),
        ("reason", shortened(letter.reason)),
        ("tries", f"{letter.attempts}, {failures}" if letter.attempts else f"none, sent {failures}"),
        ("message", letter.message_id),
        *((done.action, f"{done.at} by {done.who}: {done.why}") for done in history),
    ]
    if gone:
        lines.append(("cause", f"gone, {gone}"))
    return layout.block(letter.chain, lines)


def verdict_block(found: Verdict, *, really: bool) -> Text:
    """What becomes of a letter."""
    word = (DONE if really else TO_DO)[found.action]
    reason = shortened(found.letter.reason)
    lines = [("object", found.letter.object), ("reason", reason), ("because", found.because)]
    return layout.block(f"{found.letter.chain}  {word}", lines)


def tell_verdicts(out: Console, verdicts: Sequence[Verdict], *, really: bool) -> None:
    """What becomes, or became, of letters."""
    for verdict in verdicts:
        out.print(verdict_block(verdict, really=really), soft_wrap=True)
    work = sum(bool(verdict.action) for verdict in verdicts)
    stay = len(verdicts) - work
    out.print(f"{counted(work, 'letter')} {'done' if really else 'to do'}" + (f", {stay} left" if stay else ""))
    if work and not really:
        out.print("nothing has happened yet: add --yes, and --why '...' which is kept", markup=False)


def shortened(reason: str) -> str:
    if len(reason) <= LONGEST_REASON:
        return reason
    return f"{reason[:LONGEST_REASON]}… ({len(reason):,} characters, `--json` has all)"

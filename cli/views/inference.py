"""A contract that was inferred, and what would become of a file, on the screen; both fit 80 columns."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from lakeloop.cli.views.layout import counted, visible
from lakeloop.inference.guess import Guess
from lakeloop.inference.infer import Inferred
from lakeloop.inference.outcome import ANY_ROW, Outcome
from lakeloop.inference.seeds import NEEDED
from lakeloop.inference.text import Section, flow
from lakeloop.lake.layout import SPLITS

EXAMPLES = 3
LONGEST_EXAMPLE = 14
LONGEST_GUESS = 36


def screen(inferred: Inferred, files: Sequence[str]) -> Iterator[RenderableType]:
    """Warnings first, then the columns."""
    columns = counted(len(inferred.guesses), "column")
    yield Text(f"{', '.join(files)}: {counted(inferred.rows, 'row')}, {columns}", style="bold")
    for note in inferred.notes:
        yield Text(f"note  {visible(note)}", style="yellow")
    for ask in inferred.asks:
        yield _hanging("ask", visible(ask.text))
    yield ""
    if inferred.sections:
        yield _sections(inferred.sections)
        yield ""
    yield columns_view(inferred.guesses)


def _hanging(word: str, text: str) -> Table:
    view = Table.grid(padding=(0, 2, 0, 0))
    view.add_column(style="yellow", no_wrap=True)
    view.add_column(overflow="fold")
    view.add_row(word, text)
    return view


def _sections(sections: Sequence[Section]) -> Table:
    """What is guessed of the table as a whole, as the contract says it, and why."""
    view = Table.grid(padding=(0, 2, 0, 0))
    view.add_column(style="bold", no_wrap=True)
    view.add_column(overflow="fold")
    view.add_column(overflow="fold")
    for section in sections:
        view.add_row(section.key, *map(Text, (visible(flow(section.value)), visible(section.reason))))
    return view


def columns_view(guesses: Sequence[Guess]) -> Table:
    """A line for each column: what it is guessed to be, three values of it, and why."""
    view = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for title, width in (("column", 16), ("guess", 14), ("examples", 16), ("why", 20)):
        view.add_column(title, overflow="fold", min_width=width)
    for guess in guesses:
        view.add_row(Text(guess.name, style="bold"), _said(guess), _examples(guess), visible(guess.reason))
    return view


def _said(guess: Guess) -> str:
    parts = [guess.type, *(str(word) for word in guess.settings.get("allowed", ())[:EXAMPLES])]
    said = f"{parts[0]} {', '.join(parts[1:])}".strip()
    more = len(guess.allowed) - EXAMPLES
    short = said if len(said) <= LONGEST_GUESS else f"{said[:LONGEST_GUESS]}…"
    return visible(f"{short}{f' and {more} more' if more > 0 else ''}{', or nothing' if guess.nullable else ''}")


def _examples(guess: Guess) -> str:
    texts = [text for text in guess.profile.texts if text not in guess.missing][:EXAMPLES]
    return visible(", ".join(text if len(text) <= LONGEST_EXAMPLE else f"{text[:LONGEST_EXAMPLE]}…" for text in texts))


def outcome_view(file: str, outcome: Outcome) -> RenderableType:
    """Rows in, committed and quarantined, why, and what is left to learn from."""
    numbers = f"{outcome.rows_in:,} rows in, {outcome.committed:,} committed, {outcome.quarantined:,} quarantined"
    parts: list[RenderableType] = [Text(f"{file}: {numbers}", style="bold")]
    parts += [Text(f"  {visible(what)}: {count:,}") for what, count in outcome.notes.items()]
    if outcome.reasons:
        parts += ["", _reasons(outcome)]
    if outcome.committed:
        parts += ["", _classes(outcome)]
    return Group(*parts)


def _reasons(outcome: Outcome) -> Table:
    view = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    view.add_column("quarantined", justify="right", no_wrap=True)
    for title in ("column", "rule", "first line", "value there"):
        view.add_column(title, overflow="fold")
    for reason in outcome.reasons:
        shown = "" if reason.first_value is None else visible(repr(reason.first_value))
        cells = (visible(reason.column), visible(reason.rule), str(reason.first_line), shown)
        view.add_row(f"{reason.rows:,}", *map(Text, cells))
    return view


def _classes(outcome: Outcome) -> Table:
    """Rows by class and split; too few to train with are marked."""
    view = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    view.add_column("rows" if list(outcome.classes) == [ANY_ROW] else "class", overflow="fold")
    for split in SPLITS:
        view.add_column(split, justify="right")
    for word, splits in outcome.classes.items():
        cells = [Text(f"{splits[split]:,}{'' if splits[split] >= NEEDED[split] else ' (too few)'}") for split in SPLITS]
        view.add_row(visible(word) or "all", *cells)
    return view

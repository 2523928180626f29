"""How screens adapt to their width: tables where there is room, cards of lines where there is not."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

# Below this, columns of a table get too narrow to read names in.
TABLE_WIDTH = 100
COMMIT_SHOWN = 12
COMMIT = re.compile(r"(?<!\S)[0-9a-f]{64}(?!\S)")


def is_wide(out: Console) -> bool:
    return out.width >= TABLE_WIDTH


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str | Text]]) -> Table:
    view = Table(title=title, title_justify="left", title_style="bold")
    for number, column in enumerate(columns):
        # What a row is about stays whole, whatever room the rest then has.
        view.add_column(column, overflow="fold", no_wrap=number == 0)
    for row in rows:
        view.add_row(*(cell if isinstance(cell, Text) else Text(cell) for cell in row))
    return view


def card(title: str, lines: Sequence[tuple[str, str | Text]]) -> RenderableType:
    """A name with lines below it; a line without text is left out, a long one goes on below itself."""
    view = Table.grid(padding=(0, 2, 0, 0))
    view.title, view.title_justify, view.title_style = title, "left", "bold"
    view.add_column(style="dim", no_wrap=True, min_width=12)
    view.add_column(overflow="fold")
    for name, text in lines:
        if text:
            view.add_row(f"  {name}", text if isinstance(text, Text) else Text(text))
    return view


def block(title: str, lines: Iterable[tuple[str, str]]) -> Text:
    """A title with lines of their own below it: a table would break addresses that people copy."""
    text = Text(f"{visible(title)}\n", style="bold")
    for name, value in lines:
        text.append(f"  {name:8} ", style="not bold dim").append(f"{visible(value)}\n", style="not bold")
    return text


def counted(number: int, one: str, many: str = "") -> str:
    """Like `1 row`, `2 rows`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def with_short_commits(text: str) -> str:
    """Commits in a sentence as they are shown elsewhere."""
    return COMMIT.sub(lambda found: found[0][:COMMIT_SHOWN], text)


def age(moment: datetime, now: datetime) -> str:
    """How long ago, in the two words that matter: `3 days ago`."""
    passed = now - moment
    for unit, length in (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1))):
        if passed >= 2 * length:
            return f"{passed // length} {unit}s ago"
    return "just now" if passed < timedelta(seconds=10) else f"{int(passed.total_seconds())} s ago"


def visible(text: str) -> str:
    """The text with all that would move the cursor, colour the screen or cannot be written shown as its code."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)

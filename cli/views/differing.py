"""What a changed contract means, as a person reads it."""

from collections.abc import Iterator

from lakeloop.cli.views.layout import counted
from lakeloop.client.contracts import Difference
from lakeloop.contract.changes import WAYS_OUT
from lakeloop.contract.meaning import Kind

KINDS: dict[Kind, str] = {
    "nothing": "changed; no data is read otherwise",
    "recipe": "the recipe of its features changed",
    "widened": "the reading widened",
    "changed": "the reading changed",
}


def lines(difference: Difference) -> list[str]:
    """Every change with its place, then what they mean."""
    match difference.what:
        case "new":
            return [f"{difference.dataset}: new"]
        case "gone":
            return [f"{difference.dataset}: not here any more: its endpoint and its repository stay"]
        case _:
            return [f"{difference.dataset}: {KINDS[difference.kind]}", *_changes(difference), *_meaning(difference)]


def _changes(difference: Difference) -> Iterator[str]:
    told = {change.path for change in difference.code_changes}
    for change in difference.reading:
        if change.path not in told:
            yield f"  {change}{' (wider)' if change.wider else ''}"
    for code_change in difference.code_changes:
        yield f"  {code_change}"
    if difference.others:
        yield f"  {', '.join(difference.others)}: of no matter to data"


def _meaning(difference: Difference) -> Iterator[str]:
    for what, sentence in difference.consequences.items():
        yield f"    {what:<9} {sentence}"
    if difference.rows_touched:
        some = f"{difference.rows_touched:,} of {counted(difference.rows_on_main, 'row')} on main"
        yield f"  {some} may be read otherwise: drop their files again to read them anew"
    elif difference.kind == "changed":
        yield "  no row on main is read otherwise: no file needs to be dropped again"
    if difference.misread:
        data = "is refused: main holds data" if difference.holds_data else "is taken: main holds no data"
        yield f"  it gives rows another meaning and {data}"
    if difference.misread and difference.holds_data:
        yield f"  what to do: {WAYS_OUT}"

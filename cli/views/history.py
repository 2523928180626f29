"""Training cycles on the screen: a row each, with its metric as a bar."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Console, RenderableType
from rich.text import Text

from lakeloop.cli.views import layout
from lakeloop.cli.views.layout import COMMIT_SHOWN, age, visible
from lakeloop.cli.views.models import STYLES, WORDS
from lakeloop.client.history import Cycle

WIDTH = 20


def listing(dataset: str, cycles: Sequence[Cycle], out: Console, now: datetime) -> Sequence[RenderableType]:
    """Oldest first, so that the newest stands where the eye ends; a table where there is room."""
    if not cycles:
        return [Text(f"{dataset} has no model yet")]
    ends = _ends(cycles)
    rows = [_row(cycle, ends, now) for cycle in cycles]
    columns = ("version", "verdict", "when", "data", "trials", "test rows", "champion", "metric", "")
    if layout.is_wide(out):
        return [layout.table(dataset, columns, rows)]
    return [layout.card(f"version {row[0]}", list(zip(columns[1:], row[1:], strict=True))) for row in rows]


def _ends(cycles: Sequence[Cycle]) -> tuple[float, float]:
    values = [cycle.value for cycle in cycles if cycle.value is not None]
    return (min(values), max(values)) if values else (0.0, 0.0)


def _row(cycle: Cycle, ends: tuple[float, float], now: datetime) -> Sequence[str | Text]:
    return (
        f"{cycle.version}{' serves' if cycle.serves else ''}",
        Text(WORDS.get(cycle.verdict, cycle.verdict), style=STYLES.get(cycle.verdict, "")),
        age(cycle.made, now),
        cycle.data_commit[:COMMIT_SHOWN],
        str(cycle.trials or ""),
        f"{cycle.test_rows:,}" if cycle.test_rows else "",
        "" if cycle.champion is None else f"{cycle.champion:.4f}",
        "" if cycle.value is None else f"{visible(cycle.metric)} {cycle.value:.4f}",
        _bar(cycle.value, ends),
    )


def _bar(value: float | None, ends: tuple[float, float]) -> Text:
    """From the least to the largest of the metric, whichever of them is better; a mark at least for each."""
    if value is None:
        return Text("")
    low, high = ends
    part = (value - low) / (high - low) if high > low else 1.0
    return Text("\N{BOX DRAWINGS HEAVY HORIZONTAL}" * (1 + round(part * (WIDTH - 1))), style="blue")

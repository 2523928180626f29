"""The watch over predictions on the screen: what was said last, then each feature, the farthest first."""

from collections.abc import Iterator
from datetime import datetime

from rich.console import Console, RenderableType
from rich.text import Text

from lakeloop.cli.views import layout
from lakeloop.cli.views.layout import age, counted, visible
from lakeloop.client.drift import Drift, Feature
from lakeloop.monitoring.window import Verdict

STYLES = {Verdict.DRIFT: "red", Verdict.OK: "green"}
COLUMNS = ("feature", "state", "PSI", "KS", "new values", "missing")


def screen(found: Drift, out: Console, now: datetime) -> Iterator[RenderableType]:
    """The whole screen, piece by piece."""
    if found.said is None or found.looked is None:
        yield Text(f"nobody has looked at predictions of {found.dataset} yet: monitor does, by the hour")
        return
    yield layout.card(found.dataset, list(_lines(found, found.said, found.looked, now)))
    if not found.features:
        return
    rows = [_row(feature) for feature in found.features]
    if layout.is_wide(out):
        yield layout.table("features of the last window", COLUMNS, rows)
        return
    for row in rows:
        yield layout.card(str(row[0]), list(zip(COLUMNS[1:], row[1:], strict=True)))


def _lines(found: Drift, said: str, looked: datetime, now: datetime) -> Iterator[tuple[str, str]]:
    yield "state", f"{age(looked, now)}: {visible(said)}"
    if found.counted_until is None:
        return
    yield "model", found.model
    for window in found.windows[-3:]:
        span = f"{window.begun:%Y-%m-%d %H:%M} to {window.ended:%Y-%m-%d %H:%M} UTC"
        yield "window", f"{span}, {counted(window.rows, 'prediction')}: {window.verdict}"
    yield "next window", f"{counted(found.open_rows, 'prediction')} up to {found.counted_until:%Y-%m-%d %H:%M} UTC"
    share = f", {found.labelled / found.predictions:.0%} of them labelled" if found.predictions else ""
    yield "predictions", f"{found.predictions:,}{share}"
    yield "quality", visible(found.quality)
    if found.drifts_since:
        asked = "training was asked for" if found.was_asked else "training was not asked for yet"
        yield "episode", f"since {found.drifts_since:%Y-%m-%d %H:%M} UTC, {asked}"


def _row(feature: Feature) -> tuple[str | Text, ...]:
    return (
        visible(feature.name),
        Text(feature.verdict, style=STYLES.get(feature.verdict, "yellow")),
        _beside(feature.psi, feature.psi_limit),
        _beside(feature.ks, feature.ks_limit),
        "" if feature.new is None or feature.new_limit is None else f"{feature.new:.1%} of {feature.new_limit:.1%}",
        f"{feature.missing:.1%}, was {feature.missing_before:.1%}",
    )


def _beside(value: float | None, limit: float | None) -> str:
    return "" if value is None or limit is None else f"{value:.2f} of {limit:.2f}"

"""The gains that were looked at, with their intervals, on one line each."""

from collections.abc import Sequence

from lakeloop.evaluation.report.axes import Scale, label, svg, tip
from lakeloop.evaluation.report.markup import Element, element
from lakeloop.evaluation.sentences import gained, share, signed
from lakeloop.evaluation.verdict import Comparison

WIDTH, ROW, NAMES, NUMBERS = 1000, 40, 270, 110
HEAD = 26


def intervals(title: str, comparisons: Sequence[Comparison]) -> Element:
    """A gain lies right of 0; what may be lost is a mark on the left of it."""
    known = [found for found in comparisons if found.gain.interval is not None]
    ends = [0.0, *(end for found in known if found.gain.interval for end in found.gain.interval[:2])]
    ends += [-found.limit for found in known if found.limit is not None]
    margin = 0.06 * (max(ends) - min(ends)) or 0.01
    scale = Scale(min(ends) - margin, max(ends) + margin, NAMES, WIDTH - NUMBERS)
    bottom = HEAD + ROW * len(comparisons)
    marks = [
        element("line", class_="zero", x1=scale(0), x2=scale(0), y1=HEAD - 8, y2=bottom),
        label(scale(0) - 8, 12, "worse", "end", class_="axis"),
        label(scale(0) + 8, 12, "better", class_="axis"),
    ]
    for place, found in enumerate(comparisons):
        marks += _row(found, scale, HEAD + ROW * place + ROW / 2)
    return svg(WIDTH, bottom + 6, title, marks)


def _row(found: Comparison, scale: Scale, middle: float) -> list[Element]:
    rows = f"{found.rows:,} rows"
    if found.limit is not None:
        rows += f", may lose {share(found.metric, found.limit)}"
    names = [
        label(0, middle - 1, found.part, class_="strong"),
        label(0, middle + 13, rows, class_="axis"),
    ]
    if found.gain.value is None or found.gain.interval is None:
        return [*names, label(scale(0) + 8, middle + 4, found.gain.insufficient, class_="axis")]
    low, high, _ = found.gain.interval
    limit = scale(-found.limit) if found.limit is not None else None
    bar = element("line", tip(gained(found)), class_="interval a", x1=scale(low), x2=scale(high), y1=middle, y2=middle)
    edge = element("line", class_="limit", x1=limit, x2=limit, y1=middle - 9, y2=middle + 9) if limit else None
    dot = element("circle", tip(gained(found)), class_="dot a", cx=scale(found.gain.value), cy=middle, r=5)
    told = label(WIDTH, middle + 4, signed(found.metric, found.gain.value), "end", class_="strong")
    return [*names, *([edge] if edge is not None else []), bar, dot, told]

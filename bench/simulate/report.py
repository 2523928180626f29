"""The report of a simulation: one page without a script, as that of a model."""

import statistics
from collections.abc import Iterator, Sequence

from bench.simulate.loop import Day, Loop
from lakeloop.evaluation.report.axes import Frame, label, path
from lakeloop.evaluation.report.markup import Child, Element, document, element
from lakeloop.evaluation.report.style import STYLE
from lakeloop.evaluation.report.tables import table


def page(title: str, loops: Sequence[Loop], since: int) -> str:
    """Quality by day over the seeds, then what happened in each."""
    head = element("head", element("meta", charset="utf-8"), element("title", title), element("style", STYLE))
    main = element("main", element("h1", title), plot(loops, since), list(_seeds(loops)))
    return document(element("html", head, element("body", main), lang="en"))


def plot(loops: Sequence[Loop], since: int) -> Element:
    """The mean over the seeds of the share of right answers, by day."""
    days = range(len(loops[0].days))
    mine = [statistics.fmean(loop.days[day].with_loop for loop in loops) for day in days]
    alone = [statistics.fmean(loop.days[day].without for loop in loops) for day in days]
    frame = Frame.of((0, len(days) - 1), (min(*mine, *alone, 0.9) - 0.02, 1.0))
    border = frame.x(since)
    marks: list[Child] = [
        element("path", class_="chance", d=path([(border, frame.y.start), (border, frame.y.end)])),
        label(border + 4, frame.y.end + 10, "drift"),
    ]
    for side, values in (("b", alone), ("a", mine)):
        line = path([(frame.x(day), frame.y(value)) for day, value in zip(days, values, strict=True)])
        marks.append(element("path", class_=f"line {side}", d=line))
    drawn = frame.drawn("right answers by day", "day", "right answers", marks)
    caption = "Blue: with the loop. The other line: the first model, without it."
    return element("figure", element("h3", "Right answers"), drawn, element("figcaption", caption), class_="wide")


def _seeds(loops: Sequence[Loop]) -> Iterator[Element]:
    for seed, loop in enumerate(loops):
        yield element("h2", f"Seed {seed}")
        yield table(["day", "with", "without", "verdict", "what happened"], [_row(day) for day in loop.days])


def _row(day: Day) -> tuple[str, list[Child]]:
    happened = "; ".join([*day.events, *([f"apart: {', '.join(day.drifted[:5])}"] if day.drifted else [])])
    return "", [str(day.day), f"{day.with_loop:.3f}", f"{day.without:.3f}", day.verdict, happened]

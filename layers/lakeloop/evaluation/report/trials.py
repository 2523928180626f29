"""The trials of a tuning job as parallel coordinates: a line for each, an axis for each hyperparameter."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lakeloop.evaluation.document import Trial
from lakeloop.evaluation.report.axes import Scale, label, path, svg, tick, tip
from lakeloop.evaluation.report.markup import Element, element

WIDTH, HEIGHT = 1000, 280
TOP, BOTTOM, SIDE = 46, 28, 70


@dataclass(frozen=True)
class _Axis:
    name: str
    scale: Scale
    logarithmic: bool

    def place(self, value: float) -> float:
        return self.scale(math.log10(value) if self.logarithmic else value)


def coordinates(title: str, objective: str, trials: Sequence[Trial], best: str, *, greater: bool) -> Element:
    """`best` is drawn in the challenger's colour; the other lines are the darker, the better they are."""
    drawn = [trial for trial in trials if trial.value is not None]
    names = [name for name in sorted(set().union(*(trial.parameters for trial in drawn))) if _is_number(name, drawn)]
    numbers = [(trial, _numbers(trial, names)) for trial in drawn]
    axes = [_axis(name, [row[place] for _, row in numbers]) for place, name in enumerate([*names, objective])]
    step = (WIDTH - 2 * SIDE) / max(1, len(axes) - 1)
    marks = [part for place, axis in enumerate(axes) for part in _drawn(axis, SIDE + place * step)]
    ranked = sorted(numbers, key=lambda found: found[0].value or 0, reverse=not greater)
    for rank, (trial, row) in enumerate(sorted(ranked, key=lambda found: found[0].name == best)):
        line = [(SIDE + place * step, axis.place(row[place])) for place, axis in enumerate(axes)]
        mine = trial.name == best
        said = ", ".join(f"{axis.name} {tick(row[place])}" for place, axis in enumerate(axes))
        opacity = None if mine else f"{0.25 + 0.5 * (rank + 1) / len(ranked):.2f}"
        marks.append(
            element(
                "path",
                tip(f"{trial.name}: {said}"),
                class_=f"trial {'a' if mine else ''}",
                opacity=opacity,
                d=path(line),
            )
        )
    return svg(WIDTH, HEIGHT, title, marks)


def _is_number(name: str, trials: Sequence[Trial]) -> bool:
    """Words, and what some trials do not have, stand in the table alone."""
    try:
        return all(math.isfinite(float(trial.parameters[name])) for trial in trials)
    except (KeyError, ValueError):
        return False


def _numbers(trial: Trial, names: Sequence[str]) -> list[float]:
    return [*(float(trial.parameters[name]) for name in names), trial.value or 0.0]


def _axis(name: str, values: Sequence[float]) -> _Axis:
    """By powers of ten where the values lie over more than one."""
    low, high = min(values), max(values)
    logarithmic = low > 0 and high / low > 10
    if logarithmic:
        low, high = math.log10(low), math.log10(high)
    return _Axis(name, Scale(low, high if high > low else low + 1, HEIGHT - BOTTOM, TOP), logarithmic)


def _drawn(axis: _Axis, x: float) -> list[Element]:
    low, high = (10**end if axis.logarithmic else end for end in (axis.scale.low, axis.scale.high))
    return [
        element("line", class_="post", x1=x, x2=x, y1=TOP, y2=HEIGHT - BOTTOM),
        label(x, 16, axis.name, "middle", class_="strong"),
        label(x, TOP - 10, tick(float(f"{high:.4g}")), "middle"),
        label(x, HEIGHT - BOTTOM + 16, tick(float(f"{low:.4g}")), "middle"),
    ]

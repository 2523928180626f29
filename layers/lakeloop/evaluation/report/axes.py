"""Scales, ticks and the frame that plots are drawn into."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lakeloop.evaluation.report.markup import Child, Element, element

WIDTH, HEIGHT = 340, 300
LEFT, RIGHT, TOP, BOTTOM = 48, 14, 12, 42


@dataclass(frozen=True)
class Scale:
    """From values between `low` and `high` to places between `start` and `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / ((self.high - self.low) or 1) * (self.end - self.start)

    def ticks(self, count: int = 5) -> list[float]:
        """Round numbers in the range, about so many."""
        if self.high <= self.low:
            return [self.low]
        rough = (self.high - self.low) / count
        unit = 10.0 ** math.floor(math.log10(rough))
        step = next(unit * size for size in (1, 2, 2.5, 5, 10) if unit * size >= rough * (1 - 1e-9))
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [place * step for place in range(first, last + 1)]


@dataclass(frozen=True)
class Frame:
    """A plot's area with both axes."""

    x: Scale
    y: Scale
    mirrored: bool = False
    """Whether what is below 0 is told as what is above."""

    @classmethod
    def of(cls, xs: tuple[float, float], ys: tuple[float, float], *, mirrored: bool = False) -> "Frame":
        return cls(Scale(*xs, LEFT, WIDTH - RIGHT), Scale(*ys, HEIGHT - BOTTOM, TOP), mirrored)

    def drawn(self, title: str, x: str, y: str, *marks: Child | Sequence[Child]) -> Element:
        """The plot with its marks above the grid; `title` is what a screen reader says."""
        return svg(WIDTH, HEIGHT, title, *self._grid(), *self._names(x, y), *marks)

    def _grid(self) -> Iterator[Element]:
        left, right, top, bottom = self.x.start, self.x.end, self.y.end, self.y.start
        for value in self.x.ticks():
            place = self.x(value)
            yield element("line", class_="grid", x1=place, x2=place, y1=top, y2=bottom)
            yield label(place, bottom + 15, tick(value), "middle")
        for value in self.y.ticks():
            place = self.y(value)
            yield element("line", class_="grid", x1=left, x2=right, y1=place, y2=place)
            yield label(left - 6, place + 3.5, tick(abs(value) if self.mirrored else value), "end")

    def _names(self, x: str, y: str) -> Iterator[Element]:
        yield label((self.x.start + self.x.end) / 2, HEIGHT - 6, x, "middle", class_="axis")
        middle = (self.y.start + self.y.end) / 2
        yield label(0, 0, y, "middle", class_="axis", transform=f"translate(11 {middle:.0f}) rotate(-90)")


def svg(width: float, height: float, title: str, *children: Child | Sequence[Child]) -> Element:
    return element("svg", *children, viewBox=f"0 0 {width:.0f} {height:.0f}", role="img", aria_label=title)


def label(x: float, y: float, text: str, anchor: str = "start", **attributes: object) -> Element:
    return element("text", text, x=x, y=y, text_anchor=anchor, **attributes)


def tick(value: float) -> str:
    return f"{value:.6g}" if abs(value) < 1e5 else f"{value:.3g}"


def tip(text: str) -> Element:
    """What a pointer that rests on a mark is told."""
    return element("title", text)


def path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)

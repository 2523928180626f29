"""The plots of a report, in which class `a` is the challenger and `b` the champion, in the same colours everywhere."""

from collections.abc import Mapping, Sequence

from lakeloop.evaluation.curves import Behaviour, Bin, Point
from lakeloop.evaluation.report.axes import HEIGHT, WIDTH, Frame, Scale, label, path, svg, tick, tip
from lakeloop.evaluation.report.markup import Element, element

SIDES = ("b", "a")
UNIT = (0.0, 1.0)


def curves(title: str, x: str, y: str, lines: Mapping[str, Sequence[Point]], *, diagonal: bool = False) -> Element:
    """Lines in the unit square by their class."""
    frame = Frame.of(UNIT, UNIT)
    chance = path([(frame.x(0), frame.y(0)), (frame.x(1), frame.y(1))])
    return frame.drawn(
        title,
        x,
        y,
        element("path", class_="chance", d=chance) if diagonal else None,
        [
            element("path", class_=f"line {side}", d=path([(frame.x(a), frame.y(b)) for a, b in lines[side]]))
            for side in SIDES
            if lines.get(side)
        ],
    )


def calibration(title: str, x: str, y: str, bins: Mapping[str, Sequence[Bin]], ends: tuple[float, float]) -> Element:
    """What was answered and what was found, a dot for each bin: larger where there are more rows."""
    frame = Frame.of(ends, ends)
    chance = path([(frame.x(end), frame.y(end)) for end in ends])
    marks = [element("path", class_="chance", d=chance)]
    for side in SIDES:
        places = [(frame.x(found.answered), frame.y(found.found), found) for found in bins.get(side, ())]
        if places:
            marks.append(element("path", class_=f"line thin {side}", d=path([place[:2] for place in places])))
        for left, top, found in places:
            said = f"{found.rows} rows: answered {tick(found.answered)}, found {tick(found.found)}"
            marks.append(element("circle", tip(said), class_=f"dot {side}", cx=left, cy=top, r=3.5))
    return frame.drawn(title, x, y, marks)


def spread(title: str, classes: Sequence[str], shares: Sequence[Sequence[float]]) -> Element:
    """How the scores of each class are spread, the second class upwards and the first downwards."""
    most = max((share for row in shares for share in row), default=1) or 1
    frame = Frame.of(UNIT, (-most, most), mirrored=True)
    marks = []
    for row, name, sign in zip(shares, classes, (-1, 1), strict=True):
        width = (frame.x.end - frame.x.start) / len(row)
        for place, share in enumerate(row):
            top, bottom = sorted((frame.y(0), frame.y(sign * share)))
            said = f"{100 * share:.1f} % of the rows of {name}"
            left = frame.x.start + place * width + 0.5
            box = {"x": left, "y": top, "width": width - 1, "height": bottom - top}
            marks.append(element("rect", tip(said), class_="a" if sign > 0 else "neutral", **box))
    names = [
        label(frame.x(0.5), frame.y.end + 14, classes[1], "middle", class_="strong"),
        label(frame.x(0.5), frame.y.start - 8, classes[0], "middle", class_="strong"),
    ]
    return frame.drawn(title, "score", "share of the class", marks, names)


def dots(title: str, x: str, y: str, points: Mapping[str, Sequence[Point]]) -> Element:
    """Predicted beside true numbers."""
    values = [value for side in points.values() for point in side for value in point]
    ends = (min(values), max(values))
    frame = Frame.of(ends, ends)
    chance = path([(frame.x(end), frame.y(end)) for end in ends])
    marks = [
        element(
            "circle",
            tip(f"true {tick(a)}, predicted {tick(b)}"),
            class_=f"dot faint {side}",
            cx=frame.x(a),
            cy=frame.y(b),
            r=2.5,
        )
        for side in SIDES
        for a, b in points.get(side, ())
    ]
    return frame.drawn(title, x, y, element("path", class_="chance", d=chance), marks)


def errors(title: str, x: str, models: Mapping[str, Behaviour]) -> Element:
    """How the residuals are spread: the challenger's filled, the champion's as a line."""
    low = min(model.error_range[0] for model in models.values())
    high = max(model.error_range[1] for model in models.values())
    most = max(count / sum(model.errors) for model in models.values() for count in model.errors)
    frame = Frame.of((low, high), (0, most))
    marks = []
    for side in SIDES:
        if side not in models:
            continue
        model = models[side]
        own = Scale(0, len(model.errors), frame.x(model.error_range[0]), frame.x(model.error_range[1]))
        total = sum(model.errors)
        outline = [(own(0), frame.y(0))]
        for place, count in enumerate(model.errors):
            outline += [(own(place), frame.y(count / total)), (own(place + 1), frame.y(count / total))]
        outline.append((own(len(model.errors)), frame.y(0)))
        marks.append(element("path", class_=f"area {side}", d=path(outline)))
    zero = frame.x(0)
    marks.append(element("line", class_="chance", x1=zero, x2=zero, y1=frame.y.end, y2=frame.y.start))
    return frame.drawn(title, x, "share of the rows", marks)


def bars(title: str, values: Mapping[str, float]) -> Element:
    """Horizontal bars, in their order, with shares in percent."""
    row, names, width = 24, 210, 1000
    most = max(values.values(), default=1) or 1
    scale = Scale(0, most, names, width - 70)
    marks = []
    for place, (name, value) in enumerate(values.items()):
        top = place * row + 4
        long = scale(value) - names
        marks += [
            label(names - 8, top + 13, _short(name, 32), "end"),
            element("rect", tip(name), class_="a", x=names, y=top, width=long, height=row - 7, rx=2),
            label(scale(value) + 6, top + 13, f"{100 * value:.1f} %"),
        ]
    return svg(width, len(values) * row + 6, title, marks)


def matrix(title: str, classes: Sequence[str], counts: Sequence[Sequence[int]]) -> Element:
    """A row for each class, a column for each prediction; the darker, the larger the share of the class."""
    left, top = 96, 40
    cell = (HEIGHT - top - 6) / len(classes)
    marks = [label(left + (HEIGHT - top) / 2, 14, "predicted", "middle", class_="axis")]
    for row, name in enumerate(classes):
        middle = row * cell + cell / 2
        marks.append(label(left - 8, top + middle + 4, _short(name, 14), "end"))
        marks.append(label(left + middle, top - 7, _short(name, max(2, int(cell / 6.5))), "middle"))
        for column, count in enumerate(counts[row]):
            said = f"{count} of {sum(counts[row])} rows of {name} are predicted as {classes[column]}"
            share = count / (sum(counts[row]) or 1)
            x, y = left + column * cell, top + row * cell
            place = {"x": x + 1, "y": y + 1, "width": cell - 2, "height": cell - 2, "rx": 3}
            kind, opacity = "a" if row == column else "wrong", f"{0.06 + 0.6 * share:.2f}"
            marks.append(element("rect", tip(said), class_=kind, fill_opacity=opacity, **place))
            if cell >= 26:
                marks.append(label(x + cell / 2, y + cell / 2 + 4, f"{count:,}", "middle", class_="strong"))
    return svg(WIDTH, HEIGHT, title, marks)


def _short(name: str, longest: int) -> str:
    return name if len(name) <= longest else f"{name[: longest - 1]}\N{HORIZONTAL ELLIPSIS}"

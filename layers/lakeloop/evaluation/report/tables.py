"""The tables of a report."""

from collections.abc import Sequence

from lakeloop.evaluation.curves import Behaviour, ClassFigures
from lakeloop.evaluation.document import About
from lakeloop.evaluation.report.markup import Child, Element, element
from lakeloop.evaluation.sentences import number, share, signed
from lakeloop.evaluation.verdict import Comparison, Figure, Verdict

MOST_TRIALS = 10
MOST_CLASSES = 30


def table(heads: Sequence[str], rows: Sequence[tuple[str, Sequence[Child]]]) -> Element:
    """Rows with their class."""
    head = element("tr", [element("th", name) for name in heads])
    body = [element("tr", [element("td", cell) for cell in cells], class_=kind or None) for kind, cells in rows]
    inner = element("table", element("thead", head), element("tbody", body))
    return element("div", inner, class_="scroll")


def metrics(verdict: Verdict, champion: str) -> Element:
    """Each metric of both models, and what lies between them."""
    rows = []
    for name, found in verdict.metrics.items():
        kind = "chosen" if name == verdict.metric else ""
        rows.append((kind, [name, _figure(found.challenger), _figure(found.champion), _gain(found)]))
    return table(["metric", "this model", champion, "gain"], rows)


def _figure(figure: Figure) -> Element:
    if figure.value is None:
        return element("small", figure.insufficient)
    between = f"{number(figure.interval.low)} to {number(figure.interval.high)}" if figure.interval else ""
    return element("span", number(figure.value), element("small", between))


def _gain(found: Comparison) -> Element:
    if found.gain.value is None or found.gain.interval is None:
        return element("small", "insufficient")
    low, high, _ = found.gain.interval
    kind = "more" if low > 0 else "less" if high < 0 else None
    between = f"{share(found.metric, low)} to {share(found.metric, high)}"
    return element("span", signed(found.metric, found.gain.value), element("small", between), class_=kind)


def classes(challenger: Behaviour, champion: Behaviour | None) -> Element:
    """Precision, recall, F1 and AUC by class; of many classes those with most rows."""
    beside = {found.name: found for found in champion.by_class} if champion else {}
    ordered = sorted(challenger.by_class, key=lambda found: -found.rows)[:MOST_CLASSES]
    heads = ["class", "rows", "precision", "recall", "F1", "AUC", *(["champion's F1", "AUC"] if beside else [])]
    return table(heads, [("", _class(found, beside.get(found.name), others=bool(beside))) for found in ordered])


def _class(found: ClassFigures, other: ClassFigures | None, *, others: bool) -> list[Child]:
    mine = [found.precision, found.recall, found.f1, found.auc]
    theirs = [other.f1, other.auc] if other else [None, None]
    return [found.name, f"{found.rows:,}", *map(_known, [*mine, *(theirs if others else [])])]


def _known(value: float | None) -> str:
    return "insufficient" if value is None else f"{value:.3f}"


def trials(about: About, best: str) -> Element:
    """The best of them."""
    known = [trial for trial in about.trials if trial.value is not None]
    ordered = sorted(known, key=lambda trial: trial.value or 0, reverse=about.greater_is_better)[:MOST_TRIALS]
    names = sorted({name for trial in ordered for name in trial.parameters})
    rows = [
        (
            "best" if trial.name == best else "",
            [trial.name, number(trial.value), *(trial.parameters.get(name, "") for name in names)],
        )
        for trial in ordered
    ]
    return table(["trial", about.objective, *names], rows)

"""What a model does beyond one number: curves, calibration, confusion, residuals; few enough points to be drawn."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, cast

import polars as pl

from lakeloop.evaluation.measures import Area, Ranking
from lakeloop.evaluation.metrics import LEAST_PER_CLASS, predicted
from lakeloop.evaluation.resampling import once
from lakeloop.evaluation.scored import LABEL, Scored, Task, weights_of

MOST_POINTS = 200
MOST_DOTS = 400
BINS = 10
NARROW_BINS = 20


class Point(NamedTuple):
    x: float
    y: float


class Bin(NamedTuple):
    """Rows whose answers are alike: their mean, what was true of them, and how many there are."""

    answered: float
    found: float
    rows: int


@dataclass(frozen=True)
class ClassFigures:
    """How a model does on one class; None where the rows cannot tell."""

    name: str
    rows: int
    precision: float | None
    recall: float | None
    f1: float | None
    auc: float | None
    """Of the class beside all others, by the score that it gets."""


@dataclass(frozen=True)
class Behaviour:
    """One model on its test rows; what a problem has nothing of is empty.

    `confusion` counts rows by their class and the predicted one; only `by_class` and the curves weigh them. `spread`
    has, for each class, the share of its rows in each of `NARROW_BINS` ranges of the score. `errors` counts residuals,
    predicted minus true, in as many ranges between both ends of `error_range`.
    """

    model: str
    roc: tuple[Point, ...] = ()
    precision_recall: tuple[Point, ...] = ()
    calibration: tuple[Bin, ...] = ()
    spread: tuple[tuple[float, ...], ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    by_class: tuple[ClassFigures, ...] = ()
    dots: tuple[Point, ...] = ()
    errors: tuple[int, ...] = ()
    error_range: tuple[float, float] = (0, 0)


def behaviour(task: Task, scored: Scored) -> Behaviour:
    """Raises nothing for few rows or one class: what they cannot show is left out."""
    rows = scored.rows
    if not len(rows):
        return Behaviour(scored.model)
    if task.problem == "regression":
        return _of_numbers(task, scored)
    scores = [rows[name] for name in task.scores]
    answers = predicted(task, scores)
    sure = scores[0] if task.problem == "binary" else pl.DataFrame(scores).max_horizontal()
    right = rows[LABEL] if task.problem == "binary" else (answers == rows[LABEL]).cast(pl.Float64)
    told = task.problem == "binary" and rows[LABEL].n_unique() > 1
    roc, precision_recall = _curves(rows, scores[0]) if told else ((), ())
    return Behaviour(
        scored.model,
        roc=roc,
        precision_recall=precision_recall,
        calibration=_bins(sure, right),
        spread=tuple(_shares(scores[0].filter(rows[LABEL] == code)) for code in (0, 1)) if told else (),
        confusion=_confusion(task, rows[LABEL], answers),
        by_class=tuple(_by_class(task, rows, answers)),
    )


def _of_numbers(task: Task, scored: Scored) -> Behaviour:
    labels, answers = scored.rows[LABEL], scored.rows[task.scores[0]]
    errors = answers - labels
    low, high = (cast("float", end) for end in (errors.min(), errors.max()))
    step = max(1, -(-len(labels) // MOST_DOTS))
    return Behaviour(
        scored.model,
        calibration=_bins(answers, labels),
        dots=tuple(map(Point, labels.gather_every(step), answers.gather_every(step))),
        errors=_histogram(errors, low, high),
        error_range=(low, high),
    )


def _curves(rows: pl.DataFrame, scores: pl.Series) -> tuple[tuple[Point, ...], tuple[Point, ...]]:
    """ROC, and precision by recall, at each distinct score; of many, some."""
    weights = weights_of(rows)
    steps = (
        pl.DataFrame({"score": scores, "hit": weights * rows[LABEL], "miss": weights * (1 - rows[LABEL])})
        .group_by("score")
        .sum()
        .sort("score", descending=True)
        .with_columns(pl.col("hit", "miss").cum_sum())
    )
    hits, misses = steps["hit"], steps["miss"]
    recall, alarms = hits / hits[-1], misses / misses[-1]
    chosen = _spaced(len(steps))
    roc = [Point(0, 0), *map(Point, alarms.gather(chosen), recall.gather(chosen))]
    return tuple(roc), tuple(map(Point, recall.gather(chosen), (hits / (hits + misses)).gather(chosen)))


def _spaced(count: int) -> list[int]:
    """The first, the last, and some between."""
    most = min(count, MOST_POINTS)
    return [round(place * (count - 1) / max(1, most - 1)) for place in range(most)]


def _bins(answers: pl.Series, true: pl.Series) -> tuple[Bin, ...]:
    """Rows by the order of their answers, as many in each bin."""
    rows = pl.DataFrame({"answered": answers, "found": true}).sort("answered").with_row_index()
    place = pl.col("index") * min(BINS, len(rows)) // len(rows)
    found = rows.group_by(place.alias("bin")).agg(pl.col("answered", "found").mean(), pl.len()).sort("bin")
    return tuple(map(Bin, found["answered"], found["found"], found["len"]))


def _shares(scores: pl.Series) -> tuple[float, ...]:
    return tuple(count / len(scores) for count in _histogram(scores, 0, 1))


def _histogram(values: pl.Series, low: float, high: float) -> tuple[int, ...]:
    width = (high - low) / NARROW_BINS or 1
    places = ((values - low) / width).floor().clip(0, NARROW_BINS - 1).cast(pl.Int64)
    return tuple(int((places == place).sum()) for place in range(NARROW_BINS))


def _confusion(task: Task, labels: pl.Series, answers: pl.Series) -> tuple[tuple[int, ...], ...]:
    size = len(task.classes)
    counts = dict((labels * size + answers).cast(pl.Int64).value_counts().iter_rows())
    return tuple(tuple(counts.get(row * size + column, 0) for column in range(size)) for row in range(size))


def _by_class(task: Task, rows: pl.DataFrame, answers: pl.Series) -> Iterator[ClassFigures]:
    weights = weights_of(rows)
    scores = [rows[name] for name in task.scores]
    own = scores if task.problem == "multiclass" else [1 - scores[0], scores[0]]
    for code, name in enumerate(task.classes):
        true, told = rows[LABEL] == code, answers == code
        of_class, said, right = (float(weights.filter(chosen).sum()) for chosen in (true, told, true & told))
        count = int(true.sum())
        enough = count >= LEAST_PER_CLASS
        yield ClassFigures(
            name,
            count,
            precision=right / said if said and enough else None,
            recall=right / of_class if enough else None,
            f1=2 * right / (of_class + said) if enough else None,
            auc=_area(own[code], true, weights) if enough and len(rows) - count >= LEAST_PER_CLASS else None,
        )


def _area(scores: pl.Series, true: pl.Series, weights: pl.Series) -> float:
    ranking = Ranking(scores.filter(true), scores.filter(~true), at=(0, 1))
    [area] = Area(ranking).over(once([weights.filter(true), weights.filter(~true)]))
    return float(area)

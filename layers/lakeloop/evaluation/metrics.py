"""Metrics of a model on test rows, as scikit-learn defines them; weights count a row so many times.

Names are XGBoost's where it has one, so that a contract's `training.metric` means the same here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Literal

import polars as pl

from lakeloop.contract import Problem, training
from lakeloop.evaluation.measures import Area, AveragePrecision, Mean, Measure, Ranking
from lakeloop.evaluation.resampling import Draws, once, resamples
from lakeloop.evaluation.scored import LABEL, Task, weights_of

Metric = training.Metric | Literal["brier", "accuracy", "r2"]

SHOWN: Mapping[Problem, tuple[Metric, ...]] = {
    "binary": ("auc", "aucpr", "logloss", "brier", "accuracy"),
    "multiclass": ("mlogloss", "brier", "accuracy"),
    "regression": ("rmse", "mae", "r2"),
}
"""What people see of every model."""
PROPER: Mapping[Problem, Metric] = {"binary": "logloss", "multiclass": "mlogloss", "regression": "rmse"}
"""What can be told from rows of few classes too."""
GREATER_IS_BETTER = frozenset({"auc", "aucpr", "accuracy", "r2"})
RELATIVE = frozenset({"rmse", "mae"})
"""In the label's units: what is gained is a share of the champion's."""

# With fewer rows of a class its rank among others is chance: 13 % of plain resamples lack one that has two rows.
LEAST_PER_CLASS = 5
# numpy's eps of float64, which scikit-learn keeps probabilities from 0 and 1 by.
EPSILON = 2.0**-52


class Metrics:
    """All metrics of some models on the same rows, which lie in strata by class.

    Classes with fewer than `LEAST_PER_CLASS` rows share a stratum with the one that has most: alone, each of their rows
    would be drawn time and again, as if it were certain.
    """

    def __init__(self, task: Task, rows: pl.DataFrame) -> None:
        """`rows` have labels, and weights if any; the scores of each model are given to `measure`."""
        self.task = task
        self._labels = rows[LABEL]
        self.weights = weights_of(rows)
        self._strata = list(_strata(task, self._labels))
        self._own = [self._labels.gather(places) for places in self._strata]

    def lacking(self, metric: Metric) -> str:
        """Why the rows cannot tell a metric, as a sentence; empty where they can."""
        if metric in ("auc", "aucpr"):
            short = [f"`{name}` has {rows}" for name, rows in self.rows_per_class.items() if rows < LEAST_PER_CLASS]
            if short:
                return f"{metric} needs {LEAST_PER_CLASS} rows of each class: {' and '.join(short)}"
        if metric == "r2" and self._labels.n_unique() < 2:
            return "r2 needs labels that differ"
        return "" if self.rows else "no rows"

    @property
    def rows(self) -> int:
        return len(self._labels)

    @cached_property
    def rows_per_class(self) -> dict[str, int]:
        return {name: int((self._labels == code).sum()) for code, name in enumerate(self.task.classes)}

    def once(self) -> Draws:
        return once([self.weights.gather(places) for places in self._strata])

    def resamples(self, draws: int, seed: int) -> Iterator[Draws]:
        return resamples([self.weights.gather(places) for places in self._strata], draws, seed)

    def measure(self, metric: Metric, scores: Sequence[pl.Series]) -> Measure:
        """How a model comes out by a metric; `scores` in the order of `Task.scores`."""
        if metric in ("auc", "aucpr"):
            ranking = self._ranking(scores[0])
            return Area(ranking) if metric == "auc" else AveragePrecision(ranking)
        if metric == "r2":
            return self._mean(lambda *means: 1 - means[0] / (means[1] - means[2] ** 2), *self._spread(scores[0]))
        quantity = _QUANTITIES[metric](self.task, self._labels, scores)
        if metric == "accuracy":
            return self._mean(lambda mean: 1 - mean, quantity)
        return self._mean(lambda mean: mean.sqrt() if metric == "rmse" else mean, quantity)

    def _spread(self, predicted: pl.Series) -> tuple[pl.Series, pl.Series, pl.Series]:
        # Around their mean, for squares of large numbers leave no digits for what they differ by.
        mean = float((self._labels * self.weights).sum()) / float(self.weights.sum())
        centred = self._labels - mean
        return (predicted - self._labels) ** 2, centred**2, centred

    def _mean(self, then: Callable[..., pl.Series], *quantities: pl.Series) -> Mean:
        return Mean(tuple(tuple(values.gather(places) for places in self._strata) for values in quantities), then)

    def _ranking(self, scores: pl.Series) -> Ranking:
        positive = next(place for place, labels in enumerate(self._own) if labels[0] == 1)
        strata = [scores.gather(places) for places in self._strata]
        return Ranking(strata[positive], strata[1 - positive], at=(positive, 1 - positive))


def _strata(task: Task, labels: pl.Series) -> Iterator[pl.Series]:
    """The places of the rows of each stratum."""
    if task.problem == "regression" or not len(labels):
        yield pl.int_range(len(labels), eager=True)
        return
    counts = labels.value_counts(sort=True)
    own = counts.filter(pl.col("count") >= LEAST_PER_CLASS)[LABEL].to_list() or [counts[LABEL][0]]
    rare = labels.is_in(own).not_()
    for place, label in enumerate(own):
        yield ((labels == label) | (rare if place == 0 else False)).arg_true()


def predicted(task: Task, scores: Sequence[pl.Series]) -> pl.Series:
    """The class that a caller is told, as its number: of equal probabilities the first."""
    if task.problem == "binary":
        return (scores[0] > 0.5).cast(pl.Float64)
    largest = pl.concat_list(pl.all()).list.arg_max().cast(pl.Float64)
    return pl.DataFrame({str(code): series for code, series in enumerate(scores)}).select(largest).to_series()


def probability_of_label(task: Task, labels: pl.Series, scores: Sequence[pl.Series]) -> pl.Series:
    if task.problem == "binary":
        return pl.select(pl.when(labels == 1).then(scores[0]).otherwise(1 - scores[0])).to_series()
    found = pl.zeros(len(labels), eager=True, dtype=pl.Float64)
    for code, series in enumerate(scores):
        found = found + series * (labels == code)
    return found


def _log_loss(task: Task, labels: pl.Series, scores: Sequence[pl.Series]) -> pl.Series:
    return -probability_of_label(task, labels, scores).clip(EPSILON, 1 - EPSILON).log()


def _brier(task: Task, labels: pl.Series, scores: Sequence[pl.Series]) -> pl.Series:
    if task.problem == "binary":
        return (scores[0] - labels) ** 2
    return sum(
        ((series - (labels == code).cast(pl.Float64)) ** 2 for code, series in enumerate(scores)),
        start=pl.zeros(len(labels), eager=True, dtype=pl.Float64),
    )


def _wrong(task: Task, labels: pl.Series, scores: Sequence[pl.Series]) -> pl.Series:
    return (predicted(task, scores) != labels).cast(pl.Float64)


def _squared(_: Task, labels: pl.Series, scores: Sequence[pl.Series]) -> pl.Series:
    return (scores[0] - labels) ** 2


def _absolute(_: Task, labels: pl.Series, scores: Sequence[pl.Series]) -> pl.Series:
    return (scores[0] - labels).abs()


_QUANTITIES: Mapping[str, Callable[[Task, pl.Series, Sequence[pl.Series]], pl.Series]] = {
    "logloss": _log_loss,
    "mlogloss": _log_loss,
    "brier": _brier,
    "error": _wrong,
    "merror": _wrong,
    "accuracy": _wrong,
    "rmse": _squared,
    "mae": _absolute,
}
"""What each row adds to the mean behind a metric."""

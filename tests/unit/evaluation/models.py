"""Models that never were: answers to test rows, as good or bad as a test wants them."""

from collections.abc import Sequence
from random import Random

import polars as pl

from lakeloop.contract import Problem
from lakeloop.evaluation.scored import KEY, LABEL, Scored, Task

CLASSES: dict[Problem, tuple[str, ...]] = {"binary": ("no", "yes"), "multiclass": ("a", "b", "c"), "regression": ()}


def task(problem: Problem = "binary", metric: str = "error") -> Task:
    return Task(problem, CLASSES[problem], metric)  # type: ignore[arg-type]


def scored(name: str, labels: list[float], *scores: list[float], **columns: Sequence[object]) -> Scored:
    """Rows with these labels and scores; other columns by their names, `slice_x` for `slice:x`."""
    names = ["score"] if len(scores) == 1 else [f"score_{code}" for code in range(len(scores))]
    keys = [f"row-{number}" for number in range(len(labels))]
    others = {column.replace("slice_", "slice:"): values for column, values in columns.items()}
    frame = pl.DataFrame({KEY: keys, LABEL: labels, **dict(zip(names, scores, strict=True)), **others})
    return Scored(name, frame.cast({LABEL: pl.Float64, **dict.fromkeys(names, pl.Float64)}))  # of no rows too


def answering(labels: list[float], right: list[bool], sure: float = 0.9) -> list[float]:
    """Scores for the positive class that are right or wrong by row, each as sure as the other."""
    return [sure if (label == 1) == is_right else 1 - sure for label, is_right in zip(labels, right, strict=True)]


def seeded(seed: int) -> Random:
    """The same chance each time."""
    return Random(seed)  # noqa: S311 no secret


def coins(chance: Random, rows: int, share: float = 0.5) -> list[float]:
    """Labels, of which about this share is 1."""
    return [float(chance.random() < share) for _ in range(rows)]


def noisy(chance: Random, labels: list[float], noise: float) -> list[float]:
    """Probabilities that are better the less noise there is."""
    return [1 / (1 + 2.718281828 ** -(2 * label - 1 + chance.gauss(0, noise))) for label in labels]

"""Days of traffic made of a shipped table: rows like its own, which one day are not like those of before."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_wine

Drift = Literal["none", "covariate", "sudden", "label"]
Numbers = NDArray[np.float64]

LABEL = "label"
TABLES = {"breast_cancer": load_breast_cancer, "wine": load_wine}
# Rows are drawn from the table with a tenth of each column's spread of noise: it has a few hundred of its own.
NOISE = 0.1
# What an instrument that is set up anew adds to a third of the columns, in standard deviations.
SHIFT = 1.5
# Labels that are turned where the definition of a case has changed.
TURNED = 0.35


@dataclass(frozen=True)
class Rows:
    """Features and labels of some predictions."""

    x: Numbers
    y: NDArray[np.int64]

    def frame(self, names: Sequence[str]) -> pl.DataFrame:
        return pl.DataFrame(self.x, schema=list(names)).with_columns(pl.Series(LABEL, self.y))

    def __add__(self, other: "Rows") -> "Rows":
        return Rows(np.vstack([self.x, other.x]), np.concatenate([self.y, other.y]))

    def where(self, chosen: NDArray[np.bool_]) -> "Rows":
        return Rows(self.x[chosen], self.y[chosen])


class World:
    """One seed's traffic: the same with and without the loop."""

    def __init__(self, dataset: str, drift: Drift, seed: int, since: int, days: int) -> None:
        source = TABLES[dataset]()
        self.names = [str(name).replace(" ", "_") for name in source.feature_names]
        self.classes = len(source.target_names)
        self._x, self._y = np.asarray(source.data, dtype=np.float64), np.asarray(source.target, dtype=np.int64)
        self._spread = self._x.std(axis=0)
        self._drift, self._since, self._days = drift, since, days
        self._random = np.random.default_rng(seed)
        self._moved = self._random.permutation(len(self.names))[: len(self.names) // 3]
        # Half of the cases that the change of definition is about: those with much in one column.
        self._about = int(self._random.integers(len(self.names)))

    def draw(self, rows: int, day: int = -1) -> Rows:
        """The rows of a day, -1 for those of before the first."""
        picked = self._random.integers(len(self._y), size=rows)
        x = self._x[picked] + self._random.normal(size=(rows, len(self.names))) * NOISE * self._spread
        return self._drifted(Rows(x, self._y[picked]), day)

    def _drifted(self, rows: Rows, day: int) -> Rows:
        if day < self._since or self._drift == "none":
            return rows
        if self._drift == "label":
            much = rows.x[:, self._about] > np.median(self._x[:, self._about])
            turned = much & (self._random.random(len(rows.y)) < 2 * TURNED)
            return Rows(rows.x, np.where(turned, (rows.y + 1) % self.classes, rows.y))
        slow = (day - self._since + 1) / max(1, self._days - self._since)
        x = rows.x.copy()
        x[:, self._moved] += SHIFT * self._spread[self._moved] * (1.0 if self._drift == "sudden" else slow)
        return Rows(x, rows.y)

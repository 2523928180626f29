"""What models say of the rows of a test split."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import polars as pl

from lakeloop.contract import DatasetContract, Problem
from lakeloop.contract.training import Metric

KEY = "key"
"""Names a row within the split, each once."""
LABEL = "label"
"""The number of the class, counted from 0 in the order of `Task.classes`; of regression the number itself."""
SCORE = "score"
"""Of a binary label the probability of class 1, of regression the predicted number."""
WEIGHT = "weight"
"""Above 0; left out, each row counts once."""
NEW = "new"
"""Whether the row came after the champion's commit; left out, none did."""
FEEDBACK = "feedback"
"""Whether the row came back from callers of the API; left out, none did."""
SLICE = "slice:"
"""Before the name of a column that the contract wants the quality by; its values are text, null for none."""


@dataclass(frozen=True)
class Task:
    """What is learned, and what models are compared by."""

    problem: Problem
    classes: tuple[str, ...]
    metric: Metric

    @classmethod
    def of(cls, contract: DatasetContract) -> Self:
        return cls(contract.task, contract.classes, contract.promotion.metric or contract.metric)

    @property
    def scores(self) -> tuple[str, ...]:
        """The columns with what a model says: one for each of more than two classes, `score_0` and on."""
        if self.problem == "multiclass":
            return tuple(f"{SCORE}_{code}" for code in range(len(self.classes)))
        return (SCORE,)


@dataclass(frozen=True)
class Scored:
    """One model's answers to test rows: the columns above, with `Task.scores` as Float64.

    `paired` is False where the rows are not those of the other model, as those of a champion are that cannot read them.
    """

    model: str
    rows: pl.DataFrame
    paired: bool = True

    @property
    def slices(self) -> Iterator[str]:
        """The names of the columns that the rows can be parted by."""
        return (name.removeprefix(SLICE) for name in self.rows.columns if name.startswith(SLICE))

"""What models say of the rows of a test split."""

from dataclasses import dataclass

import polars as pl

from lakeloop.contract import Problem
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


def weights_of(rows: pl.DataFrame) -> pl.Series:
    """How often each row counts."""
    return rows[WEIGHT] if WEIGHT in rows.columns else pl.repeat(1.0, len(rows), eager=True)

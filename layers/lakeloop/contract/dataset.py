"""A whole contract, and how its sections fit together."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from lakeloop.contract import rules
from lakeloop.contract.base import Broken, ContractModel
from lakeloop.contract.columns import Column
from lakeloop.contract.gate import Quality, Splits
from lakeloop.contract.rules import Problem
from lakeloop.contract.serving import Serving
from lakeloop.contract.training import Retrain, Training

DatasetName = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9_]{0,39}$",
        description="a name of at most 40 lower-case letters, digits and underscores, a letter first",
    ),
]

# CloudWatch: an alarm whose periods are an hour or longer looks back at most seven days.
Silence = Annotated[
    str,
    Field(
        pattern=r"^([1-9]|[1-9][0-9]|1[0-5][0-9]|16[0-8])h$|^[1-7]d$",
        description="1h to 168h or 1d to 7d, an alarm looks back a week at most",
    ),
]


class DatasetContract(ContractModel):
    """One dataset: what its files hold, what is learned from them and how it is served."""

    name: DatasetName
    description: str
    problem: Problem
    row_key: str
    label: str
    positive_class: str | None = None
    columns: Annotated[tuple[Column, ...], Field(min_length=3)]
    splits: Splits
    quality: Quality
    training: Training
    retrain: Retrain
    serving: Serving
    expect_every: Silence | None = None
    """An alarm tells when no file was taken for so long."""

    @property
    def features(self) -> tuple[Column, ...]:
        """The model's inputs, in the order in which the model reads them."""
        return tuple(c for c in self.columns if c.name not in (self.row_key, self.label))

    @property
    def label_column(self) -> Column:
        return self.column(self.label)

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of their codes, none for regression; the positive class has code 1."""
        if self.problem == "regression":
            return ()
        return tuple(sorted(self.label_column.allowed, key=lambda value: value == self.positive_class))

    def column(self, name: str) -> Column:
        return next(c for c in self.columns if c.name == name)

    def broken_rules(self) -> Iterator[Broken]:
        return rules.broken(
            rules.Draft(
                problem=self.problem,
                row_key=self.row_key,
                label=self.label,
                positive_class=self.positive_class,
                metric=self.training.metric,
                names=tuple(column.name for column in self.columns),
                columns={column.name: column for column in self.columns},
            )
        )

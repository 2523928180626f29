"""A whole contract, and how its sections fit together."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lakeloop.contract.base import ContractModel
from lakeloop.contract.columns import Column
from lakeloop.contract.gate import Quality, Splits
from lakeloop.contract.serving import Serving
from lakeloop.contract.training import Retrain, Training

Problem = Literal["binary", "multiclass", "regression"]

METRICS_OF_PROBLEM: dict[Problem, frozenset[str]] = {
    "binary": frozenset({"auc", "aucpr", "logloss", "error"}),
    "multiclass": frozenset({"mlogloss", "merror"}),
    "regression": frozenset({"rmse", "mae"}),
}


class DatasetContract(ContractModel):
    """One dataset: what its files hold, what is learned from them and how it is served."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
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

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        names = [c.name for c in self.columns]
        repeated = sorted({n for n in names if names.count(n) > 1})
        if repeated:
            raise ValueError(f"columns: {', '.join(repeated)} is there twice")
        for role, name in (("row_key", self.row_key), ("label", self.label)):
            if name not in names:
                raise ValueError(f"{role}: `{name}` is not one of the columns")
        if self.row_key == self.label:
            raise ValueError("label: the row key cannot be the label")
        for column in self.features:
            if column.type == "string":
                raise ValueError(f"column {column.name}: a feature is float, integer, boolean or category, not string")
        if self.column(self.row_key).nullable or self.label_column.nullable:
            raise ValueError("columns: the row key and the label cannot be nullable")
        return self

    @model_validator(mode="after")
    def _label_fits_the_problem(self) -> Self:
        label = self.label_column
        if self.problem == "regression":
            if label.type not in ("float", "integer"):
                raise ValueError(f"label: regression learns a float or integer, `{label.name}` is a {label.type}")
        elif label.type != "category":
            raise ValueError(f"label: {self.problem} learns a category, `{label.name}` is a {label.type}")
        if self.problem == "binary" and len(label.allowed) != 2:
            raise ValueError(f"label: a binary label has 2 allowed values, `{label.name}` has {len(label.allowed)}")
        if (self.problem == "binary") != (self.positive_class is not None):
            raise ValueError("positive_class: name it for a binary problem, and only there")
        if self.positive_class is not None and self.positive_class not in label.allowed:
            raise ValueError(f"positive_class: `{self.positive_class}` is not an allowed value of `{label.name}`")
        if self.training.metric not in METRICS_OF_PROBLEM[self.problem]:
            expected = ", ".join(sorted(METRICS_OF_PROBLEM[self.problem]))
            raise ValueError(f"training.metric: {self.problem} is measured by one of {expected}")
        return self

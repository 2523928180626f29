"""The dataset contract: one schema for transform, training and serving, read from `datasets/<name>.yaml`."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Problem = Literal["binary", "multiclass", "regression"]
ColumnType = Literal["float", "integer", "boolean", "category", "string"]
Fraction = Annotated[float, Field(ge=0, le=1)]


class ContractModel(BaseModel):
    """Unknown keys are typing errors in a contract, so they are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(ContractModel):
    """One column of the landed file."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
    type: ColumnType
    description: str
    nullable: bool = False
    min: float | None = None
    max: float | None = None
    allowed: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _limits_fit_the_type(self) -> Self:
        if (self.type == "category") != bool(self.allowed):
            raise ValueError(f"column {self.name}: `allowed` lists the values of a category column, and only of one")
        if len(set(self.allowed)) != len(self.allowed):
            raise ValueError(f"column {self.name}: `allowed` names a value twice")
        numeric = self.type in ("float", "integer")
        if not numeric and (self.min is not None or self.max is not None):
            raise ValueError(f"column {self.name}: `min` and `max` are for float and integer columns")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"column {self.name}: `min` {self.min} is greater than `max` {self.max}")
        return self


class Splits(ContractModel):
    """Fractions of the rows, by a hash of the row key."""

    train: Annotated[float, Field(gt=0, lt=1)]
    validation: Annotated[float, Field(gt=0, lt=1)]
    test: Annotated[float, Field(gt=0, lt=1)]

    @model_validator(mode="after")
    def _sum_to_one(self) -> Self:
        total = self.train + self.validation + self.test
        if abs(total - 1) > 1e-9:
            raise ValueError(f"splits: train + validation + test must be 1, not {total:g}")
        return self


class Quality(ContractModel):
    """A file that breaks one of these limits is quarantined whole."""

    max_rejected_fraction: Fraction
    min_rows: Annotated[int, Field(ge=1)] = 1


class Range(ContractModel):
    """The range in which tuning searches one hyperparameter."""

    type: Literal["continuous", "integer"]
    min: float
    max: float
    scale: Literal["Auto", "Linear", "Logarithmic", "ReverseLogarithmic"] = "Auto"

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min >= self.max:
            raise ValueError(f"range: `min` {self.min:g} must be less than `max` {self.max:g}")
        return self


class Training(ContractModel):
    """How SageMaker tunes the model."""

    metric: Literal["auc", "aucpr", "logloss", "error", "mlogloss", "merror", "rmse", "mae"]
    rounds: Annotated[int, Field(ge=1, le=4000)]
    early_stopping_rounds: Annotated[int, Field(ge=1)]
    ranges: Annotated[dict[str, Range], Field(min_length=1, max_length=30)]
    trials: Annotated[int, Field(ge=1, le=750)]
    parallel_trials: Annotated[int, Field(ge=1, le=10)]
    instance_type: Annotated[str, Field(pattern=r"^ml\.")]
    spot: bool = True
    max_trial_seconds: Annotated[int, Field(ge=60)] = 3600
    seed: Annotated[int, Field(ge=0)] = 0


class Retrain(ContractModel):
    """When new data starts tuning."""

    min_new_rows: Annotated[int, Field(ge=1)]


class Serverless(ContractModel):
    """Size of a serverless endpoint."""

    memory_mb: Literal[1024, 2048, 3072, 4096, 5120, 6144]
    max_concurrency: Annotated[int, Field(ge=1, le=200)]


class Instances(ContractModel):
    """Size of an endpoint on instances."""

    instance_type: Annotated[str, Field(pattern=r"^ml\.")]
    count: Annotated[int, Field(ge=1)]


class Serving(ContractModel):
    """Exactly one of the two kinds of endpoint."""

    serverless: Serverless | None = None
    instances: Instances | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.serverless is None) == (self.instances is None):
            raise ValueError("serving: give either `serverless` or `instances`")
        return self


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

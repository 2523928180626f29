"""How SageMaker tunes a model, and when."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from lakeloop.contract.base import Broken, ContractModel

Metric = Literal["auc", "aucpr", "logloss", "error", "mlogloss", "merror", "rmse", "mae"]
InstanceType = Annotated[str, Field(pattern=r"^ml\.", description="an instance type of SageMaker, such as ml.m5.large")]

# Seconds that SageMaker waits for spot capacity where a job, like the built-in XGBoost's, keeps no checkpoints.
LONGEST_SPOT_WAIT = 3600


class Range(ContractModel):
    """The range in which tuning searches one hyperparameter."""

    type: Literal["continuous", "integer"]
    """Whether numbers between whole ones are tried."""
    min: float
    """The least that is tried."""
    max: float
    """The most that is tried."""
    scale: Literal["Auto", "Linear", "Logarithmic", "ReverseLogarithmic"] = "Auto"
    """How the range is searched."""

    def broken_rules(self) -> Iterator[Broken]:
        if self.min >= self.max:
            yield Broken(("min",), f"less than max, which is {self.max:.15g}", f"{self.min:.15g}")
        for key, limit in (("min", self.min), ("max", self.max)):
            if self.type == "integer" and not limit.is_integer():
                yield Broken((key,), "a whole number in an integer range", f"{limit:.15g}")


USUAL_RANGES = {
    "eta": Range(type="continuous", min=0.05, max=0.5, scale="Logarithmic"),
    "max_depth": Range(type="integer", min=2, max=8),
    "subsample": Range(type="continuous", min=0.5, max=1.0),
    "colsample_bytree": Range(type="continuous", min=0.5, max=1.0),
}
"""What tuning searches where a contract says nothing: rate, depth and sampling of the trees."""


class RowsPerClass(ContractModel):
    """Rows of each class, by split."""

    train: Annotated[int, Field(ge=1)] = 10
    """In the split that is learned from."""
    validation: Annotated[int, Field(ge=1)] = 2
    """In the split that trials are judged by."""
    test: Annotated[int, Field(ge=0)] = 2
    """In the split that models are compared by."""


class Training(ContractModel):
    """How SageMaker tunes the model."""

    metric: Metric | None = None
    """Left out: auc, mlogloss or rmse, by the problem."""
    rounds: Annotated[int, Field(ge=1, le=4000)] = 100
    """Trees at most."""
    early_stopping_rounds: Annotated[int, Field(ge=1)] = 10
    """Rounds without a better metric after which a trial ends."""
    ranges: Annotated[dict[str, Range], Field(min_length=1, max_length=30)] = USUAL_RANGES
    """Hyperparameters of XGBoost that are searched, by name."""
    trials: Annotated[int, Field(ge=1, le=750)] = 10
    """Models that are tried."""
    parallel_trials: Annotated[int, Field(ge=1, le=10)] = 2
    """Trials at a time."""
    instance_type: InstanceType = "ml.m5.large"
    """What each trial runs on."""
    spot: bool = True
    """Whether trials wait for spare capacity, at a lower price."""
    max_trial_seconds: Annotated[int, Field(ge=60)] = 3600
    """After so long a trial is stopped."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Of the search and of each trial."""
    min_rows_per_class: RowsPerClass = RowsPerClass()
    """Training waits until every class has so many rows in each split."""


class Retrain(ContractModel):
    """When new data starts tuning."""

    min_new_rows: Annotated[int, Field(ge=1)] = 100
    """Rows that are new on main since the last training."""

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
    min: float
    max: float
    scale: Literal["Auto", "Linear", "Logarithmic", "ReverseLogarithmic"] = "Auto"

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


class Training(ContractModel):
    """How SageMaker tunes the model."""

    metric: Metric | None = None
    """Left out: auc, mlogloss or rmse, by the problem."""
    rounds: Annotated[int, Field(ge=1, le=4000)] = 100
    early_stopping_rounds: Annotated[int, Field(ge=1)] = 10
    ranges: Annotated[dict[str, Range], Field(min_length=1, max_length=30)] = USUAL_RANGES
    trials: Annotated[int, Field(ge=1, le=750)] = 10
    parallel_trials: Annotated[int, Field(ge=1, le=10)] = 2
    instance_type: InstanceType = "ml.m5.large"
    spot: bool = True
    max_trial_seconds: Annotated[int, Field(ge=60)] = 3600
    seed: Annotated[int, Field(ge=0)] = 0


class Retrain(ContractModel):
    """When new data starts tuning."""

    min_new_rows: Annotated[int, Field(ge=1)] = 100

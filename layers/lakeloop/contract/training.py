"""How SageMaker tunes a model, and when."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lakeloop.contract.base import ContractModel


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

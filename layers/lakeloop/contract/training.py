"""How SageMaker tunes a model, and when."""

import math
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from lakeloop.contract.base import Broken, ContractModel, as_list
from lakeloop.contract.splits import Duration

Metric = Literal["auc", "aucpr", "logloss", "error", "mlogloss", "merror", "rmse", "mae"]
InstanceType = Annotated[str, Field(pattern=r"^ml\.", description="an instance type of SageMaker, such as ml.m5.large")]

InstanceTypes = Annotated[
    tuple[InstanceType, ...],
    Field(max_length=5),
    BeforeValidator(as_list, json_schema_input_type=InstanceType | list[InstanceType]),
]
Strategy = Literal["Bayesian", "Random", "Grid", "Hyperband"]

# Those that learn from an earlier job; https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-warm-start.html
WARM_STRATEGIES = ("Bayesian", "Random")
# The contract carries the program, and every function reads contracts when it starts.
LONGEST_SCRIPT = 65_536
# Of one tuning job.
MOST_TRIALS = 750
# Of a gp2 volume.
LARGEST_VOLUME_GB = 16_384

Age = Annotated[
    str,
    Field(
        pattern=r"^([1-9][0-9]{0,3}h|[1-9][0-9]{0,2}d)$",
        description="1h to 9999h or 1d to 999d, such as 30d",
    ),
]

# Seconds that SageMaker waits for spot capacity where a job, like the built-in XGBoost's, keeps no checkpoints.
LONGEST_SPOT_WAIT = 3600


class Range(ContractModel):
    """The range in which tuning searches one hyperparameter."""

    type: Literal["continuous", "integer"]
    """A range of numbers, or of whole ones alone."""
    min: float
    """The least that is tried of a range."""
    max: float
    """The most that is tried of a range."""
    scale: Literal["Auto", "Linear", "Logarithmic", "ReverseLogarithmic"] = "Auto"
    """How the range is searched."""

    def broken_rules(self) -> Iterator[Broken]:
        if self.min >= self.max:
            yield Broken(("min",), f"less than max, which is {self.max:.15g}", f"{self.min:.15g}")
        for key, limit in (("min", self.min), ("max", self.max)):
            if self.type == "integer" and not limit.is_integer():
                yield Broken((key,), "a whole number in an integer range", f"{limit:.15g}")


class Choices(ContractModel):
    """The values that tuning tries of one hyperparameter; all that Grid takes."""

    type: Literal["categorical"]
    """Listed values."""
    values: Annotated[tuple[float, ...], Field(min_length=1, max_length=30)]
    """The numbers that are tried."""


def _kind_of_search(value: object) -> str:
    kind = value.get("type") if isinstance(value, Mapping) else getattr(value, "type", None)
    return "listed" if kind == "categorical" else "between"


Searched = Annotated[
    Annotated[Range, Tag("between")] | Annotated[Choices, Tag("listed")], Discriminator(_kind_of_search)
]
"""Only the kind that was meant is judged."""

USUAL_RANGES: dict[str, Range | Choices] = {
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
    strategy: Strategy = "Bayesian"
    """How the next trial is chosen; Grid tries every combination, Hyperband ends trials that fall behind."""
    early_stopping: bool = False
    """Whether SageMaker ends trials that fall behind the median of those before."""
    warm_start: bool = False
    """Whether a search learns from the trials of the last one with the same metric and hyperparameters."""
    script: Annotated[str, Field(min_length=1, max_length=LONGEST_SCRIPT)] | None = None
    """A program of your own, `training/NAME.py` beside the contract, that runs in XGBoost's container in place of its
    own; left out, the built-in one."""
    ranges: Annotated[dict[str, Searched], Field(min_length=1, max_length=30)] = USUAL_RANGES
    """Hyperparameters of XGBoost that are searched, by name."""
    trials: Annotated[int, Field(ge=1, le=MOST_TRIALS)] = 10
    """Models that are tried; Grid tries as many as there are combinations."""
    parallel_trials: Annotated[int, Field(ge=1, le=10)] = 2
    """Trials at a time."""
    instance_type: InstanceType = "ml.m5.large"
    """What each trial runs on."""
    fallback_instance_types: InstanceTypes = ()
    """What trials run on where AWS has none of the first just now, in this order."""
    instance_count: Annotated[int, Field(ge=1, le=100)] = 1
    """Instances of a trial; with several, each reads its part of the objects."""
    volume_gb: Annotated[int, Field(ge=1, le=LARGEST_VOLUME_GB)] | None = None
    """Disk of an instance; left out, twice the size of the data, and 10 GB at least."""
    spot: bool = True
    """Whether trials wait for spare capacity, at a lower price."""
    max_trial_seconds: Annotated[int, Field(ge=60)] = 3600
    """After so long a trial is stopped."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Of the search and of each trial."""
    min_rows_per_class: RowsPerClass = RowsPerClass()
    """Training waits until every class has so many rows in each split."""

    @property
    def planned_trials(self) -> int:
        """How many models are tried."""
        if self.strategy != "Grid":
            return self.trials
        return math.prod(len(listed.values) for listed in self.ranges.values() if isinstance(listed, Choices))

    def broken_rules(self) -> Iterator[Broken]:
        if self.early_stopping and self.strategy == "Hyperband":
            yield Broken(("early_stopping",), "false with Hyperband, which ends trials itself", "true")
        if self.warm_start and self.strategy not in WARM_STRATEGIES:
            expected = f"false with {self.strategy}: SageMaker warm-starts {' and '.join(WARM_STRATEGIES)} alone"
            yield Broken(("warm_start",), expected, "true")
        types = (self.instance_type, *self.fallback_instance_types)
        for name in sorted({name for name in types if types.count(name) > 1}):
            yield Broken(("fallback_instance_types",), "each instance type once", f"{name} twice")
        if self.strategy == "Grid":
            yield from self._broken_grid()

    def _broken_grid(self) -> Iterator[Broken]:
        numbers = {name: searched.type for name, searched in self.ranges.items() if isinstance(searched, Range)}
        for name, kind in numbers.items():
            yield Broken(("ranges", name, "type"), "categorical: Grid tries listed values", kind)
        if not numbers and self.planned_trials > MOST_TRIALS:
            yield Broken(("ranges",), f"at most {MOST_TRIALS} combinations for Grid", f"{self.planned_trials:,}")


class Retrain(ContractModel):
    """When new data starts tuning."""

    min_new_rows: Annotated[int, Field(ge=1)] = 100
    """Rows with a label that are new on main since the last training."""
    max_age: Age | None = None
    """A model of this age is trained again as soon as there is any new row; an alarm tells when none is trained."""
    cool_down: Duration | None = None
    """Between a job's end and the next start. Left out: none after a model. After a job without one the pause is 10min,
    or this where it is longer, doubled for each that failed on the same data."""
    advance: Duration | None = None
    """By how much the borders of `until` move on, whenever the test behind them still spans as long as validation."""

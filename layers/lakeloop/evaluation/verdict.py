"""What the promotion rule says, and what it says it from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from lakeloop.evaluation.metrics import Metric
from lakeloop.registry.ports import Approval


class Outcome(StrEnum):
    """What is known of a challenger beside the champion."""

    BETTER = "better"
    NO_GAIN = "no gain"
    WORSE = "worse"
    UNDECIDED = "not enough test rows to tell"
    UNPAIRED = "not compared row by row"


class Part(StrEnum):
    """The test rows that a comparison is made on; slices have names of their own."""

    ALL = "all test rows"
    NEW = "test rows since the champion's commit"
    OTHERS = "test rows that are not feedback"


class Interval(NamedTuple):
    """Holds the true value with the probability `confidence`."""

    low: float
    high: float
    confidence: float


@dataclass(frozen=True)
class Figure:
    """A metric of one model; `value` is None where the rows cannot tell it, and `insufficient` says why."""

    value: float | None
    interval: Interval | None = None
    insufficient: str = ""


@dataclass(frozen=True)
class Comparison:
    """Both models by one metric on the same rows.

    `gain` is above 0 where the challenger is better; of rmse and mae it is a share of the champion's.
    """

    part: str
    metric: Metric
    rows: int
    challenger: Figure
    champion: Figure
    gain: Figure
    limit: float | None = None
    """The loss that is allowed; None where a gain is asked for."""

    @classmethod
    def unknown(cls, part: str, metric: Metric, rows: int, why: str) -> "Comparison":
        nothing = Figure(None, insufficient=why)
        return cls(part, metric, rows, nothing, nothing, nothing)


@dataclass(frozen=True)
class Verdict:
    """The first reason alone says what was decided and why; `comparisons` are what the rule looked at.

    `champion` is empty for a first model, which is compared with the best constant answer. `judged` says how often
    challengers of this champion were judged, this one included. `metrics` are both models' on all test rows, by name.
    """

    approval: Approval
    outcome: Outcome
    reasons: tuple[str, ...]
    metric: Metric
    challenger: str
    champion: str
    judged: int
    comparisons: tuple[Comparison, ...] = ()
    metrics: Mapping[Metric, Comparison] = field(default_factory=dict)

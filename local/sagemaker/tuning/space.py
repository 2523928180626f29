"""What is searched: SageMaker's parameter ranges as Optuna's distributions, and values as the text that trials get."""

import math
from dataclasses import dataclass
from typing import Protocol

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from lakeloop.local.sagemaker.documents import Document

# With "Auto" SageMaker chooses the scale; a range over this many times its lower end is searched by magnitude.
WIDE = 100


class Parameter(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def distribution(self) -> BaseDistribution: ...

    def text(self, searched: float | int | str) -> str:
        """What Optuna proposed, as the hyperparameter."""

    def searched(self, text: str) -> float | int | str | None:
        """The hyperparameter as Optuna would have proposed it; None outside the range."""


@dataclass(frozen=True)
class Categorical:
    name: str
    values: tuple[str, ...]

    @property
    def distribution(self) -> BaseDistribution:
        return CategoricalDistribution(self.values)

    def text(self, searched: float | int | str) -> str:
        return str(searched)

    def searched(self, text: str) -> float | int | str | None:
        return text if text in self.values else None


@dataclass(frozen=True)
class Integer:
    name: str
    low: int
    high: int
    logarithmic: bool

    @property
    def distribution(self) -> BaseDistribution:
        return IntDistribution(self.low, self.high, log=self.logarithmic)

    def text(self, searched: float | int | str) -> str:
        return str(searched)

    def searched(self, text: str) -> float | int | str | None:
        return int(text) if self.low <= int(text) <= self.high else None


@dataclass(frozen=True)
class Continuous:
    name: str
    low: float
    high: float
    logarithmic: bool
    # Searched by how far it is from 1: for values such as a decay of 0.999.
    reverse: bool = False

    @property
    def distribution(self) -> BaseDistribution:
        if self.reverse:
            return FloatDistribution(1 - self.high, 1 - self.low, log=True)
        return FloatDistribution(self.low, self.high, log=self.logarithmic)

    def text(self, searched: float | int | str) -> str:
        return repr(1 - float(searched) if self.reverse else float(searched))

    def searched(self, text: str) -> float | int | str | None:
        value = float(text)
        if not self.low <= value <= self.high:
            return None
        return 1 - value if self.reverse else value


def parameters(ranges: Document) -> list[Parameter]:
    return [
        *(_continuous(each) for each in ranges.get("ContinuousParameterRanges", [])),
        *(_integer(each) for each in ranges.get("IntegerParameterRanges", [])),
        *(Categorical(each["Name"], tuple(each["Values"])) for each in ranges.get("CategoricalParameterRanges", [])),
    ]


def _continuous(given: Document) -> Continuous:
    low, high = float(given["MinValue"]), float(given["MaxValue"])
    scale = given.get("ScalingType", "Auto")
    return Continuous(given["Name"], low, high, _logarithmic(scale, low, high), reverse=scale == "ReverseLogarithmic")


def _integer(given: Document) -> Integer:
    low, high = int(given["MinValue"]), int(given["MaxValue"])
    return Integer(given["Name"], low, high, _logarithmic(given.get("ScalingType", "Auto"), low, high))


def _logarithmic(scale: str, low: float, high: float) -> bool:
    return scale == "Logarithmic" or (scale == "Auto" and low > 0 and math.log(high / low) > math.log(WIDE))

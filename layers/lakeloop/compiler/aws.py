"""What SageMaker would refuse of a contract, long after it was applied, or fail on trial by trial.

Hyperparameters: those of the XGBoost container 3.0-5 that can be tuned, with type and limits as the container declares
them (aws/sagemaker-xgboost-container, hyperparameter_validation.py; max_delta_step is an integer in the guide).
Instance types: botocore's own list. Spot: the guide of managed spot training.
"""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from botocore.loaders import Loader

from lakeloop.compiler.readable import Readable
from lakeloop.contract import Choices, Range
from lakeloop.contract.base import Broken, Texts
from lakeloop.contract.training import LONGEST_SPOT_WAIT, Searched, Training


@dataclass(frozen=True)
class Hyperparameter:
    """A hyperparameter that can be tuned; its limits belong to it, unless `open`: then the lower one does not."""

    types: tuple[str, ...] = ("continuous",)
    low: float = 0
    high: float | None = None
    open: bool = False


SHARE = Hyperparameter(high=1, open=True)
INTEGER = ("integer",)

TUNABLE = {
    "alpha": Hyperparameter(),
    "colsample_bylevel": SHARE,
    "colsample_bynode": SHARE,
    "colsample_bytree": SHARE,
    "eta": Hyperparameter(high=1),
    "gamma": Hyperparameter(),
    "lambda": Hyperparameter(),
    "max_delta_step": Hyperparameter(("continuous", "integer")),
    "max_depth": Hyperparameter(INTEGER),
    "min_child_weight": Hyperparameter(),
    "subsample": SHARE,
}
# XGBoost's other names. The container reads them; that SageMaker tunes them nobody says.
ALIASES = {"learning_rate": "eta", "min_split_loss": "gamma", "reg_alpha": "alpha", "reg_lambda": "lambda"}
# What every trial is given, and where that comes from.
GIVEN = {
    "early_stopping_rounds": "training.early_stopping_rounds",
    "eval_metric": "training.metric",
    "num_class": "the label's allowed values",
    "num_round": "training.rounds",
    "objective": "problem",
    "seed": "training.seed",
}

# The container's seed is below 2**31 - 1.
HIGHEST_SEED = 2**31 - 2


def broken(contract: Readable) -> Iterator[Broken]:
    """The rules of AWS that the readable part of a contract breaks."""
    for name in contract.names("training", "ranges"):
        yield from _hyperparameter(name, contract.get(Searched, "training", "ranges", name))
    yield from _tuning(contract)
    yield from _instance_types(contract)


def _hyperparameter(name: str, searched: Range | Choices | None) -> Iterator[Broken]:
    path = ("training", "ranges", name)
    if name in GIVEN:
        yield Broken(path, f"another hyperparameter, {name} is set by {GIVEN[name]}", "it tuned as well")
    elif name in ALIASES:
        yield Broken(path, f"{ALIASES[name]}, as SageMaker calls it", name)
    elif name not in TUNABLE:
        near = difflib.get_close_matches(name, TUNABLE, n=1)
        choice = f"such as {near[0]}" if near else f"one of {', '.join(sorted(TUNABLE))}"
        yield Broken(path, f"a hyperparameter that can be tuned, {choice}", name)
    elif isinstance(searched, Choices):
        yield from _listed(path, TUNABLE[name], searched)
    elif searched is not None:
        for rule in (_type, _limits, _scale):
            yield from rule(path, TUNABLE[name], searched)


def _listed(path: tuple[str, ...], rule: Hyperparameter, listed: Choices) -> Iterator[Broken]:
    values = (*path, "values")
    for value in listed.values:
        if value < rule.low or (rule.open and value == rule.low) or (rule.high is not None and value > rule.high):
            side = "above" if rule.open else "at least"
            most = "" if rule.high is None else f" and at most {rule.high:g}"
            yield Broken(values, f"numbers {side} {rule.low:g}{most} for {path[-1]}", f"{value:.15g}")
        elif rule.types == INTEGER and not value.is_integer():
            yield Broken(values, f"whole numbers for {path[-1]}", f"{value:.15g}")


def _type(path: tuple[str, ...], rule: Hyperparameter, searched: Range) -> Iterator[Broken]:
    if searched.type not in rule.types:
        yield Broken((*path, "type"), f"{rule.types[0]} for {path[-1]}", searched.type)


def _limits(path: tuple[str, ...], rule: Hyperparameter, searched: Range) -> Iterator[Broken]:
    if searched.min < rule.low or (rule.open and searched.min == rule.low):
        side = "above" if rule.open else "at least"
        yield Broken((*path, "min"), f"{side} {rule.low:g} for {path[-1]}", f"{searched.min:.15g}")
    if rule.high is not None and searched.max > rule.high:
        yield Broken((*path, "max"), f"at most {rule.high:g} for {path[-1]}", f"{searched.max:.15g}")


def _scale(path: tuple[str, ...], rule: Hyperparameter, searched: Range) -> Iterator[Broken]:
    """The guide of automatic model tuning, Hyperparameter Scaling."""
    if searched.scale == "Logarithmic" and searched.min <= 0:
        yield Broken((*path, "min"), "above 0 on a logarithmic scale", f"{searched.min:.15g}")
    if searched.scale == "ReverseLogarithmic":
        if searched.type == "integer":
            yield Broken((*path, "scale"), "a continuous range for ReverseLogarithmic", "an integer one")
        elif searched.min < 0 or searched.max >= 1:
            found = f"{searched.min:.15g} to {searched.max:.15g}"
            yield Broken((*path, "scale"), "limits from 0 to below 1 for ReverseLogarithmic", found)


def _tuning(contract: Readable) -> Iterator[Broken]:
    # Grid tries as many as there are combinations.
    trials = None if contract.text("training", "strategy") == "Grid" else contract.get(int, "training", "trials")
    parallel = contract.get(int, "training", "parallel_trials")
    if trials is not None and parallel is not None and parallel > trials:
        yield Broken(("training", "parallel_trials"), f"at most the {trials} trials there are", f"{parallel}")
    seed = contract.get(int, "training", "seed")
    if seed is not None and seed > HIGHEST_SEED:
        yield Broken(("training", "seed"), f"at most {HIGHEST_SEED}", f"{seed}")
    spot = contract.get(bool, "training", "spot")
    seconds = contract.get(int, "training", "max_trial_seconds")
    if spot is None:
        spot = Training.model_fields["spot"].default
    if spot and seconds is not None and seconds > LONGEST_SPOT_WAIT:
        expected = f"at most {LONGEST_SPOT_WAIT}, or spot: false (for spot SageMaker waits no longer)"
        yield Broken(("training", "max_trial_seconds"), expected, f"{seconds}")


def _instance_types(contract: Readable) -> Iterator[Broken]:
    for shape, *path in (
        ("TrainingInstanceType", "training", "instance_type"),
        ("TrainingInstanceType", "training", "fallback_instance_types"),
        ("ProductionVariantInstanceType", "serving", "instances", "instance_type"),
    ):
        for given in contract.get(Texts, *path) or ():
            if given not in instance_types(shape):
                near = difflib.get_close_matches(given, instance_types(shape), n=1, cutoff=0.8) or ["ml.m5.large"]
                use = "training" if path[0] == "training" else "endpoints"
                yield Broken(tuple(path), f"an instance type that SageMaker has for {use}, such as {near[0]}", given)


@cache
def instance_types(shape: str) -> tuple[str, ...]:
    """The values of one of SageMaker's enumerations, from the botocore that is installed."""
    model = Loader().load_service_model("sagemaker", "service-2")
    return tuple(model["shapes"][shape]["enum"])

"""What SageMaker demands of a tuning request beyond the shape of it."""

import math
from collections.abc import Iterator

from lakeloop.local.sagemaker.containers.xgboost import hyperparameters
from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.errors import invalid
from lakeloop.local.sagemaker.training.images import image
from lakeloop.local.sagemaker.training.metrics import built_in_objectives
from lakeloop.local.sagemaker.training.rules import check_algorithm
from lakeloop.local.sagemaker.training.script import PROGRAM

NUMERIC = ("ContinuousParameterRanges", "IntegerParameterRanges")
CATEGORICAL = "CategoricalParameterRanges"


def check(request: Document) -> None:
    """Raises ServiceError for the first rule that is broken."""
    if "TrainingJobDefinition" not in request:
        raise invalid(
            "A TrainingJobDefinition is required. (The local SageMaker takes one, not TrainingJobDefinitions.)"
        )
    if "Autotune" in request:
        raise invalid("The local SageMaker has no Autotune.")
    check_algorithm(request["TrainingJobDefinition"])
    for problem in _problems(request["HyperParameterTuningJobConfig"], request["TrainingJobDefinition"]):
        raise invalid(problem)


def _problems(config: Document, definition: Document) -> Iterator[str]:
    if config.get("ParameterRanges", {}).get("AutoParameters"):
        yield "The local SageMaker has no AutoParameters."
    if "HyperParameterTuningJobObjective" not in config:
        yield "HyperParameterTuningJobObjective must be specified in HyperParameterTuningJobConfig."
    yield from _strategy_problems(config)
    ranges = config.get("ParameterRanges", {})
    yield from _range_problems(ranges)
    if both := sorted(set(definition.get("StaticHyperParameters", {})) & set(_tuned(ranges))):
        yield f"Hyperparameters {both} are both static and tuned; give each only once."
    if image(definition["AlgorithmSpecification"].get("TrainingImage", "")).built_in:
        yield from _built_in_problems(config, definition)


def _tuned(ranges: Document) -> list[str]:
    return [each["Name"] for kind in (*NUMERIC, CATEGORICAL) for each in ranges.get(kind, [])]


def _strategy_problems(config: Document) -> Iterator[str]:
    strategy, limits = config["Strategy"], config["ResourceLimits"]
    ranges = config.get("ParameterRanges", {})
    if strategy == "Hyperband" and config.get("TrainingJobEarlyStoppingType") == "Auto":
        yield "TrainingJobEarlyStoppingType must be Off with the Hyperband strategy, which stops jobs itself."
    if strategy == "Grid":
        if any(ranges.get(kind) for kind in NUMERIC):
            yield "The Grid strategy takes only categorical parameter ranges."
        combinations = math.prod(len(each["Values"]) for each in ranges.get(CATEGORICAL, []))
        if limits.get("MaxNumberOfTrainingJobs", combinations) != combinations:
            yield f"MaxNumberOfTrainingJobs must be {combinations}, the number of grid combinations, or left out."
    elif "MaxNumberOfTrainingJobs" not in limits and "MaxRuntimeInSeconds" not in limits:
        yield "Either MaxNumberOfTrainingJobs or MaxRuntimeInSeconds must be specified in ResourceLimits."
    if not _tuned(ranges):
        yield "At least one parameter range must be specified in ParameterRanges."


def _range_problems(ranges: Document) -> Iterator[str]:
    names = _tuned(ranges)
    yield from (
        f"Hyperparameter {name} has more than one range." for name in sorted(set(names)) if names.count(name) > 1
    )
    for kind, number in (("ContinuousParameterRanges", float), ("IntegerParameterRanges", int)):
        for each in ranges.get(kind, []):
            name = each["Name"]
            try:
                low, high = number(each["MinValue"]), number(each["MaxValue"])
            except ValueError:
                yield f"MinValue and MaxValue of {name} in {kind} must be of type {number.__name__}."
                continue
            scale = each.get("ScalingType")
            if low >= high:
                yield f"MinValue of {name} must be less than MaxValue."
            if scale == "Logarithmic" and low <= 0:
                yield f"Logarithmic scaling of {name} works only for ranges with values greater than 0."
            if scale == "ReverseLogarithmic" and (kind != NUMERIC[0] or not 0 <= low <= high < 1):
                yield f"ReverseLogarithmic scaling of {name} works only for continuous ranges within 0 <= x < 1.0."


def _built_in_problems(config: Document, definition: Document) -> Iterator[str]:
    """SageMaker knows the hyperparameters and metrics of its own algorithms. Its wording for these is not known."""
    tuned = _tuned(config.get("ParameterRanges", {}))
    if unknown := sorted(each for each in tuned if _proper_name(each) not in hyperparameters.TUNABLE):
        tunable = ", ".join(sorted(hyperparameters.TUNABLE))
        yield f"Hyperparameters {unknown} cannot be tuned with this algorithm. Tunable: {tunable}."
    static = definition.get("StaticHyperParameters", {})
    # A program of the user's may have any hyperparameters, but even then only those of the algorithm can be tuned.
    if PROGRAM not in static:
        if unknown := sorted(each for each in static if _proper_name(each) not in hyperparameters.RULES):
            yield f"The algorithm has no hyperparameters {unknown}."
        if "num_round" not in {*static, *tuned}:
            yield "The hyperparameter num_round is required by the algorithm."
    yield from _objective_problems(config["HyperParameterTuningJobObjective"], definition)


def _objective_problems(objective: Document, definition: Document) -> Iterator[str]:
    name, directions = objective["MetricName"], built_in_objectives()
    if name not in directions:
        yield f"The objective metric {name} is not one of the algorithm's: {', '.join(sorted(directions))}."
    elif directions[name] != objective["Type"]:
        yield f"The objective metric {name} can only be used with Type {directions[name]}."
    elif "validation" not in {channel["ChannelName"] for channel in definition.get("InputDataConfig", [])}:
        yield f"The objective metric {name} needs the channel validation."


def _proper_name(hyperparameter: str) -> str:
    return hyperparameters.ALIASES.get(hyperparameter, hyperparameter)

"""What SageMaker demands of a tuning request beyond the shape of it."""

import math
from collections.abc import Iterator

from local.sagemaker.containers.xgboost import hyperparameters
from local.sagemaker.documents import Document
from local.sagemaker.errors import invalid
from local.sagemaker.training.images import image
from local.sagemaker.training.metrics import built_in_objectives
from local.sagemaker.training.rules import check_algorithm

NUMERIC = ("ContinuousParameterRanges", "IntegerParameterRanges")
CATEGORICAL = "CategoricalParameterRanges"


def check(request: Document) -> None:
    """Raises ServiceError for the first rule that is broken."""
    config = request["HyperParameterTuningJobConfig"]
    if "TrainingJobDefinition" not in request:
        raise invalid(
            "A TrainingJobDefinition is required. (The local SageMaker takes one, not TrainingJobDefinitions.)"
        )
    if "HyperParameterTuningJobObjective" not in config:
        raise invalid("HyperParameterTuningJobObjective must be specified in HyperParameterTuningJobConfig.")
    _check_strategy(config)
    ranges = config.get("ParameterRanges", {})
    for problem in _range_problems(ranges):
        raise invalid(problem)
    definition = request["TrainingJobDefinition"]
    check_algorithm(definition)
    static = definition.get("StaticHyperParameters", {})
    if both := sorted(set(static) & set(_tuned(ranges))):
        raise invalid(f"Hyperparameters {both} are both static and tuned; give each only once.")
    if image(definition["AlgorithmSpecification"].get("TrainingImage", "")).built_in:
        _check_built_in(config, definition, static)


def _tuned(ranges: Document) -> list[str]:
    return [each["Name"] for kind in (*NUMERIC, CATEGORICAL) for each in ranges.get(kind, [])]


def _check_strategy(config: Document) -> None:
    strategy, limits = config["Strategy"], config["ResourceLimits"]
    ranges = config.get("ParameterRanges", {})
    if strategy == "Hyperband" and config.get("TrainingJobEarlyStoppingType") == "Auto":
        raise invalid(
            "TrainingJobEarlyStoppingType must be Off when the Hyperband strategy is used: it stops jobs itself."
        )
    if strategy == "Grid":
        if any(ranges.get(kind) for kind in NUMERIC):
            raise invalid("The Grid strategy takes only categorical parameter ranges.")
        combinations = math.prod(len(each["Values"]) for each in ranges.get(CATEGORICAL, []))
        if limits.get("MaxNumberOfTrainingJobs", combinations) != combinations:
            raise invalid(
                f"MaxNumberOfTrainingJobs must be {combinations}, the number of grid combinations, or left out."
            )
    elif "MaxNumberOfTrainingJobs" not in limits and "MaxRuntimeInSeconds" not in limits:
        raise invalid("Either MaxNumberOfTrainingJobs or MaxRuntimeInSeconds must be specified in ResourceLimits.")
    if not _tuned(ranges):
        raise invalid("At least one parameter range must be specified in ParameterRanges.")


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


def _check_built_in(config: Document, definition: Document, static: Document) -> None:
    """SageMaker knows the hyperparameters and metrics of its own algorithms. Its wording for these is not known."""
    for each in hyperparameters_tuned(config):
        name = hyperparameters.ALIASES.get(each, each)
        if name not in hyperparameters.TUNABLE:
            raise invalid(f"Hyperparameter {each} cannot be tuned with this algorithm. Tunable: {_listed()}")
    if unknown := sorted(
        name for name in static if hyperparameters.ALIASES.get(name, name) not in hyperparameters.RULES
    ):
        raise invalid(f"The algorithm has no hyperparameters {unknown}.")
    if "num_round" not in {*static, *hyperparameters_tuned(config)}:
        raise invalid("The hyperparameter num_round is required by the algorithm.")
    objective = config["HyperParameterTuningJobObjective"]
    direction = built_in_objectives().get(objective["MetricName"])
    if direction is None:
        raise invalid(
            f"The objective metric {objective['MetricName']} is not one of the algorithm's: {sorted(built_in_objectives())}"
        )
    if direction != objective["Type"]:
        raise invalid(f"The objective metric {objective['MetricName']} can only be used with Type {direction}.")
    if "validation" not in {channel["ChannelName"] for channel in definition.get("InputDataConfig", [])}:
        raise invalid(f"The objective metric {objective['MetricName']} needs the channel validation.")


def hyperparameters_tuned(config: Document) -> list[str]:
    return _tuned(config.get("ParameterRanges", {}))


def _listed() -> str:
    return ", ".join(sorted(hyperparameters.TUNABLE))

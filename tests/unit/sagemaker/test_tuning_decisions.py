"""Early stopping, completion criteria, and the search itself."""

from collections.abc import Sequence
from typing import Any

import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from lakeloop.local.sagemaker.tuning.completion import CONVERGED_AFTER, complete, not_improving
from lakeloop.local.sagemaker.tuning.early_stopping import promises_nothing
from lakeloop.local.sagemaker.tuning.search import PastTrial, Search, new_search
from lakeloop.local.sagemaker.tuning.space import parameters


@pytest.mark.parametrize(
    ("current", "completed", "maximize", "hopeless"),
    [
        ([0.5], [], True, False),
        ([0.5], [[0.6, 0.7]], True, True),
        ([0.6], [[0.6, 0.9]], True, False),
        # At the second epoch the running averages of the others are 0.7, 0.5 and 0.6: the median is 0.6.
        ([0.9, 0.59], [[0.6, 0.8], [0.4, 0.6], [0.6, 0.6]], True, True),
        ([0.1, 0.61], [[0.6, 0.8], [0.4, 0.6], [0.6, 0.6]], True, False),
        ([0.61], [[0.6]], False, True),
        ([0.59], [[0.6]], False, False),
        # Those that ended sooner count with what they have.
        ([0.5, 0.5, 0.5], [[0.6]], True, True),
    ],
)
def test_median_rule(current: list[float], completed: list[list[float]], maximize: bool, hopeless: bool) -> None:
    assert promises_nothing(current, completed, maximize=maximize) is hopeless


@pytest.mark.parametrize(
    ("objectives", "stale"), [([], 0), ([0.5], 0), ([0.5, 0.6], 0), ([0.6, 0.5], 1), ([0.5, 0.7, 0.6, 0.7], 2)]
)
def test_trials_without_improvement(objectives: list[float], stale: int) -> None:
    assert not_improving(objectives, maximize=True) == stale
    assert not_improving([-value for value in objectives], maximize=False) == stale


NOT_IMPROVING = {"BestObjectiveNotImproving": {"MaxNumberOfTrainingJobsNotImproving": 3}}
CONVERGENCE = {"ConvergenceDetected": {"CompleteOnConvergence": "Enabled"}}


@pytest.mark.parametrize(
    ("criteria", "objectives", "maximize", "done"),
    [
        ({}, [0.9], True, False),
        ({"TargetObjectiveMetricValue": 0.9}, [0.89], True, False),
        ({"TargetObjectiveMetricValue": 0.9}, [0.9], True, True),
        ({"TargetObjectiveMetricValue": 0.1}, [0.1], False, True),
        ({"TargetObjectiveMetricValue": 0.9}, [], True, False),
        (NOT_IMPROVING, [0.9, 0.8, 0.8], True, False),
        (NOT_IMPROVING, [0.9, 0.8, 0.8, 0.8], True, True),
        (CONVERGENCE, [0.9] * CONVERGED_AFTER, True, False),
        (CONVERGENCE, [0.9] * (CONVERGED_AFTER + 1), True, True),
    ],
)
def test_completion(criteria: dict[str, Any], objectives: list[float], maximize: bool, done: bool) -> None:
    assert complete(criteria, objectives, maximize=maximize) is done


def continuous(low: str, high: str, scale: str = "Auto") -> dict[str, Any]:
    searched = {"Name": "x", "MinValue": low, "MaxValue": high, "ScalingType": scale}
    return {"ContinuousParameterRanges": [searched]}


@pytest.mark.parametrize(
    ("ranges", "distribution"),
    [
        (continuous("0", "1"), FloatDistribution(0, 1)),
        (continuous("0.1", "1", "Linear"), FloatDistribution(0.1, 1)),
        (continuous("0.1", "1", "Logarithmic"), FloatDistribution(0.1, 1, log=True)),
        (continuous("0.0001", "1"), FloatDistribution(0.0001, 1, log=True)),
        (continuous("0.1", "1"), FloatDistribution(0.1, 1)),
        (
            {"IntegerParameterRanges": [{"Name": "x", "MinValue": "2", "MaxValue": "6"}]},
            IntDistribution(2, 6),
        ),
        (
            {"CategoricalParameterRanges": [{"Name": "x", "Values": ["a", "b"]}]},
            CategoricalDistribution(("a", "b")),
        ),
    ],
)
def test_ranges_become_distributions(ranges: dict[str, Any], distribution: object) -> None:
    assert parameters(ranges)[0].distribution == distribution


def test_reverse_logarithmic_is_searched_by_its_distance_from_one() -> None:
    parameter = parameters(continuous("0.9", "0.999", "ReverseLogarithmic"))[0]

    distribution = parameter.distribution
    assert isinstance(distribution, FloatDistribution)
    assert [distribution.low, distribution.high] == pytest.approx([0.001, 0.1])
    assert distribution.log
    assert float(parameter.text(0.01)) == pytest.approx(0.99)
    assert parameter.searched("0.99") == pytest.approx(0.01)
    assert parameter.searched("0.5") is None


def config(strategy: str, ranges: dict[str, Any], **more: object) -> dict[str, Any]:
    objective = {"Type": "Maximize", "MetricName": "m"}
    return {"Strategy": strategy, "HyperParameterTuningJobObjective": objective, "ParameterRanges": ranges, **more}


def peak(values: dict[str, str]) -> float:
    """Highest at 0.7."""
    return 1 - (float(values["x"]) - 0.7) ** 2


def best_of(search: Search, count: int) -> float:
    reached = []
    for number in range(count):
        values = search.propose(str(number))
        assert values is not None
        reached.append(peak(values))
        search.conclude(str(number), reached[-1])
    return max(reached)


def test_bayesian_search_closes_in_on_the_peak() -> None:
    search = new_search(config("Bayesian", continuous("0", "1"), RandomSeed=1), [])

    assert best_of(search, 25) > 0.999


@pytest.mark.parametrize("strategy", ["Bayesian", "Random", "Hyperband"])
def test_seed_repeats_the_search(strategy: str) -> None:
    def proposals() -> list[dict[str, str] | None]:
        search = new_search(config(strategy, continuous("0", "1"), RandomSeed=3), [])
        return [search.propose(str(number)) for number in range(3)]

    assert proposals() == proposals()


def test_search_after_a_restart_proposes_something_else() -> None:
    def second(past: Sequence[PastTrial]) -> dict[str, str] | None:
        return new_search(config("Random", continuous("0", "1"), RandomSeed=3), past).propose("next")

    first = second([])
    assert first is not None

    assert second([PastTrial(first, 0.5)]) != first


def test_parents_outside_the_range_are_left_out() -> None:
    past = [PastTrial({"x": "5"}, 1.0), PastTrial({"other": "1"}, 1.0), PastTrial({"x": "0.5"}, None)]

    assert new_search(config("Bayesian", continuous("0", "1")), past).propose("a") is not None


def test_grid_ends_when_everything_was_tried() -> None:
    grid = {"CategoricalParameterRanges": [{"Name": "x", "Values": ["1", "2"]}, {"Name": "y", "Values": ["a"]}]}
    search = new_search(config("Grid", grid), [PastTrial({"x": "2", "y": "a"}, 0.1)])

    assert search.propose("1") == {"x": "1", "y": "a"}
    assert search.propose("2") is None


def test_hyperband_lets_go_of_what_falls_behind() -> None:
    resources = {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 9}}
    search = new_search(config("Hyperband", continuous("0", "1"), StrategyConfig=resources, RandomSeed=1), [])
    kept = []
    for number in range(20):
        search.propose(str(number))
        quality = number % 2
        kept.append((quality, all(search.report(str(number), epoch, float(quality)) for epoch in range(1, 10))))
        search.conclude(str(number), float(quality))

    assert any(not going for quality, going in kept if quality == 0)
    assert sum(going for quality, going in kept if quality == 1) > sum(going for quality, going in kept if quality == 0)

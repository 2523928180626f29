"""Many trials: their calls are counted on the fake, their seconds told on the real server."""

import time

import pytest

from lakeloop.adapters.mlflow import MlflowTracker
from lakeloop.adapters.mlflow_calls import MlflowCalls
from lakeloop.tracking.ports import Run
from tests.contract.tracking.examples import experiment, parent, rounds, trial
from tests.contract.tracking.seen import MlflowReader
from tests.contract.tracking.servers import RealMlflow
from tests.fakes.mlflow_server import FakeMlflow, serving

TRIALS = 200


def two_hundred() -> list[Run]:
    above = parent()
    return [above, *(trial(number, above, rounds(50)) for number in range(1, TRIALS + 1))]


def test_a_trial_costs_four_calls_and_one_that_is_recorded_none(fake: FakeMlflow) -> None:
    with serving(fake) as uri:
        tracker, runs = MlflowTracker(MlflowCalls(uri, lambda: None), "lakeloop-dev"), two_hundred()
        tracker.record("tumours", runs)
        first = len(fake.calls)
        tracker.record("tumours", runs)

    # The experiment, what is known, and a call more for each where the run above is made and ended.
    assert first == 4 * (TRIALS + 1) + 3
    assert len(fake.calls) - first == 2


@pytest.mark.long
def test_two_hundred_trials_are_all_recorded_and_how_fast_is_said(real: RealMlflow) -> None:
    name, runs = experiment(), two_hundred()
    tracker = MlflowTracker(MlflowCalls(real.uri, lambda: None), "lakeloop-dev")
    started = time.monotonic()

    tracker.record(name, runs)

    seconds = time.monotonic() - started
    print(f"{TRIALS} trials of 100 points each in {seconds:.1f} s")
    found = MlflowReader(real.uri).get("experiments/get-by-name", experiment_name=name)["experiment"]
    assert len(list(tracker.runs(found["experiment_id"], ""))) == TRIALS + 1

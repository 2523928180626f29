"""What holds of every tracker: the same runs, however often, how late and in what order they are told."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from lakeloop.adapters.mlflow import MlflowTracker
from lakeloop.adapters.mlflow_calls import MlflowCalls
from lakeloop.client.wandb import LocalFolders, WandbTracker
from lakeloop.tracking.ports import Status, Tracker, milliseconds
from tests.contract.tracking.examples import BEGAN, COMMIT, JOB, experiment, rounds, trial, tuning
from tests.contract.tracking.seen import MlflowReader, Reader
from tests.contract.tracking.servers import use_wandb
from tests.contract.tracking.wandb_folders import WandbReader
from tests.fakes.mlflow_server import FakeMlflow, serving


@pytest.fixture(params=["fake", *(pytest.param(name, marks=pytest.mark.long) for name in ("mlflow", "wandb"))])
def kept(request: pytest.FixtureRequest, fake: FakeMlflow, tmp_path: Path) -> Iterator[tuple[Tracker, Reader]]:
    """A tracker, and how a person sees what it keeps."""
    if request.param == "wandb":
        use_wandb()
        yield WandbTracker(LocalFolders(tmp_path)), WandbReader(tmp_path)
        return
    with serving(fake) if request.param == "fake" else nullcontext(request.getfixturevalue("real").uri) as uri:
        yield MlflowTracker(MlflowCalls(uri, lambda: None), "lakeloop-dev"), MlflowReader(uri)


@pytest.fixture
def tracker(kept: tuple[Tracker, Reader]) -> Tracker:
    return kept[0]


@pytest.fixture
def reader(kept: tuple[Tracker, Reader]) -> Reader:
    return kept[1]


@pytest.fixture
def name() -> str:
    return experiment()


def test_a_tuning_job_is_one_run_with_one_below_it_for_each_trial(tracker: Tracker, reader: Reader, name: str) -> None:
    tracker.record(name, tuning(3))

    seen = reader.runs(name)
    assert [run.key for run in seen] == [JOB, *(f"{JOB}-{number:03d}" for number in (1, 2, 3))]
    assert [run.parent for run in seen] == ["", JOB, JOB, JOB]
    assert {run.status for run in seen} == {"FINISHED"}


def test_a_trial_is_told_with_its_own_times_parameters_and_rounds(tracker: Tracker, reader: Reader, name: str) -> None:
    tracker.record(name, tuning(1))

    (seen,) = [run for run in reader.runs(name) if run.parent]
    assert seen.started == milliseconds(BEGAN) + 1000
    assert seen.ended == milliseconds(BEGAN) + 31_000
    assert {key: seen.params[key] for key in ("eta", "max_depth")} == {"eta": "0.1", "max_depth": "6"}
    assert seen.points == sorted((point.metric, point.step, point.at, point.value) for point in rounds(20))
    assert seen.tags["lakefs_commit"] == COMMIT
    assert seen.sources == [f"lakefs://tumours/{COMMIT}/"]


def test_two_writers_one_run_each_trial_and_each_point_is_there_once(
    tracker: Tracker, reader: Reader, name: str
) -> None:
    """Case two-writers-one-run."""
    tracker.record(name, tuning(3))
    first = reader.runs(name)

    tracker.record(name, tuning(3))
    # A person renamed one: a name is no identity.
    tracker.record(name, tuning(3)[:1] + [replace(run, name="renamed") for run in tuning(3)[1:2]])

    again = reader.runs(name)
    assert [run.key for run in again] == [run.key for run in first]
    assert [run.points for run in again] == [run.points for run in first]


def test_a_trial_that_is_told_later_joins_the_run_of_its_job(tracker: Tracker, reader: Reader, name: str) -> None:
    above, *trials = tuning(3)

    tracker.record(name, [above, trials[2]])
    tracker.record(name, [replace(above, params={**above.params, "more": "1"}), *trials])

    assert [run.parent for run in reader.runs(name)] == ["", JOB, JOB, JOB]


def test_what_comes_late_completes_a_run(tracker: Tracker, reader: Reader, name: str) -> None:
    above, run = tuning(1)
    tracker.record(name, [above, replace(run, points=rounds(5), status=Status.FAILED)])

    tracker.record(name, [above, run])

    (seen,) = [seen for seen in reader.runs(name) if seen.parent]
    assert seen.status == "FINISHED"
    assert seen.points == sorted((point.metric, point.step, point.at, point.value) for point in run.points)


def test_a_run_is_known_to_be_whole_only_as_it_was_given(tracker: Tracker, name: str) -> None:
    above, *trials = tuning(1)
    before = tracker.is_recorded(name, above.key, above.version)
    tracker.record(name, [above, *trials])

    assert not before
    assert tracker.is_recorded(name, above.key, above.version)
    assert not tracker.is_recorded(name, above.key, replace(above, status=Status.KILLED).version)


def test_a_run_that_is_given_without_the_one_above_it_finds_that(tracker: Tracker, reader: Reader, name: str) -> None:
    above, *trials = tuning(2)
    tracker.record(name, [above, trials[0]])

    tracker.record(name, trials[1:])

    assert [run.parent for run in reader.runs(name)] == ["", JOB, JOB]


def test_artifacts_lie_beside_their_run(tracker: Tracker, reader: Reader, name: str) -> None:
    above, run = tuning(1)

    tracker.record(name, [above, replace(run, artifacts={"report/report.html": b"<h1>report</h1>"})])

    (seen,) = [seen for seen in reader.runs(name) if seen.parent]
    assert reader.artifact(seen, "report/report.html") == b"<h1>report</h1>"


def test_more_rounds_than_a_request_holds_are_all_there(tracker: Tracker, reader: Reader, name: str) -> None:
    above = tuning(0)[0]
    points = rounds(700, "train-mlogloss", "validation-mlogloss", "validation-merror")

    tracker.record(name, [above, trial(1, above, points)])

    (seen,) = [seen for seen in reader.runs(name) if seen.parent]
    assert len(seen.points) == 2100

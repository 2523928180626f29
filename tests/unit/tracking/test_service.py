"""What record_experiment makes of events that come twice, late, in any order, or while MLflow is down."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import permutations

import pytest

from lakeloop.adapters.mlflow import MlflowTracker
from lakeloop.adapters.mlflow_calls import MlflowCalls
from lakeloop.contract.tracking import Tracking
from lakeloop.errors import PermanentError, TransientError
from lakeloop.messages import Message
from lakeloop.registry.ports import Approval
from lakeloop.tracking.ports import Alias
from lakeloop.tracking.service import TrackingService
from tests.contract.tracking.seen import MlflowReader, SeenRun
from tests.fakes import MemoryContracts, message
from tests.fakes.mlflow_server import FakeMlflow, serving
from tests.unit.tracking.world import (
    COMMIT,
    CONTRACT,
    DATASET,
    GROUP,
    JOB,
    TrackingWorld,
    a_job,
    a_trial,
    endpoint_changed,
    tuning_ended,
    version_changed,
)


@pytest.fixture
def fake() -> FakeMlflow:
    return FakeMlflow()


@pytest.fixture
def world(fake: FakeMlflow) -> Iterator[TrackingWorld]:
    with serving(fake) as uri:
        yield TrackingWorld(uri)


def runs(world: TrackingWorld) -> list[SeenRun]:
    return MlflowReader(world.uri).runs(DATASET)


def handled(service: TrackingService, message: Message) -> str:
    """What became of a message: the name of its error, or nothing."""
    try:
        service.handle(message)
    except TransientError as error:
        return type(error).__name__
    return ""


def test_a_tuning_job_becomes_a_run_with_its_trials_and_their_lineage(world: TrackingWorld) -> None:
    world.service.handle(tuning_ended())

    job, first, best = runs(world)
    assert [job.key, first.key, best.key] == [JOB, f"{JOB}-001", f"{JOB}-002"]
    assert first.parent == best.parent == JOB
    assert best.tags["lakeloop.best"] == "true"
    assert best.tags["lakefs_commit"] == COMMIT
    assert best.tags["mlflow.source.git.commit"] == "0a1b2c"
    assert best.sources == [f"lakefs://{GROUP}/{COMMIT}/"]
    assert best.params["eta"] == "0.2"
    assert [(step, value) for metric, step, _, value in best.points if metric == "validation-auc"] == [
        (0, 0.9),
        (1, 0.91),
        (2, 0.92),
    ]
    assert ("billable_seconds", 30.0) in {(metric, value) for metric, _, _, value in best.points}
    assert ("billable_seconds", 60.0) in {(metric, value) for metric, _, _, value in job.points}


def test_two_writers_one_run_an_event_delivered_twice_at_the_same_moment(world: TrackingWorld) -> None:
    """Case two-writers-one-run."""
    services = [world.another(), world.another()]
    events = [tuning_ended("m1"), tuning_ended("m2")]

    with ThreadPoolExecutor(2) as pool:
        became = list(pool.map(handled, services, events))
    again = [handled(world.service, event) for event in events]

    assert set(became) <= {"", "TransientError"}
    assert again == ["", ""]
    assert [run.key for run in runs(world)] == [JOB, f"{JOB}-001", f"{JOB}-002"]
    assert all(len(run.points) == len(set(run.points)) for run in runs(world))


def test_what_is_recorded_is_not_asked_for_again(world: TrackingWorld, fake: FakeMlflow) -> None:
    world.service.handle(tuning_ended())
    calls = len(fake.calls)

    world.service.handle(tuning_ended("m2"))

    assert world.jobs.asked == 1
    assert len(fake.calls) - calls == 2


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_events_in_any_order_give_the_same_runs_version_and_alias(
    world: TrackingWorld, fake: FakeMlflow, order: tuple[int, ...]
) -> None:
    arn = world.register().arn
    world.serve(arn)
    events = [tuning_ended(), version_changed(), endpoint_changed()]

    for number in order:
        world.service.handle(events[number])
        world.service.handle(events[number])

    assert [run.key for run in runs(world)] == [arn, JOB, f"{JOB}-001", f"{JOB}-002"]
    assert [version["version"] for version in fake.models[DATASET].versions] == ["1"]
    assert world.catalog.alias(DATASET, Alias.CHAMPION) == "1"
    assert world.catalog.alias(DATASET, Alias.CHALLENGER) is None


def test_an_evaluation_is_a_run_with_both_models_metrics_and_its_report(world: TrackingWorld) -> None:
    arn = world.register().arn

    world.service.handle(version_changed())

    (evaluation,) = [run for run in runs(world) if run.key == arn]
    assert evaluation.parent == JOB
    assert {(metric, value) for metric, _, _, value in evaluation.points} == {
        ("test-auc", 0.97),
        ("champion-test-auc", 0.95),
        ("test-logloss", 0.2),
    }
    assert MlflowReader(world.uri).artifact(evaluation, "report.html") == b"<h1>report</h1>"


def test_a_version_points_to_its_package_and_its_training_job_to_the_version(
    world: TrackingWorld, fake: FakeMlflow
) -> None:
    arn = world.register().arn

    world.service.handle(version_changed())

    (version,) = fake.models[DATASET].versions
    tags = {tag["key"]: tag["value"] for tag in version["tags"]}
    assert tags["sagemaker.model_package"] == arn
    assert world.jobs.links == {f"{JOB}-002": "models:/tiny/1"}


def test_a_challenger_becomes_champion_when_the_endpoint_serves_it(world: TrackingWorld) -> None:
    first = world.register()
    world.serve(first.arn)
    world.service.handle(endpoint_changed())
    second = world.register(Approval.PENDING, "model-2")
    world.service.handle(version_changed())
    waiting = [world.catalog.alias(DATASET, alias) for alias in Alias]

    world.serve(second.arn)
    world.service.handle(endpoint_changed())

    assert waiting == ["1", "2"]
    assert [world.catalog.alias(DATASET, alias) for alias in Alias] == ["2", None]


@pytest.mark.parametrize(("status", "champion"), [("Creating", None), ("Failed", None), ("Updating", "1")])
def test_only_an_endpoint_that_answers_has_a_champion(world: TrackingWorld, status: str, champion: str | None) -> None:
    world.serve(world.register().arn, status)

    world.service.handle(endpoint_changed())

    assert world.catalog.alias(DATASET, Alias.CHAMPION) == champion


@pytest.mark.parametrize(("tracking", "shown"), [("mlflow", 1), ("both", 1), ("wandb", 0), ("none", 0)])
def test_a_contract_says_whether_mlflow_shows_its_dataset(
    world: TrackingWorld, fake: FakeMlflow, tracking: Tracking, shown: int
) -> None:
    world.contracts = MemoryContracts(CONTRACT.model_copy(update={"tracking": tracking}))

    for event in (tuning_ended(), version_changed(), endpoint_changed()):
        world.service.handle(event)

    assert len(fake.experiments) == shown


def test_a_job_that_ends_after_its_contract_went_is_recorded(world: TrackingWorld) -> None:
    world.contracts = MemoryContracts()

    world.service.handle(tuning_ended())

    assert [run.key for run in runs(world)] == [JOB, f"{JOB}-001", f"{JOB}-002"]


def test_what_is_not_recorded_is_refused(world: TrackingWorld) -> None:
    told = {"detail-type": "SageMaker Transform Job State Change", "detail": {"TransformJobName": "t"}}

    with pytest.raises(PermanentError, match="was told of a SageMaker Transform Job State Change"):
        world.service.handle(message(told))


def test_a_rejected_version_is_told_and_challenges_nobody(world: TrackingWorld, fake: FakeMlflow) -> None:
    arn = world.register().arn
    world.service.handle(version_changed())

    world.registry.decide(arn, Approval.REJECTED, "rolled back", {})
    world.service.handle(version_changed())

    (version,) = fake.models[DATASET].versions
    assert version["description"] == "rolled back"
    assert world.catalog.alias(DATASET, Alias.CHALLENGER) is None


def test_mlflow_that_fails_at_any_call_is_told_the_rest_later() -> None:
    whole = FakeMlflow()
    with serving(whole) as uri:
        world = TrackingWorld(uri)
        world.serve(world.register().arn)
        world.service.handle(version_changed())
        calls = len(whole.calls)
        expected = [replace(run, tags={}) for run in runs(world)]

    for call in range(1, calls + 1, 2):
        broken = FakeMlflow()
        broken.fails_at = call
        with serving(broken) as uri:
            world = TrackingWorld(uri)
            world.serve(world.register().arn)
            became = handled(world.service, version_changed())
            broken.fails_at = 0
            world.service.handle(version_changed())
            assert became == "TransientError"
            assert [replace(run, tags={}) for run in runs(world)] == expected
            assert [version["version"] for version in broken.models[DATASET].versions] == ["1"]


def test_a_job_of_somebody_else_is_left_alone(world: TrackingWorld, fake: FakeMlflow) -> None:
    world.service.handle(tuning_ended(name="lakeloop-dev-ffffffffffff"))

    assert fake.calls == []


def test_a_job_whose_trial_still_stops_waits(world: TrackingWorld) -> None:
    world.jobs.all_trials = [a_trial(1), a_trial(2, status="Stopping")]

    with pytest.raises(TransientError, match="still runs"):
        world.service.handle(tuning_ended())


def test_trials_that_failed_and_stopped_say_so(world: TrackingWorld) -> None:
    world.jobs.jobs[JOB] = a_job(status="Stopped")
    failed = a_trial(1, status="Failed", started=None, ended=None, failure="no quota", objective=None, metrics={})
    world.jobs.all_trials = [replace(failed, rounds=()), a_trial(2, status="Stopped")]

    world.service.handle(tuning_ended())

    job, first, second = runs(world)
    assert [run.status for run in (job, first, second)] == ["KILLED", "FAILED", "KILLED"]
    assert first.tags["sagemaker.failure_reason"] == "no quota"
    assert first.started == first.ended


def test_a_model_whose_archive_is_gone_is_a_dead_letter_that_names_it(world: TrackingWorld) -> None:
    world.register()
    del world.objects.files["s3://artifacts/training/model.tar.gz"]

    with pytest.raises(PermanentError, match=r"s3://artifacts/training/model.tar.gz of .* is gone"):
        world.service.handle(version_changed())


def test_mlflow_down_is_transient(world: TrackingWorld) -> None:
    down = TrackingWorld("http://127.0.0.1:9")

    with pytest.raises(TransientError, match="does not answer"):
        down.service.handle(tuning_ended())
    # The lease is given back: the next try must not wait for it.
    assert down.leases.held == set()
    assert MlflowTracker(MlflowCalls(world.uri, lambda: None), "x").experiment(DATASET) is None

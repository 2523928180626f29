"""What each message that wakes start_tuning leads to, and what comes back to the queue."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from lakeloop import names
from lakeloop.errors import PermanentError, QuotaExceededError, TransientError, UnknownDatasetError
from lakeloop.messages import DataCommitted, subject
from lakeloop.reports import StepReport, now
from tests.cases import OPS
from tests.data import tiny, tiny_csv
from tests.fakes import MemoryTuner, message, notification
from tests.metrics import counted
from tests.unit.training.messages import job_ended, told
from tests.unit.training.runs import MIDNIGHT, run
from tests.world import ROWS, World


def test_two_messages_start_one_job(world: World) -> None:
    tuner = MemoryTuner(status="InProgress")
    training = world.training(tuner)

    training.handle(world.told(0))
    training.handle(world.told(1))
    training.handle(world.told(1))

    assert len(tuner.started) == 1


def test_data_that_came_while_a_job_ran_is_trained_when_it_ends(world: World) -> None:
    tuner = MemoryTuner(status="InProgress", models=0)
    training = world.training(tuner)
    training.handle(world.told())
    [first], before = tuner.started, world.lake.head("")
    world.service.handle([world.drop("c.csv", tiny_csv(*(row.replace("k", "m") for row in ROWS)))])
    training.handle(world.told())
    assert list(tuner.started) == [first]

    tuner.jobs[first] = replace(tuner.jobs[first], status="Completed", models=2)
    training.handle(job_ended(first))

    assert [tags[names.COMMIT_TAG] for tags in tuner.started.values()] == [before, world.lake.head("")]


def test_the_end_of_somebody_elses_job_is_nothing(world: World) -> None:
    tuner = MemoryTuner()

    world.training(tuner).handle(job_ended("lakeloop-test-of-another-project"))

    assert not tuner.started
    assert not world.reports.reports


def test_a_failed_job_is_tried_again_under_another_name_after_its_pause(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuner = MemoryTuner(status="Failed", models=0)
    training = world.training(tuner)
    training.handle(world.told())
    [first] = tuner.started

    monkeypatch.setattr("lakeloop.training.service.now", lambda: tuner.ended + timedelta(minutes=9))
    with pytest.raises(TransientError, match="attempt 2 of 3 follows after"):
        training.handle(job_ended(first, "Failed"))
    report = world.reports.reports["tiny", "start_tuning"]
    assert (report.good, report.job) == (False, first)
    assert f"Its reason: reason of {first}" in report.why

    monkeypatch.setattr("lakeloop.training.service.now", lambda: tuner.ended + timedelta(minutes=11))
    training.handle(job_ended(first, "Failed"))
    _, second = tuner.started
    assert second != first
    assert [tuner.started[job][names.COMMIT_TAG] for job in (first, second)] == [world.lake.head("")] * 2


@pytest.mark.parametrize(
    ("minutes", "judged", "lost"),
    [
        (59, "", False),
        (60, "", True),
        (61, "an-older-job", True),
        (61, "of-an-older-job", True),
        (61, "the job", False),
    ],
)
def test_a_model_that_evaluate_model_never_heard_of_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch, minutes: int, judged: str, lost: bool
) -> None:
    tuner = MemoryTuner(ended=MIDNIGHT + timedelta(hours=2))
    training = world.training(tuner)
    training.handle(world.told())
    [job] = tuner.started
    if judged:
        said = job if judged == "the job" else judged
        world.reports.put(StepReport(dataset="tiny", step="evaluate_model", good=True, why="Approved", job=said))
    monkeypatch.setattr("lakeloop.training.service.now", lambda: tuner.ended + timedelta(minutes=minutes))

    training.handle(world.told())

    report = world.reports.reports["tiny", "start_tuning"]
    assert report.good != lost
    assert (f"never heard that {job} ended, so its model is judged by nobody" in report.why) == lost
    assert counted().get("ModelNotDeployed") == (1 if lost else None)


def test_a_message_about_an_unknown_dataset_is_refused(world: World) -> None:
    other = DataCommitted(dataset="other", repository="r", commit="c", rows_committed=1, correlation_id="x")

    with pytest.raises(UnknownDatasetError):
        world.training(MemoryTuner()).handle(message(other.model_dump_json()))


def test_a_message_of_another_kind_is_malformed(world: World) -> None:
    with pytest.raises(PermanentError, match="not a DataCommitted message"):
        world.training(MemoryTuner()).handle(message(notification("incoming/tiny/a.csv")))


def test_a_dataset_without_a_problem_is_versioned_only(world: World) -> None:
    tuner = MemoryTuner()
    unlearned = tiny(problem=None, label=None, positive_class=None)

    world.training(tuner, unlearned).handle(world.told())

    assert tuner.requests == []


def test_the_clock_wakes_each_dataset_by_a_message_of_its_own(world: World) -> None:
    tuner = MemoryTuner()
    training = world.training(tuner)

    training.handle(told("schedule", dataset=""))

    assert not tuner.started
    [message_] = world.waker.published
    assert (message_.reason, message_.dataset) == ("schedule", "tiny")
    assert subject(message_.model_dump_json()) == "lakefs://lakeloop-test-tiny/main"
    training.handle(message(message_.model_dump_json()))
    [tags] = tuner.started.values()
    assert tags[names.REASON_TAG] == "schedule"


def test_quota_at_job_time_waits_in_the_queue_and_then_in_the_dead_letter_queue(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = json.loads((OPS / "quota-at-job-time" / "describe.json").read_text())
    tuner = MemoryTuner(status=case["HyperParameterTuningJobStatus"], models=0)
    tuner.failure = lambda _: case["FailureReason"]  # type: ignore[method-assign, assignment]
    training = world.training(tuner)
    training.handle(world.told())

    def at(minutes: int) -> None:
        monkeypatch.setattr("lakeloop.training.service.now", lambda: tuner.ended + timedelta(minutes=minutes))

    limit = "'ml.m5.large for spot training job usage' is 0 Instances"
    for minutes in (1, 5):
        at(minutes)
        with pytest.raises(TransientError, match=limit):
            training.handle(job_ended([*tuner.started][-1], "Failed"))
    for minutes in (11, 31):
        at(minutes)
        training.handle(job_ended([*tuner.started][-1], "Failed"))
    assert len(tuner.started) == 3
    with pytest.raises(QuotaExceededError, match=limit):
        training.handle(job_ended([*tuner.started][-1], "Failed"))

    at(60)
    training.handle(job_ended([*tuner.started][-1], "Failed"))

    assert len({*tuner.started}) == 4, "whoever sends it again may have raised the quota"
    assert {tags[names.COMMIT_TAG] for tags in tuner.started.values()} == {world.lake.head("")}


def test_what_is_due_after_hours_is_left_to_the_clock(world: World) -> None:
    contract = tiny(**{**world.contract.model_dump(mode="json"), "retrain": {"min_new_rows": 3, "cool_down": "3h"}})
    ended = now() - timedelta(minutes=1)
    tuner = MemoryTuner(jobs={"job": replace(run("job", commit="gone"), ended=ended)})

    world.training(tuner, contract).handle(world.told())

    assert not tuner.started
    assert "job ended just now: the next job follows after" in world.reports.reports["tiny", "start_tuning"].why


def test_the_age_of_the_model_is_told_for_its_alarm(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    contract = tiny(**{**world.contract.model_dump(mode="json"), "retrain": {"max_age": "30d"}})
    tuner = MemoryTuner(jobs={"job": replace(run("job", commit="gone"), ended=now() - timedelta(days=2))})

    world.training(tuner, contract).handle(told("schedule"))

    [age] = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "ModelAge" in line]
    assert age["dataset"] == "tiny"
    assert age["ModelAge"][0] == pytest.approx(2 * 86400, abs=60)

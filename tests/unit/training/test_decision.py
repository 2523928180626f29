"""Whether a job starts, and the sentence that says why."""

from dataclasses import replace
from datetime import timedelta

import pytest

from lakeloop import names
from lakeloop.contract import Retrain
from lakeloop.lake.ports import LakeCommit
from lakeloop.training.decision import Decision, Reason, decide
from lakeloop.training.ports import TuningRun
from tests.unit.training.runs import MIDNIGHT, failed, run, situation


def decided(*runs: TuningRun, minutes: float = 0, **rows: int) -> Decision:
    """The decision so many minutes after midnight, with a log of these commits, newest first."""
    log = [LakeCommit(commit, {"rows_committed": str(count)}) for commit, count in rows.items()]
    now = MIDNIGHT + timedelta(minutes=minutes)
    policy = Retrain(min_new_rows=300)
    return decide(policy, situation(log, runs, now))


@pytest.mark.parametrize(
    ("rows", "runs", "start", "why"),
    [
        (300, [], True, "1700 new rows, at least 300 needed"),
        (300, [run()], True, "300 new rows, at least 300 needed"),
        (299, [run()], False, "299 new rows, 300 needed"),
        (299, [run(), run("older", commit="c0")], False, "299 new rows, 300 needed"),
        (299, [run(commit="c0")], True, "699 new rows, at least 300 needed"),
        (900, [run(status="InProgress", models=0)], False, "job is still running"),
        (900, [run(status="InProgress", models=1)], False, "job is still running"),
        (900, [run(status="Stopping", models=1)], False, "job is still running"),
        (900, [failed("b"), run("a", status="InProgress")], False, "a is still running"),
        (900, [run(commit="head")], False, "commit head is trained by job already"),
        (900, [run(commit="head", status="Stopped")], False, "commit head is trained by job already"),
        (10, [failed(commit="c1"), run("older", commit="c0")], True, "410 new rows, at least 300 needed"),
        (10, [failed(commit="c1"), run("older", commit="c1")], False, "10 new rows, 300 needed"),
    ],
)
def test_the_decision_to_train_says_why(rows: int, runs: list[TuningRun], start: bool, why: str) -> None:
    # An hour later the cool-down is over.
    decision = decided(*runs, minutes=60, head=rows, c1=400, c0=1000)

    assert decision.start == start
    assert decision.why.startswith(why)


def test_rows_of_a_failed_job_are_still_untrained() -> None:
    assert decided(failed(commit="c1"), run("older", commit="c0"), minutes=60, head=0, c1=300, c0=9).start
    assert not decided(run(commit="c1"), run("older", commit="c0"), minutes=60, head=0, c1=300, c0=9).start


@pytest.mark.parametrize(
    ("before", "minutes", "start", "wait", "why"),
    [
        (1, 9, False, True, "job-1 gave no model: attempt 2 of 3 follows after 00:10 UTC"),
        (1, 10, True, False, "300 new rows, at least 300 needed, attempt 2 of 3"),
        (2, 19, False, True, "job-2 gave no model: attempt 3 of 3 follows after 00:20 UTC"),
        (2, 20, True, False, "300 new rows, at least 300 needed, attempt 3 of 3"),
        (3, 100_000, False, False, "3 jobs on this data gave no model, the last was job-3: waits for 300 new rows"),
    ],
)
def test_what_failed_is_tried_three_times_with_growing_pauses_and_then_waits_for_somebody(
    before: int, minutes: float, start: bool, wait: bool, why: str
) -> None:
    runs = [failed(f"job-{number}") for number in range(before, 0, -1)]

    decision = decided(*runs, minutes=minutes, head=300)

    assert (decision.start, decision.wait) == (start, wait)
    assert decision.why.startswith(why)
    assert decision.good == start
    if start:
        assert decision.key == str(before + 1)


def test_many_small_drops_after_three_failures_start_no_fourth() -> None:
    runs = [failed(f"job-{number}", commit="c1") for number in (3, 2, 1)]

    assert not decided(*runs, minutes=1e5, head=299, c1=300).start
    anew = decided(*runs, minutes=1e5, head=300, c1=300)
    assert (anew.start, anew.key) == (True, "1")


def test_a_job_that_failed_on_less_data_than_is_new_now_holds_nothing_back() -> None:
    decision = decided(failed(commit="c1"), minutes=1, head=400, c1=300)

    assert (decision.start, decision.why) == (True, "700 new rows, at least 300 needed")


def test_failures_that_a_stricter_policy_adds_to_these_do_not_start_a_fifth_job() -> None:
    runs = [failed(f"job-{number}") for number in (4, 3, 2, 1)]

    decision = decided(*runs, minutes=1e5, head=300)

    assert (decision.start, decision.good) == (False, False)
    assert decision.why.startswith("4 jobs on this data gave no model, the last was job-4")


@pytest.mark.parametrize("digest", ["yesterday's", "a digest of yesterday's"])
def test_a_changed_contract_begins_anew_under_another_name(digest: str) -> None:
    runs = [replace(failed(f"job-{number}"), tags={names.CONTRACT_TAG: digest}) for number in (3, 2, 1)]

    decision = decided(*runs, head=300)

    assert (decision.start, decision.key) == (True, "4")


def test_a_job_that_a_person_stopped_before_it_gave_a_model_waits_for_new_rows() -> None:
    decision = decided(failed(status="Stopped"), minutes=1e5, head=300)

    assert (decision.start, decision.good) == (False, False)
    assert "was stopped before it gave a model: waits for 300 new rows" in decision.why
    assert decided(failed(status="Stopped", commit="c1"), minutes=1e5, head=300, c1=300).start


def test_commits_have_the_order_of_the_log_whatever_they_are_called() -> None:
    rows = {"0a": 200, "f3": 100, "77": 50}

    assert decided(run(commit="77"), **rows).why == "300 new rows, at least 300 needed"
    assert decided(failed(commit="f3"), minutes=60, **rows).key == "1"


def test_a_pause_begins_when_the_job_ended() -> None:
    long = replace(failed(), ended=MIDNIGHT + timedelta(hours=5))

    assert not decided(long, minutes=5 * 60 + 9, head=300).start
    assert decided(long, minutes=5 * 60 + 10, head=300).start
    assert decided(replace(failed(), ended=None), minutes=10, head=300).start


def test_a_first_attempt_is_the_first() -> None:
    decision = decided(head=300)

    assert (decision.key, decision.commit, decision.good, decision.wait) == ("1", "head", True, False)


def of_reason(
    reason: Reason,
    *runs: TuningRun,
    days: float = 0,
    max_age: str | None = None,
    cool_down: str | None = None,
    **rows: int,
) -> Decision:
    log = [LakeCommit(commit, {"rows_committed": str(count)}) for commit, count in rows.items()]
    policy = Retrain(min_new_rows=300, max_age=max_age, cool_down=cool_down)
    return decide(policy, situation(log, runs, MIDNIGHT + timedelta(days=days), reason=reason))


@pytest.mark.parametrize(
    ("reason", "days", "rows", "start", "why"),
    [
        ("drift", 1, 1, True, "drift, 1 new rows, at least 1 needed"),
        ("drift", 1, 0, False, "drift without labels: 0 new rows, 1 needed"),
        ("schedule", 29, 299, False, "299 new rows, 300 needed"),
        ("schedule", 30, 1, True, "the model is 30 days old, retrain.max_age is 30d, 1 new rows, at least 1 needed"),
        ("data", 31, 1, True, "the model is 31 days old, retrain.max_age is 30d, 1 new rows, at least 1 needed"),
        (
            "schedule",
            30,
            0,
            False,
            "the model is 30 days old, retrain.max_age is 30d, and nothing is new: 0 new rows, 1 needed",
        ),
    ],
)
def test_drift_and_age_make_one_new_row_enough_and_say_so_where_there_is_none(
    reason: Reason, days: float, rows: int, start: bool, why: str
) -> None:
    decision = of_reason(reason, run(), days=days, max_age="30d", head=rows, c1=400)

    assert (decision.start, decision.why) == (start, why)


def test_same_commit_other_reason_starts_nothing_and_says_that_nothing_is_new() -> None:
    """plan/same-commit-other-reason, but for the person."""
    trained = "commit head is trained by job already"

    drift = of_reason("drift", run(commit="head"), days=1, head=300)
    age = of_reason("schedule", run(commit="head"), days=3, max_age="48h", head=300)

    assert (drift.start, drift.why) == (False, f"drift without labels: {trained}")
    assert (age.start, age.why) == (
        False,
        f"the model is 3 days old, retrain.max_age is 48h, and nothing is new: {trained}",
    )


@pytest.mark.parametrize("reason", ["data", "job", "schedule", "drift"])
def test_training_fails_at_once_and_two_days_later_nothing_more_was_started(reason: Reason) -> None:
    """plan/training-fails-at-once: the end of each job wakes the next decision, and so does the clock."""
    runs: list[TuningRun] = []
    log = [LakeCommit("head", {"rows_committed": "300"})]
    started = []
    for minute in range(0, 2 * 24 * 60, 5):
        now = MIDNIGHT + timedelta(minutes=minute)
        decision = decide(Retrain(min_new_rows=300), situation(log, runs, now, reason=reason))
        if decision.start:
            started.append(minute)
            runs.insert(0, replace(failed(f"job-{decision.key}"), created=now, ended=now + timedelta(minutes=1)))

    assert [run.name for run in reversed(runs)] == ["job-1", "job-2", "job-3"]
    assert started == [0, 15, 40]
    assert decision.why.startswith("3 jobs on this data gave no model")
    assert "waits for 300 new rows, for a changed contract, or for a person" in decision.why
    assert not decision.good


@pytest.mark.parametrize(("minutes", "start"), [(59, False), (60, True)])
def test_a_model_is_followed_by_the_next_job_after_the_cool_down(minutes: float, start: bool) -> None:
    decision = of_reason("data", run(), days=minutes / 1440, cool_down="1h", head=300, c1=400)

    assert decision.start == start
    if not start:
        assert (decision.wait, decision.good, decision.due) == (True, True, MIDNIGHT + timedelta(hours=1))
        assert (
            decision.why == "job ended just now: the next job follows after 2026-01-01 01:00 UTC, by retrain.cool_down"
        )


@pytest.mark.parametrize(
    ("cool_down", "before", "minutes"), [("1h", 1, 60), ("1h", 2, 120), ("1min", 1, 10), ("1min", 2, 20)]
)
def test_a_longer_cool_down_is_doubled_for_each_failed_attempt(cool_down: str, before: int, minutes: int) -> None:
    runs = [failed(f"job-{number}") for number in range(before, 0, -1)]

    for late, start in ((minutes - 1, False), (minutes, True)):
        assert of_reason("job", *runs, days=late / 1440, cool_down=cool_down, head=300).start == start


LIMIT = "'ml.m5.large for spot training job usage' is 0 Instances"
QUOTA = f"ResourceLimitExceeded: The account-level service limit {LIMIT}"


@pytest.mark.parametrize(
    ("before", "minutes", "reason", "start", "wait"),
    [
        (1, 9, "job", False, True),
        (1, 10, "job", True, False),
        (3, 39, "job", False, False),
        (3, 40, "job", True, False),
        (3, 40, "data", True, False),
        (3, 4000, "schedule", False, False),
        (4, 79, "data", False, False),
        (4, 80, "data", True, False),
    ],
)
def test_quota_at_job_time_backs_off_and_is_tried_again_by_whoever_sends_the_message_again(
    before: int, minutes: int, reason: Reason, start: bool, wait: bool
) -> None:
    log = [LakeCommit("head", {"rows_committed": "300"})]
    runs = [failed(f"job-{number}") for number in range(before, 0, -1)]
    now = MIDNIGHT + timedelta(minutes=minutes)

    decision = decide(Retrain(min_new_rows=300), situation(log, runs, now, reason=reason, failure=QUOTA))

    assert (decision.start, decision.wait, decision.quota) == (start, wait, not start)
    if start:
        assert decision.key == str(before + 1), "a name is taken for ever"
    else:
        assert LIMIT in decision.why


def test_a_job_on_a_commit_that_a_person_chose_says_nothing_of_what_main_has() -> None:
    pinned = replace(run("pinned", commit="c0"), tags={names.PINNED_TAG: "true"})

    decision = decided(pinned, run(commit="head"), head=300, c1=400, c0=1000)

    assert decision.why == "commit head is trained by job already"

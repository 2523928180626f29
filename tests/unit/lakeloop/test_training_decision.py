"""Whether a job starts, and the sentence that says why."""

from dataclasses import replace
from datetime import timedelta

import pytest

from lakeloop import names
from lakeloop.contract import Retrain
from lakeloop.lake.ports import LakeCommit
from lakeloop.training.decision import Decision, decide
from lakeloop.training.failure import explained
from lakeloop.training.ports import TuningRun
from tests.unit.lakeloop.tuning_runs import MIDNIGHT, failed, run

TODAY = "digest-of-today's-contract"


def decided(*runs: TuningRun, minutes: float = 0, **rows: int) -> Decision:
    """The decision so many minutes after midnight, with a log of these commits, newest first."""
    log = [LakeCommit(commit, {"rows_committed": str(count)}) for commit, count in rows.items()]
    now = MIDNIGHT + timedelta(minutes=minutes)
    policy = Retrain(min_new_rows=300)
    return decide(policy, head=log[0].id, log=log, runs=runs, contract=TODAY, now=now, count=not_counted)


def not_counted(base: str, told: int) -> int:
    raise AssertionError("what commits say is not counted")


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
        (2, 39, False, True, "job-2 gave no model: attempt 3 of 3 follows after 00:40 UTC"),
        (2, 40, True, False, "300 new rows, at least 300 needed, attempt 3 of 3"),
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
        assert decision.attempt == before + 1


def test_many_small_drops_after_three_failures_start_no_fourth() -> None:
    runs = [failed(f"job-{number}", commit="c1") for number in (3, 2, 1)]

    assert not decided(*runs, minutes=1e5, head=299, c1=300).start
    anew = decided(*runs, minutes=1e5, head=300, c1=300)
    assert (anew.start, anew.attempt) == (True, 1)


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

    assert (decision.start, decision.attempt) == (True, 4)


def test_a_job_that_a_person_stopped_before_it_gave_a_model_waits_for_new_rows() -> None:
    decision = decided(failed(status="Stopped"), minutes=1e5, head=300)

    assert (decision.start, decision.good) == (False, False)
    assert "was stopped before it gave a model: waits for 300 new rows" in decision.why
    assert decided(failed(status="Stopped", commit="c1"), minutes=1e5, head=300, c1=300).start


def test_commits_have_the_order_of_the_log_whatever_they_are_called() -> None:
    rows = {"0a": 200, "f3": 100, "77": 50}

    assert decided(run(commit="77"), **rows).why == "300 new rows, at least 300 needed"
    assert decided(failed(commit="f3"), minutes=60, **rows).attempt == 1


def test_a_pause_begins_when_the_job_ended() -> None:
    long = replace(failed(), ended=MIDNIGHT + timedelta(hours=5))

    assert not decided(long, minutes=5 * 60 + 9, head=300).start
    assert decided(long, minutes=5 * 60 + 10, head=300).start
    assert decided(replace(failed(), ended=None), minutes=10, head=300).start


def test_a_first_attempt_is_the_first() -> None:
    decision = decided(head=300)

    assert (decision.attempt, decision.commit, decision.good, decision.wait) == (1, "head", True, False)


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("", "SageMaker gave no reason"),
        ("AlgorithmError:\n  out of\tmemory ", "AlgorithmError: out of memory"),
        ("x" * 400, "x" * 400),
        ("x" * 401, "x" * 400),
        (
            "The account-level service limit 'ml.m5.large' is 0 Instances.",
            "quota: The account-level service limit 'ml.m5.large' is 0 Instances. "
            "Ask for more under Service Quotas, or name another training.instance_type",
        ),
    ],
    ids=["none", "several lines", "400", "401", "quota"],
)
def test_the_reason_of_a_failed_job_is_one_line_that_says_what_helps(reason: str, said: str) -> None:
    assert explained(reason) == said

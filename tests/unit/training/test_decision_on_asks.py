"""Whether a job starts that a person asks for."""

from dataclasses import replace
from datetime import timedelta

from lakeloop import names
from lakeloop.lake.ports import LakeCommit
from lakeloop.training.decision import Ask, Decision, decide_asked
from lakeloop.training.ports import TuningRun
from tests.unit.training.runs import MIDNIGHT, failed, run, situation

ASK = Ask(id="a1", who="arn:aws:iam::1:user/ada", why="new features", commit="c1", at=MIDNIGHT + timedelta(hours=1))


def asked(*runs: TuningRun) -> Decision:
    return decide_asked(ASK, situation([LakeCommit("head", {})], runs, MIDNIGHT + timedelta(hours=1), reason="person"))


def test_a_person_is_given_one_job_also_where_nothing_is_new() -> None:
    decision = asked(run(commit="c1"))

    assert (decision.start, decision.commit, decision.key) == (True, "c1", "a1")
    words = "asked for by arn:aws:iam::1:user/ada: new features"
    assert decision.why == f"{words}, though job has learned from this commit"
    assert asked().why == words
    assert asked(*(failed(f"job-{number}") for number in (4, 3, 2, 1))).start


def test_an_ask_that_is_told_twice_starts_one_job() -> None:
    mine = replace(run("mine", status="InProgress", models=0), tags={names.ASK_TAG: "a1"})
    later = replace(run("later"), created=ASK.at + timedelta(hours=2))

    for runs in ([mine], [replace(mine, status="Failed")], [later, replace(mine, created=ASK.at)]):
        decision = asked(*runs)
        assert (decision.start, decision.wait, decision.why) == (False, False, "mine was started for this already")


def test_an_ask_waits_for_the_end_of_a_job_that_runs() -> None:
    decision = asked(run("other", status="InProgress", models=0), run(commit="c1"))

    assert (decision.start, decision.wait, decision.due) == (False, True, None)
    assert decision.why.startswith("other is still running: another job waits for its end, asked for by arn:aws:iam")

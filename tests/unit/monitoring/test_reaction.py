"""Drift and decay ask for training once, where there is something to learn from."""

from datetime import UTC, datetime, timedelta

import pytest

from lakeloop.contract import Monitor
from lakeloop.monitoring.episode import Episode, Reaction, Watched, react
from lakeloop.monitoring.quality import live_quality
from lakeloop.monitoring.window import Verdict
from tests.unit.evaluation.models import coins, noisy, scored, seeded, task

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
OK, DRIFT, FEW = Verdict.OK, Verdict.DRIFT, Verdict.FEW_ROWS


def watched(*verdicts: Verdict, decayed: bool = False, rows: int = 100, model: str = "m1", hour: int = 0) -> Watched:
    return Watched(model, NOON + timedelta(hours=hour), verdicts, decayed, rows)


@pytest.mark.parametrize(
    ("verdicts", "asks"),
    [
        ((DRIFT,), False),
        ((DRIFT, OK, OK, DRIFT), False),
        ((DRIFT, OK, DRIFT), True),
        ((OK, DRIFT, DRIFT), True),
        ((DRIFT, DRIFT, FEW), True),
        ((OK, OK, OK), False),
        ((), False),
    ],
)
def test_two_of_three_windows_must_drift(verdicts: tuple[Verdict, ...], asks: bool) -> None:
    assert react(Monitor(), watched(*verdicts), None).ask is asks


def test_an_episode_asks_once_and_ends_with_the_drift_or_the_model() -> None:
    asked: list[Reaction] = []
    before: Episode | None = None
    for hour, model in enumerate(["m1"] * 4 + ["m2"] * 2):
        asked.append(react(Monitor(), watched(DRIFT, DRIFT, model=model, hour=hour), before))
        before = asked[-1].episode
    over = react(Monitor(), watched(DRIFT, OK, OK), before)

    assert [reaction.ask for reaction in asked] == [True, False, False, False, True, False]
    assert all(reaction.alarm for reaction in asked)
    assert asked[3].episode == Episode(NOON, "m1", asked=True)
    assert (over.episode, over.alarm, over.verdict) == (None, False, OK)


def test_drift_without_labels_is_an_alarm_and_no_job_until_labels_come() -> None:
    waits = react(Monitor(), watched(DRIFT, DRIFT, rows=0), None)
    asks = react(Monitor(), watched(DRIFT, DRIFT, rows=1, hour=5), waits.episode)

    assert (waits.verdict, waits.alarm, waits.ask) == (Verdict.NO_LABELS, True, False)
    assert "no labelled row has come since 2026-01-01 12:00 UTC" in waits.why
    assert (asks.verdict, asks.ask) == (DRIFT, True)
    assert asks.episode == Episode(NOON, "m1", asked=True)


def test_a_contract_may_want_an_alarm_alone() -> None:
    found = react(Monitor(on_drift="alarm"), watched(OK, decayed=True), None)

    assert (found.alarm, found.ask) == (True, False)
    assert found.why == "answers decay: an alarm alone, by contract"


def test_labels_that_turn_raise_the_quality_alarm_and_ask_once() -> None:
    """Of answers that were good on test rows every third is wrong on live ones."""
    chance = seeded(3)
    labels = coins(chance, 600)
    promised = scored("m", labels, noisy(chance, labels, 0.5)).rows
    same = scored("m", labels[:300], noisy(chance, labels[:300], 0.5)).rows
    turned = [1 - label if chance.random() < 1 / 3 else label for label in labels[:300]]
    worse = scored("m", labels[:300], noisy(chance, turned, 0.5)).rows

    calm, decayed = (live_quality(task(), promised, live, Monitor()) for live in (same, worse))
    few = live_quality(task(), promised, worse.head(99), Monitor())

    assert not calm.decayed
    assert decayed.decayed
    assert decayed.found is not None
    assert decayed.found.challenger.interval is not None
    assert decayed.why.startswith("error ")
    assert (few.decayed, few.why) == (False, "99 labelled predictions, 100 are needed")
    first = react(Monitor(), watched(OK, decayed=decayed.decayed), None)
    assert first.ask
    assert not react(Monitor(), watched(OK, decayed=True), first.episode).ask


def test_a_metric_that_live_rows_cannot_tell_gives_way_to_one_that_they_can() -> None:
    labels = [0.0] * 200
    found = live_quality(
        task(metric="auc"),
        scored("m", [0.0, 1.0] * 100, [0.1, 0.9] * 100).rows,
        scored("m", labels, [0.1] * 200).rows,
        Monitor(),
    )

    assert found.found is not None
    assert found.found.metric == "logloss"

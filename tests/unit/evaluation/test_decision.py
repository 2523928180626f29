"""The promotion rule as a table: from comparisons to what becomes of a challenger."""

import math

import pytest

from lakeloop.contract import Promotion
from lakeloop.evaluation.decision import ERROR, confidence, decide, rows_to_tell
from lakeloop.evaluation.verdict import Comparison, Figure, Interval, Outcome, Part
from lakeloop.registry.ports import Approval

POLICY = Promotion(min_gain=0.01, max_loss=0.02)
BETTER = (0.03, 0.01, 0.05)
NO_GAIN = (0.002, 0.001, 0.003)
UNSURE = (0.02, -0.02, 0.06)
UNSURE_AND_LOSING = (-0.03, -0.08, 0.02)
WORSE = (-0.03, -0.04, -0.02)
LOST_A_LITTLE = (-0.015, -0.03, 0.0)


def found(
    part: str, gain: tuple[float, float, float] | None, *, rows: int = 500, limit: float | None = None
) -> Comparison:
    known = Figure(0.5) if gain else Figure(None, insufficient="too few")
    told = Figure(gain[0], Interval(gain[1], gain[2], 0.95)) if gain else known
    return Comparison(part, "error", rows, known, known, told, limit)


@pytest.mark.parametrize(
    ("new", "on_all", "outcome", "approval"),
    [
        (BETTER, NO_GAIN, Outcome.BETTER, Approval.APPROVED),
        (NO_GAIN, BETTER, Outcome.NO_GAIN, Approval.REJECTED),
        (WORSE, BETTER, Outcome.WORSE, Approval.REJECTED),
        (UNSURE, BETTER, Outcome.BETTER, Approval.APPROVED),
        (UNSURE, UNSURE, Outcome.UNDECIDED, Approval.REJECTED),
        (UNSURE, NO_GAIN, Outcome.UNDECIDED, Approval.REJECTED),
        (UNSURE_AND_LOSING, BETTER, Outcome.UNDECIDED, Approval.REJECTED),
        (None, BETTER, Outcome.BETTER, Approval.APPROVED),
        (None, None, Outcome.UNDECIDED, Approval.REJECTED),
    ],
)
def test_new_rows_decide_and_all_rows_where_those_are_too_few(
    new: tuple[float, float, float] | None,
    on_all: tuple[float, float, float] | None,
    outcome: Outcome,
    approval: Approval,
) -> None:
    decision = decide(POLICY, [found(Part.NEW, new), found(Part.ALL, on_all)], [])

    assert (decision.outcome, decision.approval) == (outcome, approval)


def test_what_a_few_new_rows_seem_to_lose_is_chance() -> None:
    few = found(Part.NEW, UNSURE_AND_LOSING, rows=29)

    assert decide(POLICY, [few, found(Part.ALL, BETTER)], []).outcome is Outcome.BETTER


@pytest.mark.parametrize(
    ("part", "gain", "outcome", "approval"),
    [
        (Part.ALL, LOST_A_LITTLE, Outcome.BETTER, Approval.APPROVED),
        (Part.ALL, UNSURE_AND_LOSING, Outcome.WORSE, Approval.REJECTED),
        (Part.OTHERS, UNSURE_AND_LOSING, Outcome.WORSE, Approval.REJECTED),
        ("region = north", LOST_A_LITTLE, Outcome.BETTER, Approval.APPROVED),
        ("region = north", UNSURE_AND_LOSING, Outcome.UNDECIDED, Approval.PENDING),
        ("region = north", WORSE, Outcome.WORSE, Approval.REJECTED),
        ("region = north", None, Outcome.BETTER, Approval.APPROVED),
    ],
)
def test_a_loss_beyond_its_limit_is_refused_or_left_to_a_person(
    part: str, gain: tuple[float, float, float] | None, outcome: Outcome, approval: Approval
) -> None:
    decision = decide(POLICY, [found(Part.NEW, BETTER)], [found(part, gain, limit=0.02)])

    assert (decision.outcome, decision.approval) == (outcome, approval)


def test_a_sure_loss_outweighs_one_in_doubt() -> None:
    lost = [found("region = a", UNSURE_AND_LOSING, limit=0.02), found("region = b", WORSE, limit=0.02)]

    decision = decide(POLICY, [found(Part.NEW, BETTER)], lost)

    assert decision.approval is Approval.REJECTED
    assert decision.reasons[0].startswith("worse on region = b: ")


def test_what_every_judgement_may_spend_is_the_whole_error_together() -> None:
    spent = [(1 - confidence(judged, 1)) / 2 for judged in range(1, 5000)]

    assert spent == sorted(spent, reverse=True)
    assert math.fsum(spent) < ERROR
    assert math.fsum(spent) == pytest.approx(ERROR, rel=1e-3)
    assert 1 - confidence(3, 2) == pytest.approx((1 - confidence(3, 1)) / 2)


@pytest.mark.parametrize(
    ("rows", "gain", "high", "rows_needed"),
    [
        (85, 0.03, 0.09, 340),
        (85, 0.001, 0.061, 3100),
        (85, -0.02, 0.04, 3100),
        (1000, 0.03, 0.0301, 1001),
        (12, 0.02, 0.5, 6920),
    ],
)
def test_the_rows_that_would_tell_a_gain_are_guessed(rows: int, gain: float, high: float, rows_needed: int) -> None:
    guess = rows_to_tell(rows, gain, Interval(2 * gain - high, high, 0.95), min_gain=0.01)

    assert guess == pytest.approx(rows_needed, rel=0.03)

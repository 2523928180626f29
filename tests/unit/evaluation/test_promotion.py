"""The promotion rule on models that are equal, better, worse, or better in parts."""

from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeloop.contract import Promotion
from lakeloop.errors import ModelFailedError
from lakeloop.evaluation.decision import confidence
from lakeloop.evaluation.promotion import judge
from lakeloop.evaluation.scored import Scored
from lakeloop.evaluation.verdict import Outcome, Part, Verdict
from lakeloop.registry.ports import Approval
from tests.unit.evaluation.models import coins, noisy, scored, seeded, task
from tests.unit.evaluation.pairs import POINTS, exactly, pair, part, rights


def test_a_gain_on_new_rows_does_not_outweigh_a_loss_on_all() -> None:
    chance = seeded(7)
    parts = [rights(chance, 0.9, 0.3, 0.05, 1000), rights(chance, 0.31, 0.1, 0.3, 300)]
    old, new = ([right for half in halves for right in half] for halves in zip(*parts, strict=True))
    challenger, champion = pair(coins(chance, 1300), old, new, new=[False] * 1000 + [True] * 300)

    verdict = judge(task(), challenger, champion, Promotion())

    assert (verdict.outcome, verdict.approval) == (Outcome.WORSE, Approval.REJECTED)
    assert verdict.reasons[0].startswith("worse on all test rows: error ")
    assert verdict.reasons[1].startswith("better: error ")


def test_a_gain_in_the_sixth_digit_that_is_certain_is_still_below_what_is_asked_for() -> None:
    chance = seeded(1)
    labels = coins(chance, 300)
    scores = noisy(chance, labels, 1)
    nearer = [score + 5e-6 * (1 if label else -1) for label, score in zip(labels, scores, strict=True)]

    verdict = judge(
        task(metric="logloss"), scored("m", labels, nearer), scored("n", labels, scores), Promotion(min_gain=1e-4)
    )

    gain = part(verdict, Part.ALL).gain
    assert gain.interval is not None
    assert 0 < gain.interval.low < gain.interval.high < 1e-4
    assert (verdict.outcome, verdict.approval) == (Outcome.NO_GAIN, Approval.REJECTED)


@given(seed=st.integers(0, 2**32), rows=st.integers(20, 400), shift=st.floats(-9e-7, 9e-7))
@settings(max_examples=10, deadline=None)
def test_a_champion_within_a_millionth_is_never_replaced(seed: int, rows: int, shift: float) -> None:
    chance = seeded(seed)
    labels = coins(chance, rows)
    scores = noisy(chance, labels, 1)
    moved = [score + shift * chance.choice([1, -1, 0]) for score in scores]

    verdict = judge(task(metric="auc"), scored("m", labels, moved), scored("n", labels, scores), Promotion())

    assert (verdict.outcome, verdict.approval) == (Outcome.NO_GAIN, Approval.REJECTED)


@given(seed=st.integers(0, 2**32), rows=st.integers(1000, 1500), champion=st.floats(0.6, 0.95))
@settings(max_examples=5, deadline=None)
def test_who_is_better_by_min_gain_on_a_thousand_rows_is_promoted(seed: int, rows: int, champion: float) -> None:
    """As models made of the same data differ: what is won is won on a few rows, of which some are paid back."""
    wrong = round(rows * (1 - champion))
    broken = seeded(seed).randrange(0, round(0.02 * rows))
    mended = broken + round(0.03 * rows) + 1

    verdict = judge(task(), *exactly(rows, wrong=max(wrong, mended), mended=mended, broken=broken), POINTS)

    assert (verdict.outcome, verdict.approval) == (Outcome.BETTER, Approval.APPROVED)


def test_each_judgement_of_a_champion_asks_for_more_and_says_how_many_there_were() -> None:
    first, tenth = (
        judge(task(), *exactly(300, wrong=40, mended=20, broken=6), POINTS, judged=judged) for judged in (1, 10)
    )

    assert (first.outcome, tenth.outcome) == (Outcome.BETTER, Outcome.UNDECIDED)
    assert (first.judged, tenth.judged) == (1, 10)
    assert first.reasons[-1] == "judgement 1 of this champion: intervals of gains hold with 97.5 %"
    assert tenth.reasons[-1] == "judgement 10 of this champion: intervals of gains hold with 99.95 %"


def test_new_rows_that_are_too_few_leave_the_question_to_all() -> None:
    chance = seeded(5)
    old, new = rights(chance, 0.8, 0.02, 0.5, 2000)
    labels = coins(chance, 2000)
    challenger, champion = pair(labels, old, new, new=[False] * 1990 + [True] * 10)

    verdict = judge(task(), challenger, champion, POINTS)

    assert (verdict.outcome, verdict.approval) == (Outcome.BETTER, Approval.APPROVED)
    assert "on all test rows (2,000)" in verdict.reasons[0]
    assert verdict.reasons[1].startswith("of these alone: not enough test rows to tell: ")


@pytest.mark.parametrize(
    ("new", "asked"), [(0, [Part.ALL]), (400, [Part.NEW, Part.ALL]), (1000, [Part.NEW])], ids=["none", "some", "all"]
)
def test_a_gain_is_looked_for_on_new_rows_and_on_all_where_those_are_others(new: int, asked: list[Part]) -> None:
    models = exactly(1000, wrong=70, mended=47, broken=15)
    flags = pl.Series("new", [row < new for row in range(1000)])
    challenger, champion = (Scored(model.model, model.rows.with_columns(flags)) for model in models)

    verdict = judge(task(), challenger, champion, POINTS)

    gains = [found for found in verdict.comparisons if found.limit is None]
    assert [found.part for found in gains] == asked
    assert {found.gain.interval.confidence for found in gains if found.gain.interval} == {confidence(1, len(asked))}


def test_a_model_that_is_better_waits_for_a_person_where_the_contract_asks_for_one() -> None:
    policy = Promotion(min_gain=0.03, max_loss=0.02, approval="manual")

    verdict = judge(task(), *exactly(1000, wrong=70, mended=47, broken=15), policy)

    assert (verdict.outcome, verdict.approval) == (Outcome.BETTER, Approval.PENDING)
    assert verdict.reasons[0].startswith("waits for a person, as its contract asks: better: ")


def test_a_worse_model_is_rejected_in_words() -> None:
    verdict = judge(task(), *exactly(1000, wrong=70, mended=10, broken=60), POINTS)

    assert (verdict.outcome, verdict.approval) == (Outcome.WORSE, Approval.REJECTED)
    assert verdict.reasons[0].startswith("worse: error 0.1200 against 0.0700, -0.0500 [")


SLICED = Promotion.model_validate({"min_gain": 0.03, "slices": [{"column": "region", "max_loss": 0.02}]})


def sliced(rows: int, broken: int) -> Verdict:
    """Better on 1,000 rows of the north; so many rows of the south, of which some are broken."""
    challenger, champion = exactly(1000, wrong=300, mended=200, broken=0)
    south = pair([0.0] * rows, [True] * rows, [row >= broken for row in range(rows)])
    models = []
    for north, other in zip((challenger, champion), south, strict=True):
        keyed = other.rows.with_columns(key=pl.concat_str(pl.lit("south-"), "key"))
        regions = pl.Series("slice:region", ["north"] * 1000 + ["south"] * rows)
        models.append(Scored(north.model, pl.concat([north.rows, keyed]).with_columns(regions)))
    return judge(task(), models[0], models[1], SLICED)


@pytest.mark.parametrize(
    ("rows", "broken", "outcome", "approval", "said"),
    [
        (200, 0, Outcome.BETTER, Approval.APPROVED, "better: "),
        (200, 3, Outcome.BETTER, Approval.APPROVED, "better: "),
        (200, 20, Outcome.WORSE, Approval.REJECTED, "worse on region = south: "),
        (40, 2, Outcome.UNDECIDED, Approval.PENDING, "perhaps worse on region = south: "),
        (29, 29, Outcome.BETTER, Approval.APPROVED, "better: "),
    ],
    ids=["no loss", "within the limit", "beyond the limit", "perhaps beyond the limit", "too few rows to say"],
)
def test_a_slice_must_not_lose_more_than_its_limit(
    rows: int, broken: int, outcome: Outcome, approval: Approval, said: str
) -> None:
    verdict = sliced(rows, broken)

    assert (verdict.outcome, verdict.approval) == (outcome, approval)
    assert verdict.reasons[0].startswith(said)


def test_a_slice_of_few_rows_is_told_to_be_one() -> None:
    assert part(sliced(29, 29), "region = south").gain.insufficient == "30 rows are needed"


def test_rows_without_a_value_are_a_slice_too() -> None:
    labels = [float(row % 2) for row in range(100)]
    models = pair(labels, [True] * 100, [True] * 90 + [False] * 10, slice_region=["a"] * 60 + [None] * 40)

    verdict = judge(task(), *models, SLICED)

    assert {found.part for found in verdict.comparisons} >= {"region = a", "region missing"}


@pytest.mark.parametrize(
    ("labels", "scores", "metric", "outcome", "approval"),
    [
        ([0.0, 1.0] * 50, [0.1, 0.9] * 50, "auc", Outcome.BETTER, Approval.APPROVED),
        ([0.0, 1.0] * 50, [0.5, 0.5] * 50, "auc", Outcome.NO_GAIN, Approval.REJECTED),
        ([0.0, 1.0] * 50, [0.9, 0.1] * 50, "auc", Outcome.WORSE, Approval.REJECTED),
        ([], [], "auc", Outcome.UNDECIDED, Approval.PENDING),
        ([0.0, 1.0] * 4, [0.1, 0.9] * 4, "auc", Outcome.UNDECIDED, Approval.PENDING),
        ([1.0] * 2 + [0.0] * 83, [0.9] * 2 + [0.1] * 83, "auc", Outcome.UNDECIDED, Approval.PENDING),
        ([1.0] * 4 + [0.0] * 83, [0.9] * 4 + [0.01] * 83, "auc", Outcome.BETTER, Approval.APPROVED),
    ],
    ids=[
        "good",
        "constant",
        "the wrong way round",
        "no rows",
        "few rows",
        "hardly a class",
        "a class that auc cannot tell",
    ],
)
def test_the_first_model_must_beat_the_constant_answer(
    labels: list[float], scores: list[float], metric: str, outcome: Outcome, approval: Approval
) -> None:
    verdict = judge(task(metric=metric), scored("first", labels, scores), None, Promotion())

    assert (verdict.outcome, verdict.approval, verdict.champion) == (outcome, approval, "")
    assert verdict.reasons[0].startswith("first model, beside the best constant answer: ")


@pytest.mark.parametrize(
    ("problem", "metric", "scores"),
    [
        ("multiclass", "mlogloss", ([0.8, 0.1, 0.1] * 30, [0.1, 0.8, 0.1] * 30, [0.1, 0.1, 0.8] * 30)),
        ("multiclass", "merror", ([0.8, 0.1, 0.1] * 30, [0.1, 0.8, 0.1] * 30, [0.1, 0.1, 0.8] * 30)),
        ("regression", "rmse", ([0.2, 0.9, 2.1] * 30,)),
        ("regression", "mae", ([0.2, 0.9, 2.1] * 30,)),
    ],
)
def test_a_first_model_of_every_problem_is_told_from_a_constant(
    problem: str, metric: str, scores: Sequence[list[float]]
) -> None:
    labels = [0.0, 1.0, 2.0] * 30
    constant = [[1 / len(scores)] * 90 for _ in scores]

    good = judge(task(problem, metric), scored("m", labels, *scores), None, Promotion())  # type: ignore[arg-type]
    useless = judge(task(problem, metric), scored("m", labels, *constant), None, Promotion())  # type: ignore[arg-type]

    assert good.approval is Approval.APPROVED
    assert useless.approval is Approval.REJECTED


def test_champions_on_rows_of_their_own_never_let_a_model_pass_without_a_person() -> None:
    labels = [0.0, 1.0] * 100
    good = scored("challenger", labels, [0.1, 0.9] * 100)
    weak = Scored("champion", scored("champion", labels[:80], [0.4, 0.6] * 40).rows, paired=False)
    strong = Scored("champion", scored("champion", labels[:80], [0.01, 0.99] * 40).rows, paired=False)
    useless = scored("challenger", labels, [0.5, 0.5] * 100)
    gone = Scored("champion", weak.rows.clear(), paired=False)

    better, worse, nothing, unknown = (
        judge(task(metric="logloss"), challenger, champion, Promotion())
        for challenger, champion in ((good, weak), (good, strong), (useless, weak), (good, gone))
    )

    assert (better.outcome, better.approval) == (Outcome.UNPAIRED, Approval.PENDING)
    assert better.reasons[0].endswith("champion on 80 rows of its own")
    assert (worse.outcome, worse.approval) == (Outcome.WORSE, Approval.REJECTED)
    assert nothing.approval is Approval.REJECTED
    assert (unknown.outcome, unknown.approval) == (Outcome.UNPAIRED, Approval.PENDING)


def test_rows_in_another_order_are_paired_by_their_keys() -> None:
    challenger, champion = exactly(1000, wrong=70, mended=47, broken=15)
    turned = Scored("champion", champion.rows.reverse())

    assert judge(task(), challenger, turned, POINTS) == judge(task(), challenger, champion, POINTS)


def test_rows_that_are_not_the_same_are_no_pair() -> None:
    challenger, champion = exactly(100, wrong=10, mended=5, broken=0)
    fewer = Scored("champion", champion.rows.head(99))

    with pytest.raises(ValueError, match="challenger and champion were not scored on the same rows"):
        judge(task(), challenger, fewer, POINTS)


@pytest.mark.parametrize("answer", [None, float("nan"), float("inf")])
def test_an_answer_that_is_no_number_is_the_models_fault(answer: float | None) -> None:
    model = scored("m", [0.0, 1.0] * 10, [0.5] * 19 + [answer])  # type: ignore[list-item]

    with pytest.raises(ModelFailedError, match="m answered some rows of the test split without a number"):
        judge(task(), model, None, Promotion())


def test_rows_need_a_key_each_and_every_column() -> None:
    model = scored("m", [0.0, 1.0] * 10, [0.5] * 20)
    twice = Scored("m", model.rows.with_columns(key=pl.lit("same")))
    less = Scored("m", model.rows.drop("score"))

    with pytest.raises(ValueError, match="the rows of m do not have a key each"):
        judge(task(), twice, None, Promotion())
    with pytest.raises(ValueError, match="the rows of m lack score"):
        judge(task(), less, None, Promotion())

"""The promotion rule on models that are equal, better, worse, or better in parts."""

from collections.abc import Sequence
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeloop.contract import Promotion
from lakeloop.errors import ModelFailedError
from lakeloop.evaluation.comparison import compared_on, widened
from lakeloop.evaluation.decision import confidence, decide
from lakeloop.evaluation.promotion import judge
from lakeloop.evaluation.scored import Scored
from lakeloop.evaluation.verdict import Comparison, Outcome, Part, Verdict
from lakeloop.registry.ports import Approval
from tests.unit.evaluation.models import answering, coins, noisy, scored, seeded, task

POINTS = Promotion(min_gain=0.03, max_loss=0.02)


def part(verdict: Verdict, name: str) -> Comparison:
    """The last comparison on these rows: that for losses, whose confidence is 95 %."""
    return [found for found in verdict.comparisons if found.part == name][-1]


def rights(chance: Random, champion: float, lost: float, won: float, rows: int) -> tuple[list[bool], list[bool]]:
    """Which rows the champion gets right, and which the challenger does.

    The challenger loses a share of those and wins a share of the others.
    """
    old = [chance.random() < champion for _ in range(rows)]
    return old, [chance.random() >= lost if right else chance.random() < won for right in old]


def pair(
    labels: list[float], champion: list[bool], challenger: list[bool], **columns: Sequence[object]
) -> tuple[Scored, Scored]:
    """Challenger and champion."""
    return (
        scored("challenger", labels, answering(labels, challenger), **columns),
        scored("champion", labels, answering(labels, champion), **columns),
    )


def exactly(rows: int, wrong: int, mended: int, broken: int) -> tuple[Scored, Scored]:
    """A champion that errs on so many rows, of which the challenger mends some and breaks others."""
    labels = [float(row % 2) for row in range(rows)]
    old = [row >= wrong for row in range(rows)]
    new = [row >= wrong - mended and row < rows - broken for row in range(rows)]
    return pair(labels, old, new)


def test_case_after_a_sudden_drift() -> None:
    """4,000 old rows and 2,000 new ones, of three classes: what is lost on the old ones drowns the gain."""
    chance = seeded(7)
    parts = [rights(chance, 0.75, 0.13, 0.05, 4000), rights(chance, 0.31, 0.1, 0.3, 2000)]
    old, new = ([right for half in halves for right in half] for halves in zip(*parts, strict=True))
    labels = coins(chance, 6000)
    challenger, champion = pair(labels, old, new, new=[False] * 4000 + [True] * 2000)

    verdict = judge(task(), challenger, champion, Promotion(max_loss=0.05))

    assert (verdict.outcome, verdict.approval) == (Outcome.BETTER, Approval.APPROVED)
    on_all, on_new = part(verdict, Part.ALL).gain, part(verdict, Part.NEW).gain
    assert on_all.value is not None
    assert on_all.interval is not None
    assert on_new.interval is not None
    assert -0.05 < on_all.value < 0.01
    assert on_new.interval.low > 0.1
    assert verdict.reasons[0].startswith("better: error ")
    assert "on test rows since the champion's commit (2,000)" in verdict.reasons[0]


def test_a_gain_on_new_rows_does_not_outweigh_a_loss_on_all() -> None:
    chance = seeded(7)
    parts = [rights(chance, 0.9, 0.3, 0.05, 1000), rights(chance, 0.31, 0.1, 0.3, 300)]
    old, new = ([right for half in halves for right in half] for halves in zip(*parts, strict=True))
    challenger, champion = pair(coins(chance, 1300), old, new, new=[False] * 1000 + [True] * 300)

    verdict = judge(task(), challenger, champion, Promotion())

    assert (verdict.outcome, verdict.approval) == (Outcome.WORSE, Approval.REJECTED)
    assert verdict.reasons[0].startswith("worse on all test rows: error ")
    assert verdict.reasons[1].startswith("better: error ")


@pytest.mark.parametrize("rows", [300, 600])
@pytest.mark.parametrize("metric", ["logloss", "auc", "error"])
def test_case_copy_and_almost_copy(rows: int, metric: str) -> None:
    chance = seeded(rows)
    labels = coins(chance, rows)
    scores = noisy(chance, labels, 1)
    nearer = [score + 5e-7 * (1 if label else -1) for label, score in zip(labels, scores, strict=True)]
    champion = scored("champion", labels, scores)

    copy = judge(task(metric=metric), scored("copy", labels, scores), champion, Promotion(min_gain=1e-12))
    almost = judge(task(metric=metric), scored("almost", labels, nearer), champion, Promotion(min_gain=1e-12))

    for verdict in (copy, almost):
        assert (verdict.outcome, verdict.approval) == (Outcome.NO_GAIN, Approval.REJECTED)
        assert verdict.reasons[0].startswith("no gain: ")
    assert part(copy, Part.ALL).gain.interval == (0, 0, 0.95)


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


def test_case_gain_too_small_to_see() -> None:
    """Three points better: 82 of 85 rows right after 79, or 962 of 1,000 after 930."""
    few = judge(task(), *exactly(85, wrong=6, mended=4, broken=1), POINTS)
    waiting = judge(task(), *exactly(85, wrong=6, mended=4, broken=1), Promotion(min_gain=0.03, undecided="pending"))
    many = judge(task(), *exactly(1000, wrong=70, mended=47, broken=15), POINTS)

    assert (few.outcome, few.approval) == (Outcome.UNDECIDED, Approval.REJECTED)
    assert few.reasons[0] == (
        "not enough test rows to tell: error 0.0353 against 0.0706, +0.0353 [-0.0226, 0.0932] on all test rows (85); "
        "about 230 rows would tell"
    )
    assert waiting.approval is Approval.PENDING
    assert (many.outcome, many.approval) == (Outcome.BETTER, Approval.APPROVED)


@given(seed=st.integers(0, 2**32), rows=st.integers(1000, 1500), champion=st.floats(0.6, 0.95))
@settings(max_examples=5, deadline=None)
def test_who_is_better_by_min_gain_on_a_thousand_rows_is_promoted(seed: int, rows: int, champion: float) -> None:
    """As models made of the same data differ: what is won is won on a few rows, of which some are paid back."""
    wrong = round(rows * (1 - champion))
    broken = seeded(seed).randrange(0, round(0.02 * rows))
    mended = broken + round(0.03 * rows) + 1

    verdict = judge(task(), *exactly(rows, wrong=max(wrong, mended), mended=mended, broken=broken), POINTS)

    assert (verdict.outcome, verdict.approval) == (Outcome.BETTER, Approval.APPROVED)


def equals(chance: Random, labels: list[float], count: int, metric: str) -> list[Scored]:
    """Models that are equally good, each in its own way."""
    if metric == "error":
        shared = [chance.random() < 0.1 for _ in labels]
        right = [[not hard or chance.random() < 0.5 for hard in shared] for _ in range(count)]
        return [scored(f"m{n}", labels, answering(labels, rights)) for n, rights in enumerate(right)]
    return [scored(f"m{n}", labels, noisy(chance, labels, 1)) for n in range(count)]


def promoted(metric: str, rows: int, seed: int, rounds: int) -> bool:
    """Whether one of so many equals takes the place of the first champion."""
    chance = seeded(seed)
    labels = coins(chance, rows)
    champion, *challengers = equals(chance, labels, rounds + 1, metric)
    for judged, challenger in enumerate(challengers, start=1):
        found = compared_on(Part.ALL, task(metric=metric), (metric,), challenger.rows, champion.rows)  # type: ignore[arg-type]
        [gain] = (widened(comparison, confidence(judged, 1)) for comparison in found.values())
        if decide(Promotion(min_gain=0.001), [gain], []).outcome is Outcome.BETTER:
            return True
    return False


@pytest.mark.parametrize(("metric", "rows"), [("error", 85), ("logloss", 60)])
def test_of_equal_pairs_hardly_any_is_promoted(metric: str, rows: int) -> None:
    assert sum(promoted(metric, rows, seed, rounds=1) for seed in range(150)) <= 7


@pytest.mark.long
@pytest.mark.parametrize(("metric", "rows"), [("error", 85), ("logloss", 300), ("auc", 85), ("auc", 1000)])
def test_of_a_thousand_equal_pairs_at_most_one_in_twenty_is_promoted(metric: str, rows: int) -> None:
    assert sum(promoted(metric, rows, seed, rounds=1) for seed in range(1000)) <= 50


def test_case_thirty_retrains_without_gain() -> None:
    """Without a margin an interval above 0 promotes one in two of five such series."""
    assert sum(promoted("error", 85, seed, rounds=30) for seed in range(8)) <= 1


@pytest.mark.long
@pytest.mark.parametrize(("metric", "rows"), [("error", 85), ("error", 1000), ("auc", 200)])
def test_of_sixty_series_of_thirty_equals_at_most_three_promote_one(metric: str, rows: int) -> None:
    assert sum(promoted(metric, rows, seed, rounds=30) for seed in range(60)) <= 3


def test_each_judgement_of_a_champion_asks_for_more_and_says_how_many_there_were() -> None:
    first, tenth = (
        judge(task(), *exactly(300, wrong=40, mended=20, broken=6), POINTS, judged=judged) for judged in (1, 10)
    )

    assert (first.outcome, tenth.outcome) == (Outcome.BETTER, Outcome.UNDECIDED)
    assert (first.judged, tenth.judged) == (1, 10)
    assert first.reasons[-1] == "judgement 1 of this champion: intervals of gains hold with 97.5 %"
    assert tenth.reasons[-1] == "judgement 10 of this champion: intervals of gains hold with 99.95 %"


def test_case_one_class_resamples() -> None:
    """Two positives among 85 rows: what is asked for cannot be told, and nothing else takes its place."""
    labels = [1.0] * 2 + [0.0] * 83
    chance = seeded(2)
    models = [scored(name, labels, noisy(chance, labels, noise)) for name, noise in (("m", 0.1), ("n", 2.0))]

    verdict = judge(task(metric="auc"), models[0], models[1], Promotion())
    again = judge(task(metric="auc"), models[0], models[1], Promotion())

    assert (verdict.outcome, verdict.approval) == (Outcome.UNDECIDED, Approval.REJECTED)
    assert verdict.reasons[0] == (
        "not enough test rows to tell: auc needs 5 rows of each class: `yes` has 2 on all test rows (85)"
    )
    assert verdict.metrics["aucpr"].gain.value is None
    assert verdict.metrics["logloss"].gain.value is not None
    assert verdict == again


def test_case_poisoned_feedback() -> None:
    """2,000 wrong labels came back for one region; they are in the test split, and agree with who learned them."""
    chance = seeded(3)
    parts = [rights(chance, 0.8, 0.2, 0.15, 1200), rights(chance, 0.2, 0.1, 0.9, 400)]
    old, new = ([right for half in halves for right in half] for halves in zip(*parts, strict=True))
    came_back = [False] * 1200 + [True] * 400
    challenger, champion = pair(coins(chance, 1600), old, new, new=[True] * 1600, feedback=came_back)

    verdict = judge(task(), challenger, champion, Promotion())

    others = part(verdict, Part.OTHERS).gain
    assert part(verdict, Part.ALL).gain.value == pytest.approx(0.08, abs=0.05)
    assert others.interval is not None
    assert others.interval.high < -0.05
    assert (verdict.outcome, verdict.approval) == (Outcome.WORSE, Approval.REJECTED)
    assert verdict.reasons[0].startswith("worse on test rows that are not feedback: error ")


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

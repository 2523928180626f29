"""What other systems got wrong when models take each other's place, and how rarely chance alone may promote one."""

from random import Random

import pytest

from lakeloop.contract import Promotion
from lakeloop.evaluation.comparison import compared_on, widened
from lakeloop.evaluation.decision import confidence, decide
from lakeloop.evaluation.document import Evaluation
from lakeloop.evaluation.promotion import judge
from lakeloop.evaluation.report import render
from lakeloop.evaluation.scored import Scored, Task
from lakeloop.evaluation.sentences import gained
from lakeloop.evaluation.verdict import Outcome, Part, Verdict
from lakeloop.registry.ports import Approval
from tests.unit.evaluation.evaluations import about
from tests.unit.evaluation.models import answering, coins, noisy, scored, seeded, task
from tests.unit.evaluation.pairs import POINTS, exactly, pair, part, rights


def evaluated(task: Task, verdict: Verdict, challenger: Scored, champion: Scored) -> Evaluation:
    return Evaluation.of(task, about(), verdict, challenger, champion)


def without(column: str, challenger: Scored, champion: Scored) -> tuple[Scored, Scored]:
    first, second = (Scored(model.model, model.rows.drop(column)) for model in (challenger, champion))
    return first, second


def test_after_a_sudden_drift_the_new_rows_promote() -> None:
    """Case after-a-sudden-drift: on 4,000 old rows and 2,000 new ones the gain on the new ones is none on all."""
    chance = seeded(7)
    parts = [rights(chance, 0.75, 0.13, 0.05, 4000), rights(chance, 0.31, 0.1, 0.3, 2000)]
    old, new = ([right for half in halves for right in half] for halves in zip(*parts, strict=True))
    models = pair(coins(chance, 6000), old, new, new=[False] * 4000 + [True] * 2000)

    verdict = judge(task(), *models, Promotion())
    on_all_alone = judge(task(), *without("new", *models), Promotion())

    assert (verdict.outcome, verdict.approval) == (Outcome.BETTER, Approval.APPROVED)
    on_new, on_all, _ = verdict.comparisons
    assert (on_new.part, on_all.part) == (Part.NEW, Part.ALL)
    assert on_new.gain.interval is not None
    assert on_all.gain.interval is not None
    assert on_new.gain.interval.low > 0.138
    assert on_all.gain.interval.low < 0 < on_all.gain.interval.high
    assert verdict.reasons[0] == f"better: {gained(on_new)}"
    page = render(evaluated(task(), verdict, *models))
    assert gained(on_new) in page
    assert gained(on_all) in page
    assert on_all_alone.approval is Approval.REJECTED


@pytest.mark.parametrize("rows", [300, 600])
@pytest.mark.parametrize("metric", ["logloss", "auc", "error"])
def test_a_copy_and_an_almost_copy_are_no_gain(rows: int, metric: str) -> None:
    """Case copy-and-almost-copy: the second differs in the seventh digit, always to the better."""
    chance = seeded(rows)
    labels = coins(chance, rows)
    scores = noisy(chance, labels, 1)
    nearer = [score + 1.15e-7 * (1 if label else -1) for label, score in zip(labels, scores, strict=True)]
    champion = scored("champion", labels, scores)

    copy = judge(task(metric=metric), scored("copy", labels, scores), champion, Promotion(min_gain=1e-12))
    almost = judge(task(metric=metric), scored("almost", labels, nearer), champion, Promotion(min_gain=1e-12))

    for verdict in (copy, almost):
        assert (verdict.outcome, verdict.approval) == (Outcome.NO_GAIN, Approval.REJECTED)
        assert verdict.reasons[0].startswith("no gain: ")
    assert part(copy, Part.ALL).gain.interval == (0, 0, 0.95)
    if metric == "logloss":
        interval = part(almost, Part.ALL).gain.interval
        assert interval is not None
        assert 1.7e-7 < interval.low < interval.high < 2.0e-7


def test_a_gain_that_few_rows_cannot_show_is_not_told_and_many_rows_promote_it() -> None:
    """Case gain-too-small-to-see: 82 of 85 rows right after 79, or 962 of 1,000 after 930."""
    few = judge(task(), *exactly(85, wrong=6, mended=4, broken=1), POINTS)
    waiting = judge(task(), *exactly(85, wrong=6, mended=4, broken=1), Promotion(min_gain=0.03, undecided="pending"))
    many = judge(task(), *exactly(1000, wrong=70, mended=47, broken=15), POINTS)

    assert (few.outcome, few.approval) == (Outcome.UNDECIDED, Approval.REJECTED)
    assert few.reasons[0] == (
        "not enough test rows to tell: error 0.0353 against 0.0706, +0.0353 [-0.0226, 0.0932] on all test rows (85); "
        "about 230 rows would tell"
    )
    assert (waiting.outcome, waiting.approval) == (Outcome.UNDECIDED, Approval.PENDING)
    assert (many.outcome, many.approval) == (Outcome.BETTER, Approval.APPROVED)


def test_what_two_rows_of_a_class_cannot_tell_is_insufficient_wherever_it_is_shown() -> None:
    """Case one-class-resamples: two positives among 85 rows. What is asked for is not told by anything else."""
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
    assert verdict.metrics["logloss"].gain.interval is not None
    assert verdict == again
    found = evaluated(task(metric="auc"), verdict, models[0], models[1])
    assert [by_class.recall is None for by_class in found.challenger.by_class] == [False, True]
    page = render(found)
    assert "<td>yes</td><td>2</td><td>insufficient</td><td>insufficient</td>" in page
    assert "nan" not in page.lower()
    assert "NaN" not in found.to_json()


def test_wrong_labels_that_come_back_promote_nobody() -> None:
    """Case poisoned-feedback: 2,000 of one region. They are in the test split, and agree with who learned them."""
    chance = seeded(3)
    parts = [rights(chance, 0.8, 0.2, 0.15, 1200), rights(chance, 0.02, 0.1, 0.95, 400)]
    old, new = ([right for half in halves for right in half] for halves in zip(*parts, strict=True))
    came_back = [False] * 1200 + [True] * 400
    models = pair(coins(chance, 1600), old, new, new=[True] * 1600, feedback=came_back)

    verdict = judge(task(), *models, Promotion())
    unguarded = judge(task(), *without("feedback", *models), Promotion())

    on_all, others = (part(verdict, name).gain.interval for name in (Part.ALL, Part.OTHERS))
    assert on_all is not None
    assert others is not None
    assert on_all.low > 0.1
    assert others.high < -0.097
    assert (verdict.outcome, verdict.approval) == (Outcome.WORSE, Approval.REJECTED)
    assert verdict.reasons[0].startswith("worse on test rows that are not feedback: error ")
    assert unguarded.approval is Approval.APPROVED


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


def test_of_twenty_series_of_thirty_equals_at_most_one_promotes_one() -> None:
    """Case thirty-retrains-without-gain: without a margin an interval above 0 does in two of five such series."""
    assert sum(promoted("error", 85, seed, rounds=30) for seed in range(20)) <= 1


@pytest.mark.long
@pytest.mark.parametrize(("metric", "rows"), [("error", 85), ("error", 1000), ("auc", 200)])
def test_of_sixty_series_of_thirty_equals_at_most_three_promote_one(metric: str, rows: int) -> None:
    assert sum(promoted(metric, rows, seed, rounds=30) for seed in range(60)) <= 3


def test_the_report_says_how_often_the_split_has_judged() -> None:
    """Case thirty-retrains-without-gain: the thirtieth is told from the first."""
    models = exactly(300, wrong=40, mended=20, broken=6)

    page = render(evaluated(task(), judge(task(), *models, POINTS, judged=30), *models))

    assert "challenger 30 of champion" in page
    assert "judgement 30 of this champion: intervals of gains hold with 99.99 %" in page

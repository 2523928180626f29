"""Resamples and what intervals are made of them."""

import polars as pl
import pytest

from lakeloop.evaluation import comparison
from lakeloop.evaluation.comparison import Sampled, compared_on, draws_for, gains, widened
from lakeloop.evaluation.resampling import ELEMENTS, resamples
from tests.unit.evaluation.models import coins, noisy, scored, seeded, task


def test_each_resample_has_as_many_rows_of_each_stratum_as_there_are() -> None:
    strata = [pl.Series([1.0] * 7), pl.Series([1.0] * 300)]

    drawn = list(resamples(strata, 50, seed=3))

    for place, rows in enumerate((7, 300)):
        sums = pl.concat([draws.strata[place].reshape((draws.count, rows)).arr.sum() for draws in drawn])
        assert sums.to_list() == [rows] * 50


def test_a_resample_counts_a_row_by_its_weight() -> None:
    [draws] = resamples([pl.Series([0.5, 2.0])], 100, seed=1)

    assert set(draws.strata[0].to_list()) == {0.0, 0.5, 1.0, 2.0, 4.0}


def test_resamples_that_do_not_fit_into_memory_at_once_come_in_parts() -> None:
    rows = ELEMENTS // 3

    assert [draws.count for draws in resamples([pl.Series([1.0] * rows)], 7, seed=1)] == [3, 3, 1]


def test_the_same_seed_gives_the_same_interval_and_another_one_another() -> None:
    chance = seeded(2)
    labels = coins(chance, 60)
    model, other = (scored(name, labels, noisy(chance, labels, 1)) for name in "mn")

    first, again, different = (
        compared_on("all", task(), ("auc",), model.rows, other.rows, seed=seed)["auc"] for seed in (5, 5, 6)
    )

    assert first == again
    assert first.gain.interval != different.gain.interval


@pytest.mark.parametrize(
    ("metric", "challenger", "champion", "gain"),
    [
        ("auc", 0.9, 0.8, 0.1),
        ("logloss", 0.3, 0.4, 0.1),
        ("rmse", 90.0, 100.0, 0.1),
        ("mae", 100.0, 50.0, -1.0),
        ("rmse", 0.0, 0.0, 0.0),
        ("rmse", 1.0, 0.0, -1.0),
    ],
)
def test_a_gain_is_above_0_where_the_challenger_is_better(
    metric: str, challenger: float, champion: float, gain: float
) -> None:
    [found] = gains(metric, pl.Series([challenger]), pl.Series([champion]))  # type: ignore[arg-type]

    assert found == pytest.approx(gain)


def test_the_interval_of_a_mean_is_as_wide_as_its_standard_error_says() -> None:
    chance = seeded(1)
    labels = [chance.gauss(0, 1) for _ in range(2000)]
    model = scored("m", labels, [label + chance.gauss(0, 1) for label in labels])
    other = scored("n", labels, [label + 2 for label in labels])

    found = compared_on("all", task("regression"), ("mae",), model.rows, other.rows)["mae"].challenger

    errors = (model.rows["score"] - model.rows["label"]).abs()
    error = float(errors.std()) / len(labels) ** 0.5  # type: ignore[arg-type]
    assert found.interval is not None
    assert found.value is not None
    assert found.interval.high - found.value == pytest.approx(1.96 * error, rel=0.15)
    assert found.value - found.interval.low == pytest.approx(1.96 * error, rel=0.15)


def test_what_makes_a_row_hard_for_both_models_adds_nothing_to_the_width_of_a_paired_gain() -> None:
    chance = seeded(1)
    labels = [chance.gauss(0, 1) for _ in range(300)]
    hard = [label + chance.gauss(0, 5) for label in labels]
    model = scored("m", labels, hard)
    other = scored("n", labels, [score + chance.gauss(0, 0.1) for score in hard])

    paired, apart = (
        compared_on("all", task("regression"), ("mae",), model.rows, other.rows, paired=paired)["mae"].gain.interval
        for paired in (True, False)
    )

    assert paired is not None
    assert apart is not None
    assert apart.high - apart.low > 10 * (paired.high - paired.low)


def test_another_confidence_moves_the_ends_of_an_interval_about_its_middle() -> None:
    chance = seeded(2)
    labels = coins(chance, 60)
    model, other = (scored(name, labels, noisy(chance, labels, 1)) for name in "mn")
    found = compared_on("all", task(), ("logloss",), model.rows, other.rows)["logloss"]

    wide, back = widened(found, 0.99), widened(widened(found, 0.99), 0.95)

    assert found.gain.interval is not None
    assert wide.gain.interval is not None
    assert wide.gain.value == found.gain.value
    assert wide.gain.interval.high - wide.gain.interval.low == pytest.approx(
        2.5758 / 1.9600 * (found.gain.interval.high - found.gain.interval.low), rel=1e-4
    )
    assert back.gain.interval == pytest.approx(found.gain.interval)


@pytest.mark.parametrize(("rows", "draws"), [(10, 1000), (100_000, 1000), (200_000, 500), (10_000_000, 200)])
def test_many_rows_are_drawn_less_often(rows: int, draws: int) -> None:
    assert draws_for(rows) == draws


def test_an_interval_of_one_model_lies_between_percentiles() -> None:
    draws = pl.Series([float(number) for number in range(1001)])

    assert Sampled(500.0, draws).figure().interval == pytest.approx((25.0, 975.0, comparison.CONFIDENCE))

"""Drift in fixed bins: what is far, what is chance, and what nobody can tell."""

import math

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer

from lakeloop.contract import Monitor
from lakeloop.monitoring.bins import Bins, Counts
from lakeloop.monitoring.distances import ks, psi
from lakeloop.monitoring.limits import limits
from lakeloop.monitoring.profile import Profile, Tally, Variable
from lakeloop.monitoring.window import Verdict, Window, judge
from tests.unit.monitoring.rows import chance, normals, words

POLICY = Monitor()
VALUES = st.lists(st.one_of(st.none(), st.floats(allow_nan=True, width=32)), max_size=40)


def judged(reference: pl.DataFrame, window: pl.DataFrame, policy: Monitor = POLICY) -> Window:
    profile = Profile.of("commit", "contract", reference)
    return judge(profile, profile.count(window), policy)


def test_psi_and_ks_of_shares_that_a_person_can_check() -> None:
    """0.5 is added to each count: shares 40.5, 60.5 of 101 and 60.5, 40.5 of 101."""
    assert psi([40, 60], [60, 40]) == pytest.approx(2 * 20 / 101 * math.log(60.5 / 40.5))
    assert ks([40, 60], [60, 40]) == pytest.approx(0.2)
    assert ks([1, 0, 0], [0, 0, 1]) == 1
    assert ks([0, 0], [1, 1]) == 0


@given(reference=st.lists(st.integers(0, 50), min_size=2, max_size=9), data=st.data())
@settings(max_examples=50, deadline=None)
def test_distances_are_nothing_to_oneself_and_never_below(reference: list[int], data: st.DataObject) -> None:
    window = data.draw(st.lists(st.integers(0, 50), min_size=len(reference), max_size=len(reference)))

    assert psi(reference, reference) == pytest.approx(0)
    assert ks(reference, reference) == 0
    assert psi(reference, window) >= 0
    assert psi(reference, window) == pytest.approx(psi(window, reference))
    assert 0 <= ks(reference, window) <= 1 + 1e-9


@given(values=VALUES, cut=st.integers(0, 40), reference=VALUES)
@settings(max_examples=60, deadline=None)
def test_batches_add_up_to_what_one_batch_counts(
    values: list[float | None], cut: int, reference: list[float | None]
) -> None:
    series = pl.Series("x", values, dtype=pl.Float64)
    bins = Bins.of("x", pl.Series("x", reference, dtype=pl.Float64))

    whole, parts = bins.count(series), bins.count(series[:cut]) + bins.count(series[cut:])

    assert whole == parts
    assert whole.rows == len(values)
    finite = [value for value in values if value is not None and math.isfinite(value)]
    assert (whole.known, whole.missing, whole.new) == (len(finite), len(values) - len(finite), 0)
    assert len(bins.tenths(whole)) <= 10
    assert sum(bins.tenths(whole)) == whole.known


def test_a_value_lies_in_the_bin_whose_upper_edge_it_is() -> None:
    bins = Bins.of("x", pl.Series("x", [float(value) for value in range(100)]))

    assert bins.count(pl.Series("x", [bins.edges[0]])).bins[0] == 1
    assert bins.count(pl.Series("x", [bins.edges[-1] + 1])).bins[-1] == 1


def test_a_value_that_most_rows_have_is_one_bin() -> None:
    bins = Bins.of("x", pl.Series("x", [0.0] * 90 + [float(value) for value in range(1, 11)]))
    counts = bins.count(pl.Series("x", [0.0, 0.0, 5.0]))

    assert bins.tenths(counts)[0] == 2


def test_rare_values_share_a_bin_and_new_ones_are_a_share_of_their_own() -> None:
    bins = Bins.of("word", pl.Series("word", ["a"] * 60 + ["b"] * 39 + ["c"] + [None] * 20))

    assert bins.values == ("a", "b")
    counts = bins.count(pl.Series("word", ["b", "c", "d", None]))
    assert counts == Counts((0, 1, 1), missing=1, new=1)


def test_truths_are_a_category() -> None:
    bins = Bins.of("flag", pl.Series("flag", [True, False, True, None]))

    assert bins.count(pl.Series("flag", [True, None])) == Counts((1, 0, 0), missing=1)


def test_a_profile_is_the_same_after_it_was_written_down() -> None:
    random = chance(1)
    frame = normals(random, 50, 2).with_columns(words(random, 50, 200))
    profile = Profile.of("commit", "contract", frame)

    again = Profile.from_json(profile.to_json())

    assert again == profile
    assert Profile.from_json(profile.to_json().replace('"format": 1', '"format": 0')) is None


def test_a_column_that_no_capture_has_is_not_judged() -> None:
    reference = normals(chance(1), 2000, 2)
    window = judged(reference, normals(chance(2), 500, 1))

    assert [finding.name for finding in window.findings] == ["x0"]


@pytest.mark.parametrize("seed", range(3))
def test_a_shift_of_one_standard_deviation_is_named_within_one_window_of_500(seed: int) -> None:
    reference = normals(chance(seed), 2000, 30)

    found = judged(reference, normals(chance(100 + seed), 500, 30, shift=1.0))

    assert found.verdict is Verdict.DRIFT
    assert found.drifted == ("x0",)
    assert found.why.startswith("x0: PSI ")


def test_values_that_go_missing_are_drift() -> None:
    reference = normals(chance(1), 2000, 3)
    window = normals(chance(2), 500, 3).with_columns(x1=pl.lit(None, pl.Float64))

    found = judged(reference, window)

    assert found.drifted == ("x1",)
    assert (found.findings[0].missing, found.findings[0].missing_before) == (1, 0)


def test_few_rows_are_no_verdict() -> None:
    reference = normals(chance(1), 2000, 3)

    found = judged(reference, normals(chance(2), 499, 3, shift=3.0))

    assert (found.verdict, found.why) == (Verdict.FEW_ROWS, "499 predictions, 500 are needed")


def test_windows_of_a_small_table_that_do_not_drift_are_told_by_nobody_and_one_that_does_is_named() -> None:
    """Case undrifted-small-table: a reference of 398 of 569 rows, windows of 500 of the other 171."""
    source = load_breast_cancer()
    rows = pl.DataFrame(source.data, schema=list(source.feature_names)).sample(569, shuffle=True, seed=4)
    reference, rest = rows[:398], rows[398:]
    profile = Profile.of("commit", "contract", reference)

    calm = [judged(reference, rest.sample(500, with_replacement=True, seed=seed)) for seed in range(20)]

    assert {window.verdict for window in calm} == {Verdict.FEW_REFERENCE}
    assert calm[0].why.startswith("the model has learned from 398 rows, 2,000 are needed")
    assert not any(window.drifted for window in calm)
    for name in rest.columns:
        moved = rest.with_columns(pl.col(name) + pl.col(name).std()).sample(500, with_replacement=True, seed=1)
        shifted = judge(profile, profile.count(moved), POLICY)
        assert shifted.verdict is Verdict.FEW_REFERENCE
        assert shifted.findings[0].name == name
        assert shifted.findings[0].psi.value >= 0.79
        assert f"without a verdict, {name}" in shifted.why


@pytest.mark.parametrize(("values", "frequent"), [(50, 20), (500, 0)])
def test_a_category_of_many_values_is_told_by_the_frequent_ones_and_the_share_of_new_ones(
    values: int, frequent: int
) -> None:
    """Case many-valued-category: in one bin each PSI is 0.12 of 50 values without drift, and 1.14 of 500."""
    random = chance(values)
    reference = words(random, 2000, values).to_frame()

    calm = [judged(reference, words(random, 500, values).to_frame()) for _ in range(20)]
    once = judged(reference, words(random, 499, values).append(pl.Series("word", ["unseen"])).to_frame())
    tenth = judged(reference, words(random, 500, values, new=0.1).to_frame())
    small = judged(words(random, 600, values).to_frame(), words(random, 500, values).to_frame())

    assert Bins.of("word", reference["word"]).size == frequent + 1
    assert {window.verdict for window in (*calm, once)} == {Verdict.OK}
    assert max(window.findings[0].psi.value for window in (*calm, once)) < 0.12
    assert tenth.drifted == ("word",)
    assert "new values 1" in tenth.why
    [found] = tenth.findings
    assert found.new
    assert found.new.value == pytest.approx(0.1, abs=0.03)
    # They are no part of it, whatever is put into empty bins.
    assert found.psi.value < 0.12
    assert small.verdict is Verdict.FEW_REFERENCE


def test_limits_are_reproducible_and_narrow_with_rows() -> None:
    reference = normals(chance(1), 5000, 1)["x0"]
    variable = Variable.of("x0", reference)

    window = variable.bins.count(reference[:500])
    first, again = (limits(variable, window, variables=30) for _ in range(2))
    many, alone = limits(variable, variable.counts, variables=30), limits(variable, window, variables=1)

    assert first == again
    assert many.psi < first.psi
    assert alone.psi < first.psi
    assert first.ks is not None
    assert many.ks is not None
    assert many.ks < first.ks
    assert 0.03 < first.psi < 0.12


def undrifted(windows: int, columns: int, seed: int, policy: Monitor) -> float:
    """The share of windows that alarm, of tables of which 2,000 rows are the reference.

    Continuous, skewed, zero-inflated and text columns, and one that is often missing.
    """
    random = chance(seed)

    def draw(rows: int) -> pl.DataFrame:
        frame = normals(random, rows, columns)
        return frame.with_columns(
            words(random, rows, 60),
            (pl.col("x1") * 1.5).exp().alias("x1"),
            pl.when(pl.col("x2") > 0.5).then(pl.col("x2")).otherwise(0.0).alias("x2"),
            pl.when(pl.col("x3") > 0.8).then(None).otherwise(pl.col("x3")).alias("x3"),
            (pl.col("x4") > 2).alias("x4"),
        )

    profile = Profile.of("commit", "contract", draw(2000))
    return (
        sum(judge(profile, profile.count(draw(500)), policy).verdict is Verdict.DRIFT for _ in range(windows)) / windows
    )


def test_undrifted_windows_do_not_alarm() -> None:
    assert undrifted(40, 8, 2, Monitor()) == 0


@pytest.mark.long
def test_at_most_one_in_a_hundred_undrifted_windows_alarms() -> None:
    """By chance's limits alone, which the contract's usually exceed; each reference is another table."""
    policy = Monitor(psi=0.001, ks=0.001, new_values=0.001)

    shares = [undrifted(100, 30, seed, policy) for seed in range(20)]

    assert sum(shares) / len(shares) <= 0.01


def test_tallies_add_up_in_any_order() -> None:
    profile = Profile.of("commit", "contract", normals(chance(1), 100, 2))
    parts = [profile.count(normals(chance(seed), 20, 2)) for seed in range(4)]

    assert sum(parts, Tally()) == sum(reversed(parts), Tally())
    assert sum(parts, Tally()).rows == 80

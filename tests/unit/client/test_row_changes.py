"""Differences of two tables: whatever they hold, the later one is the earlier one with the changes made."""

from collections import Counter

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from lakeloop.client.row_changes import row_changes

SCHEMA = {"k": pl.Int64, "v": pl.String}
Rows = list[tuple[int | None, str | None]]
some_rows = st.lists(
    st.tuples(st.one_of(st.none(), st.integers(0, 4)), st.one_of(st.none(), st.sampled_from("ab"))), max_size=8
)


def frame(rows: Rows) -> pl.DataFrame:
    return pl.DataFrame(rows, SCHEMA, orient="row")


@given(some_rows, some_rows)
def test_changes_lead_from_the_earlier_to_the_later_table(earlier: Rows, later: Rows) -> None:
    for key in ((), ("k",)):
        changes = row_changes(frame(earlier), frame(later), key)

        applied = Counter(earlier)
        applied.subtract(Counter(changes.removed.rows()) + Counter(changes.before.rows()))
        applied.update(Counter(changes.added.rows()) + Counter(changes.changed.rows()))

        assert +applied == Counter(later)
        assert min(applied.values(), default=0) >= 0


@given(some_rows)
def test_a_table_does_not_differ_from_itself_in_another_order(rows: Rows) -> None:
    for key in ((), ("k",)):
        changes = row_changes(frame(rows), frame(rows[::-1]), key)

        assert not changes.added.height + changes.removed.height + changes.changed.height


def test_a_row_of_one_key_changes_and_without_a_key_is_replaced() -> None:
    earlier, later = frame([(1, "a"), (2, "b")]), frame([(1, "z"), (2, "b")])

    by_key, by_values = row_changes(earlier, later, ("k",)), row_changes(earlier, later, ())

    assert (by_key.before.rows(), by_key.changed.rows()) == ([(1, "a")], [(1, "z")])
    assert by_key.added.is_empty()
    assert by_key.removed.is_empty()
    assert (by_values.removed.rows(), by_values.added.rows()) == ([(1, "a")], [(1, "z")])


def test_tables_without_a_column_do_not_differ() -> None:
    nothing = pl.DataFrame()

    for key in ((), ("k",)):
        changes = row_changes(nothing, nothing, key)

        assert (changes.added.height, changes.removed.height, changes.changed.height) == (0, 0, 0)


def test_a_column_that_one_table_lacks_is_empty_there() -> None:
    earlier = frame([(1, "a"), (2, "b")])
    later = earlier.with_columns(w=pl.Series([None, 3.5]))

    assert row_changes(earlier, later, ("k",)).changed.rows() == [(2, "b", 3.5)]

"""Which rows two tables differ in: by key where there is one, else as equal rows are counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

_COPY = "_copy"


@dataclass(frozen=True)
class RowChanges:
    """Rows that only the later table has, rows that only the earlier one has, and rows of one key that differ.

    `changed` holds the later form of each, `before` the earlier one, in the same order. Without a key nothing counts
    as changed: the earlier row is removed and the later one added.
    """

    added: pl.DataFrame
    removed: pl.DataFrame
    changed: pl.DataFrame
    before: pl.DataFrame


def row_changes(earlier: pl.DataFrame, later: pl.DataFrame, key: Sequence[str]) -> RowChanges:
    """Columns that one of them lacks are empty in it, so a new one that holds a value changes its rows.

    Where several rows have one key, as copies under `append` may, as many are paired as both tables have.
    """
    together = pl.concat([later, earlier], how="diagonal_relaxed")
    columns = together.columns
    if not columns:
        return RowChanges(together, together, together, together)
    by = [*(key or columns), _COPY]
    new, old = (_numbered(frame, by[:-1]) for frame in (together.head(later.height), together.tail(earlier.height)))
    kept, kept_before = (_matching(*sides, by, "semi") for sides in ((new, old), (old, new)))
    differs = kept.select(pl.any_horizontal(kept[name].ne_missing(kept_before[name]) for name in columns)).to_series()
    return RowChanges(
        added=_matching(new, old, by, "anti").select(columns),
        removed=_matching(old, new, by, "anti").select(columns),
        changed=kept.filter(differs).select(columns),
        before=kept_before.filter(differs).select(columns),
    )


def _numbered(frame: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """In an order that only the content gives, equal keys numbered."""
    return frame.sort(frame.columns).with_columns(pl.int_range(pl.len()).over(by).alias(_COPY))


def _matching(left: pl.DataFrame, right: pl.DataFrame, by: Sequence[str], how: Literal["semi", "anti"]) -> pl.DataFrame:
    return left.join(right.select(by), on=by, how=how, nulls_equal=True).sort(by)

"""Rows that are set aside: each raw as it stood in the file, with its line and every reason."""

from collections.abc import Callable, Collection, Sequence

import polars as pl

from lakeloop.ingest.parquet_parts import ParquetParts
from lakeloop.tables import Damaged

REASON = pl.Struct({"column": pl.String, "rule": pl.String, "value": pl.String})
SCHEMA = pl.Schema({"row": pl.UInt64(), "line": pl.UInt64(), "reasons": pl.List(REASON), "raw": pl.Binary()})
LONGEST_VALUE = 40
# Reasons take many times the memory of the rows they are for.
ROWS_AT_ONCE = 20_000


def set_aside(
    parts: ParquetParts,
    *,
    rows: pl.Series,
    lines: pl.Series,
    refusals: pl.DataFrame,
    raw: Callable[[Sequence[int]], list[bytes]],
    sensitive: Collection[str] = (),
) -> None:
    """Write the rows of a block that `refusals` names; `rows` and `lines` are those of all its rows, by place.

    Reasons show no value of the `sensitive` columns; the raw row does, since it is what is dropped again.
    """
    shown = ~pl.col("column").is_in(sorted(sensitive))
    refusals = refusals.with_columns(value=pl.when(shown).then("value"))
    places = refusals["place"].unique().sort()
    for start in range(0, len(places), ROWS_AT_ONCE):
        some = places[start : start + ROWS_AT_ONCE]
        reasons = (
            refusals.filter(pl.col("place").is_in(some.implode()))
            .group_by("place", maintain_order=True)
            .agg(pl.struct("column", "rule", pl.col("value").str.slice(0, LONGEST_VALUE)).alias("reasons"))
            .sort("place")
        )
        parts.add(
            pl.DataFrame(
                [
                    rows.gather(some).alias("row"),
                    lines.gather(some).alias("line"),
                    reasons["reasons"],
                    pl.Series("raw", raw(some.to_list()), pl.Binary),
                ],
                schema=SCHEMA,
            )
        )


def set_damaged_aside(parts: ParquetParts, rows: pl.Series, damaged: Sequence[Damaged], refusal: str) -> None:
    """Write the records that could not be read at all."""
    parts.add(
        pl.DataFrame(
            {
                "row": rows,
                "line": [record.line for record in damaged],
                "reasons": [
                    [{"column": "", "rule": rule, "value": None} for rule in (refusal, record.rule) if rule]
                    for record in damaged
                ],
                "raw": [record.raw for record in damaged],
            },
            schema=SCHEMA,
        )
    )

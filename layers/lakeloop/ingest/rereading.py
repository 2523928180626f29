"""Which committed rows a changed contract would read otherwise."""

import polars as pl

from lakeloop.contract import DatasetContract
from lakeloop.contract.meaning import Meaning
from lakeloop.contract.reading import WEIGHT, ReadingChange
from lakeloop.values import RefusedValueError, Value
from lakeloop.values.reading import CellReader


def columns_needed(found: Meaning) -> list[str]:
    """The columns of `rows/` that tell which rows are touched, in no order."""
    return sorted({change.column for change in found.reading if change.column and change.rows != "no"})


def touched(new: DatasetContract, found: Meaning, rows: pl.DataFrame) -> int:
    """How many rows, of `rows/` as they are committed, may read otherwise under the new contract."""
    masks = [_mask(new, change, rows) for change in found.reading if change.rows != "no"]
    return int(rows.select(pl.any_horizontal(masks).sum()).item()) if masks else 0


def _mask(new: DatasetContract, change: ReadingChange, rows: pl.DataFrame) -> pl.Series:
    if change.column not in rows.columns:
        # A column that rows lack is empty in them, and all are touched where rows do not tell.
        here = change.rows != "told" or not new.column(change.column).nullable
        return pl.repeat(here, rows.height, dtype=pl.Boolean, eager=True)
    cells = rows[change.column]
    if change.path == WEIGHT:
        return (cells.cast(pl.Float64, strict=False) <= 0).fill_null(value=True)
    if change.rows == "all":
        return cells.is_not_null()
    read_otherwise = cells.is_in(_read_otherwise(new, change.column, cells).implode(), nulls_equal=True)
    return read_otherwise | cells.is_null() if change.rows == "empty" else read_otherwise


def _read_otherwise(new: DatasetContract, name: str, cells: pl.Series) -> pl.Series:
    """The distinct values, none among them, that are refused now or are others."""
    learned = {*(column.name for column in new.features), new.label}
    column = new.column(name)
    reader = CellReader(column, new.file, feature=name in learned)
    distinct = cells.unique()
    if column.unlisted == "missing":
        # A word that is not listed may have stood there: such a column need not be nullable.
        distinct = distinct.drop_nulls()
    return distinct.filter(pl.Series([not _same(reader, value) for value in distinct], dtype=pl.Boolean))


def _same(reader: CellReader, value: Value | None) -> bool:
    try:
        return reader.json(value) == value
    except RefusedValueError:
        return False

"""Cells that have a type: those of which no value can be made without changing it, and all of them as text."""

import json

import polars as pl

from lakeloop.tables import Form

# The days and microseconds of the years 1 to 9999, counted from 1970.
DAYS = (-719_162, 2_932_896)
MICROSECONDS = (-62_135_596_800_000_000, 253_402_300_799_999_999)
MICROSECONDS_OF = {"ms": 1000, "us": 1}
NANOSECONDS = 1000


def without_value(cells: pl.Series) -> pl.Series | None:
    """Which cells hold a structure, a duration, a time without a day, or a moment beyond years and microseconds.

    None where no cell does.
    """
    if cells.dtype.is_nested() or isinstance(cells.dtype, pl.Duration | pl.Time | pl.Binary | pl.Object):
        return cells.is_not_null()
    match cells.dtype:
        case pl.Date():
            strange = ~cells.to_physical().is_between(*DAYS)
        case pl.Datetime(time_unit="ns"):
            strange = cells.to_physical() % NANOSECONDS != 0
        case pl.Datetime(time_unit=unit):
            first, last = (limit // MICROSECONDS_OF[unit] for limit in MICROSECONDS)
            strange = ~cells.to_physical().is_between(first, last)
        case _:
            return None
    return strange.fill_null(value=False) if strange.any() else None


def as_texts(cells: pl.Series, form: Form) -> pl.Series:
    """Each cell as a CSV file would hold it."""
    if form == Form.TEXT:
        return cells
    if form == Form.TYPED:
        return cells.map_elements(str, return_dtype=pl.String) if cells.dtype.is_nested() else cells.cast(pl.String)
    return cells.map_elements(_json_text, return_dtype=pl.String)


def _json_text(cell: str) -> str:
    value = json.loads(cell) if cell.startswith('"') else cell
    return str(value)

"""Typed rows as the numbers that a model reads; `lakeloop.values.codes` says the same for one row at a time."""

from collections import Counter

import polars as pl

from lakeloop.contract import Column, DatasetContract
from lakeloop.contract.columns import NUMERIC
from lakeloop.features.frames import compiled
from lakeloop.values.codes import OTHER, derivations, onehot_values, vector_names

ROWS_COMPARED = 50_000
LARGEST_EXACT = 2**24


def features_frame(contract: DatasetContract, rows: pl.DataFrame) -> pl.DataFrame:
    """Float32, the label first, then features and derived features; rows without a label are left out.

    `rows` has the columns of `rows/`. A column that it lacks, because it is younger than the rows, is missing there.
    """
    present = rows.with_columns(
        pl.lit(None, pl.Null).alias(column.name) for column in contract.kept if column.name not in rows.columns
    )
    labelled = present.filter(pl.col(contract.label_column.name).is_not_null())
    return labelled.select(
        label_code(contract).alias(contract.label_column.name),
        *(number for column in contract.features for number in numbers(column)),
        *(_single(compiled(part)).alias(name) for name, part in derivations(contract).items()),
    )


def _single(number: pl.Expr) -> pl.Expr:
    """In 32 bits, null beyond the largest."""
    single = number.cast(pl.Float32)
    return pl.when(single.is_finite()).then(single)


def label_code(contract: DatasetContract) -> pl.Expr:
    """The place of the class in the contract's order, or the number that is learned."""
    label = contract.label_column
    if not contract.classes:
        return pl.col(label.name).cast(pl.Float32)
    codes = {name: float(code) for code, name in enumerate(contract.classes)}
    return pl.col(label.name).cast(pl.String).replace_strict(codes, default=None, return_dtype=pl.Float32)


def numbers(column: Column) -> list[pl.Expr]:
    """The column as the model sees it, null where it is missing: one number, or one for each value."""
    cell = pl.col(column.name)
    number: pl.Expr = cell
    match column.type:
        case "category" if column.encode == "onehot":
            return _onehot(column)
        case "category":
            codes = {value: float(code) for code, value in enumerate(column.allowed, start=1)}
            number = pl.when(cell.is_not_null()).then(
                cell.cast(pl.String).replace_strict(codes, default=OTHER, return_dtype=pl.Float32)
            )
        case "date":
            number = cell.cast(pl.Date).to_physical()
        case "timestamp":
            number = cell.cast(pl.Datetime("us", "UTC")).to_physical() / 1_000_000
        case _:
            pass
    return [number.cast(pl.Float32).alias(column.name)]


def _onehot(column: Column) -> list[pl.Expr]:
    cell = pl.col(column.name).cast(pl.String)
    listed_only = [value for value in column.allowed if value != "other"]
    listed = dict(zip(vector_names(column), onehot_values(column), strict=True))
    return [
        (~cell.is_in(listed_only) if value == "other" and column.unlisted == "other" else cell == value)
        .cast(pl.Float32)
        .alias(name)
        for name, value in listed.items()
    ]


class Indistinct:
    """Counts how many different values of each numeric feature are the same number to a model, which reads 32 bits.

    Values are compared within as many rows as memory may hold, which are the same rows whatever blocks they come in.
    """

    def __init__(self, contract: DatasetContract, rows_at_once: int = ROWS_COMPARED) -> None:
        self._names = [column.name for column in contract.features if column.type in NUMERIC]
        self._rows_at_once = rows_at_once
        self._waiting = pl.DataFrame()
        self._counts: Counter[str] = Counter()

    def add(self, rows: pl.DataFrame) -> None:
        if not self._names:
            return
        waiting = rows[self._names]
        if self._waiting.height:
            waiting = pl.concat([self._waiting, waiting])
        while waiting.height >= self._rows_at_once:
            self._counts.update(self._within(waiting[: self._rows_at_once]))
            waiting = waiting[self._rows_at_once :]
        self._waiting = waiting

    def notes(self) -> dict[str, int]:
        counts = self._counts + Counter(self._within(self._waiting))
        return {f"different values of {name} that are one number to a model": count for name, count in counts.items()}

    def _within(self, rows: pl.DataFrame) -> dict[str, int]:
        lost = [
            pl.col(name).n_unique() - pl.col(name).cast(pl.Float32).n_unique()
            for name in rows.columns
            if not _is_exact(rows[name])
        ]
        return rows.select(lost).row(0, named=True) if lost else {}


def _is_exact(values: pl.Series) -> bool:
    """Whether 32 bits hold each of them."""
    return values.dtype.is_integer() and bool(values.is_between(-LARGEST_EXACT, LARGEST_EXACT).all())

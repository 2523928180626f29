"""Typed values as the numbers that a model reads: missing is null, `other` is 0, listed values count from 1."""

import math
import struct
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

from lakeloop.contract import Column, DatasetContract
from lakeloop.features import Derivation, parse
from lakeloop.values.value import Value

OTHER = 0.0
EPOCH = date(1970, 1, 1)
EPOCH_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MICROSECONDS = 1_000_000

Row = Mapping[str, Value | None]


class FeatureEncoder:
    """The vector of a contract: its features in their order, derived ones behind them."""

    def __init__(self, contract: DatasetContract) -> None:
        self._columns = contract.features
        self._derived = derivations(contract)

    @property
    def columns(self) -> list[str]:
        """The columns that the vector is made of: features, and what derived ones are made of."""
        operands = [name for derivation in self._derived.values() for name in derivation.operands]
        return list(dict.fromkeys([*(column.name for column in self._columns), *operands]))

    @property
    def names(self) -> list[str]:
        """One for each number of the vector."""
        own = [name for column in self._columns for name in vector_names(column)]
        return [*own, *self._derived]

    def numbers(self, row: Row) -> list[float | None]:
        """The vector of one typed row, rounded to 32 bits as the features of files are."""
        own = [number for column in self._columns for number in _codes(column, row.get(column.name))]
        derived = [derivation.value(row) for derivation in self._derived.values()]
        return [None if number is None else rounded(number) for number in (*own, *derived)]


def asked_columns(contract: DatasetContract) -> list[Column]:
    """The columns that a request gives: features, and what derived ones are made of."""
    return [contract.column(name) for name in FeatureEncoder(contract).columns]


def carried_columns(contract: DatasetContract) -> list[Column]:
    """The columns that a request may give besides: no model reads them, and a labelled row is made of them too."""
    asked = {contract.label, *(column.name for column in asked_columns(contract))}
    return [column for column in contract.kept if column.name not in asked]


def derivations(contract: DatasetContract) -> dict[str, Derivation]:
    """The derived features by name; they are made of columns, and never of the label."""
    columns = {column.name: column for column in contract.kept if column.name != contract.label}
    return {derived.name: parse(derived.expression, columns) for derived in contract.derive}


def vector_names(column: Column) -> list[str]:
    """The names of a feature's numbers: its own, or one for each value."""
    if column.type == "category" and column.encode == "onehot":
        return [f"{column.name}={value}" for value in onehot_values(column)]
    return [column.name]


def onehot_values(column: Column) -> list[str]:
    """`other` first, where the contract lets other values in; a listed value of that name shares its number."""
    if column.unlisted != "other":
        return list(column.allowed)
    return ["other", *(value for value in column.allowed if value != "other")]


def rounded(number: float) -> float | None:
    """The nearest number of 32 bits, None beyond the largest."""
    single: float = struct.unpack("f", struct.pack("f", number))[0]
    return single if math.isfinite(single) else None


def _codes(column: Column, value: Value | None) -> Iterator[float | None]:
    if column.type == "category" and column.encode == "onehot":
        yield from _flags(column, value)
    else:
        yield None if value is None else _code(column, value)


def _flags(column: Column, value: Value | None) -> Iterator[float | None]:
    word = "other" if column.unlisted == "other" and value not in column.allowed else value
    for name in onehot_values(column):
        yield None if value is None else float(word == name)


def _code(column: Column, value: Value) -> float:
    match value:
        case str() if column.type == "category":
            return float(column.allowed.index(value) + 1) if value in column.allowed else OTHER
        case datetime():
            # Rounded twice, as a table's microseconds are.
            return float((value - EPOCH_MOMENT) // MICROSECOND) / MICROSECONDS
        case date():
            return float((value - EPOCH).days)
        case str():
            raise TypeError(f"{column.name}, a {column.type}, is no number")
        case _:
            return float(value)

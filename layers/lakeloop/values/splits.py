"""Which split a row belongs to: a function of its own values, so that a row never changes split."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import cast
from zlib import crc32

from lakeloop.contract import Blocks, Column, DatasetContract, FileFormat
from lakeloop.values.keys import key_text, row_digest, value_text
from lakeloop.values.reading import CellReader
from lakeloop.values.refusal import RefusedValueError
from lakeloop.values.value import Value

MASK = 0xFFFFFFFF
UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86_400}
EPOCH = date(1970, 1, 1)

Row = Mapping[str, Value | None]


def split_of(contract: DatasetContract, row: Row) -> str:
    """The split of one typed row: train, validation, test, or gap for a row just behind a border of time."""
    by = contract.splits.by
    if isinstance(by, Blocks) and by.until is not None:
        return _by_time(contract, by, row[by.column])
    fractions = contract.splits.fractions
    at = position(split_text(contract, row), contract.splits.seed)
    if at < fractions.train:
        return "train"
    return "validation" if at < fractions.train + fractions.validation else "test"


def split_text(contract: DatasetContract, row: Row) -> str:
    """The text whose hash decides: rows with the same text are in the same split."""
    match contract.splits.by:
        case None if contract.row_key:
            return _joined(row, contract.row_key)
        case None:
            return row_digest(_texts(contract, row, ()))
        case "values":
            return row_digest(_texts(contract, row, contract.row_key))
        case Blocks() as blocks:
            return str(block_number(blocks, cast("Value", row[blocks.column])))
        case names:
            return _joined(row, names)


def position(text: str, seed: int) -> float:
    """A place from 0 to 1. CRC-32 leaves a pattern in numbered keys, the finaliser of MurmurHash3 breaks it.

    fmix32, https://github.com/aappleby/smhasher
    """
    code = crc32(text.encode(), seed)
    code ^= code >> 16
    code = (code * 0x85EBCA6B) & MASK
    code ^= code >> 13
    code = (code * 0xC2B2AE35) & MASK
    code ^= code >> 16
    return code / (MASK + 1)


def block_number(blocks: Blocks, value: Value) -> int:
    """Which block a value lies in, counted from zero or from 1970."""
    every = blocks.every
    if isinstance(value, datetime):
        return int(value.timestamp() // seconds(cast("str", every)))
    if isinstance(value, date):
        return int((value - EPOCH).days * UNITS["d"] // seconds(cast("str", every)))
    return int(cast("float", value) // cast("float", every))


def borders(blocks: Blocks, column: Column) -> tuple[Value, Value, Value, Value]:
    """The first values that no longer belong to train, to the gap behind it, to validation, and to the gap behind."""
    if blocks.until is None:
        raise ValueError(f"the blocks of {blocks.column} have no borders")
    train, validation = (border(text, column) for text in (blocks.until.train, blocks.until.validation))
    gap = timedelta(seconds=seconds(blocks.gap)) if isinstance(blocks.gap, str) else blocks.gap
    if gap is None:
        return train, train, validation, validation
    # Values and gap of one column can be added, which mypy cannot know.
    after_train, after_validation = (cast("float", border) + cast("float", gap) for border in (train, validation))
    return train, after_train, validation, after_validation


def border(text: str, column: Column) -> Value:
    """As a contract writes values, in ISO 8601 and with a point; else as the column's files do.

    Raises RefusedValueError.
    """
    plain = Column(name=column.name, type=column.type, timezone=column.timezone)
    try:
        return cast("Value", CellReader(plain, FileFormat(), feature=False).text(text))
    except RefusedValueError:
        return cast("Value", CellReader(column, FileFormat(), feature=False).text(text))


def seconds(duration: str) -> int:
    digits = duration.rstrip("sminhd")
    return int(digits) * UNITS[duration[len(digits) :]]


def _by_time(contract: DatasetContract, blocks: Blocks, value: Value | None) -> str:
    ends = zip(("train", "gap", "validation", "gap"), borders(blocks, contract.column(blocks.column)), strict=True)
    # Values of one column can be compared, which mypy cannot know.
    return next((split for split, end in ends if cast("float", value) < cast("float", end)), "test")


def _joined(row: Row, names: tuple[str, ...]) -> str:
    return key_text(cast("Value", row[name]) for name in names)


def _texts(contract: DatasetContract, row: Row, without: tuple[str, ...]) -> dict[str, str | None]:
    names = [column.name for column in contract.kept if column.name not in without]
    return {name: None if (value := row.get(name)) is None else value_text(value) for name in names}

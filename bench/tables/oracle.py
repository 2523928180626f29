"""What a file holds, read by Python's csv, Decimal and datetime; nothing here is lakeloop's but the contract.

From the contract it takes what a person would have to say too: the dialect, the types and the words for no value.
"""

import csv
import gzip
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from lakeloop.contract import Column, DatasetContract

NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
LEADING_ZERO = re.compile(r"[+-]?0[0-9]+.*")
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
BOOLEANS = frozenset({"true", "false"})
NOTHING = frozenset({"", "NA", "NaN", "NULL"})


@dataclass(frozen=True)
class Record:
    """One row of a file: its first and last line, from 1, and its cells."""

    first: int
    last: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """A file's records behind its header; `names` is empty where it has none."""

    names: tuple[str, ...]
    records: tuple[Record, ...]


def text_of(body: bytes, contract: DatasetContract) -> str:
    plain = gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
    return plain.decode(contract.file.encoding).removeprefix("\ufeff")


def read(body: bytes, contract: DatasetContract) -> Reading:
    """The records of a file, blank lines apart."""
    lines = io.StringIO(text_of(body, contract), newline="")
    records = list(_records(lines, contract))
    records = [record for record in records if record.first > contract.file.skiprows]
    if not contract.file.header:
        return Reading((), tuple(records))
    names, rest = records[0].cells, records[1 + contract.file.skip_after_header :]
    return Reading(tuple(name.strip() for name in names), tuple(rest))


def _records(lines: io.StringIO, contract: DatasetContract) -> Sequence[Record]:
    found = []
    before = 0
    if contract.file.delimiter == "whitespace":
        rows = ((number, line.split()) for number, line in enumerate(lines, start=1))
    else:
        quote = contract.file.quotechar or None
        reader = csv.reader(
            lines,
            delimiter=contract.file.delimiter,
            quotechar=quote,
            quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
            escapechar=contract.file.escapechar,
            doublequote=contract.file.escapechar is None,
        )
        rows = ((reader.line_num, row) for row in reader)
    for last, row in rows:
        if any(cell.strip() for cell in row):
            found.append(Record(before + 1, last, tuple(row)))
        before = last
    return found


def value(column: Column, contract: DatasetContract, cell: str) -> object:
    """What a cell is under its column; None for no value. Raises ValueError or ArithmeticError for what is none."""
    text = unicodedata.normalize("NFC", cell).strip()
    words = contract.file.na_values if column.na_values is None else column.na_values
    if not text or (text in words and text not in column.allowed) or _is_missing_number(text, words, column):
        return None
    match column.type:
        case "integer" | "float":
            return _number(column, contract, text)
        case "boolean":
            return text.casefold() in [word.casefold() for word in column.true_values or ("true", "1")]
        case "category":
            return _category(column, text)
        case "date" | "timestamp":
            moment = _moment(column, text)
            return moment.date() if column.type == "date" else moment
        case _:
            return text


def _is_missing_number(text: str, words: Sequence[str], column: Column) -> bool:
    numbers = {Decimal(word) for word in words if NUMBER.fullmatch(word)}
    return (
        bool(numbers)
        and column.type in ("integer", "float")
        and NUMBER.fullmatch(text) is not None
        and Decimal(text) in numbers
    )


def _number(column: Column, contract: DatasetContract, text: str) -> int | float:
    for affix in (*column.prefix, *column.suffix):
        text = text.removeprefix(affix).removesuffix(affix).strip()
    for mark in column.thousands or contract.file.thousands:
        text = text.replace(mark, "")
    exact = Decimal(text.replace(column.decimal or contract.file.decimal, "."))
    if column.type == "integer":
        if exact != exact.to_integral_value():
            raise ValueError(text)
        return int(exact)
    return float(exact)


def _category(column: Column, text: str) -> str:
    for word, others in column.aliases.items():
        if text in others:
            return word
    if text in column.allowed:
        return text
    number = Decimal(text)
    return next(word for word in column.allowed if Decimal(word) == number)


def _moment(column: Column, text: str) -> datetime:
    if column.format in (None, "iso"):
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    moment = datetime.strptime(text, column.format)  # noqa: DTZ007 the contract says which zone
    if "%y" in column.format and column.century is not None:
        return moment.replace(year=column.century + (moment.year - column.century) % 100)
    return moment


def kind(cells: Sequence[str]) -> str:
    """number, boolean or date where all cells that say something are that; else nothing."""
    said = [text for cell in cells if (text := cell.strip()) not in NOTHING]
    if not said:
        return ""
    if all(map(NUMBER.fullmatch, said)):
        return "" if any(map(LEADING_ZERO.fullmatch, said)) else "number"
    if all(text.casefold() in BOOLEANS for text in said):
        return "boolean"
    return "date" if all(map(_is_date, said)) else ""


def _is_date(text: str) -> bool:
    if not ISO_DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True

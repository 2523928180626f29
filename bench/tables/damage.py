"""Ten kinds of damage, each a line of its own among the rows of a table."""

import gzip
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bench.tables.oracle import Reading, Record, text_of
from lakeloop.contract import Column, DatasetContract
from lakeloop.contract.columns import NUMERIC

NOT_UTF8, NOT_1252 = b"\xff", b"\x81"
WORD = "no such word"


@dataclass(frozen=True)
class Planted:
    """The table with its damage, and which line holds what, from 1."""

    body: bytes
    lines: dict[int, str]


Fields = list[str]


def plant(body: bytes, contract: DatasetContract, reading: Reading, good: Sequence[Record]) -> Planted:
    """Damaged copies of good rows, spread over the file; kinds that the table has no column for are left out."""
    lines = text_of(body, contract).encode(contract.file.encoding).splitlines(keepends=True)
    if lines and not lines[-1].endswith((b"\n", b"\r")):
        lines[-1] += b"\n"
    damages = list(_damages(contract, reading, good))
    ends = [record.last for record in reading.records]
    places = [ends[(len(ends) - 1) * number // max(1, len(damages) - 1)] for number in range(len(damages))]
    planted: dict[int, str] = {}
    found: list[bytes] = []
    done = 0
    for place, (what, line) in zip(places, damages, strict=True):
        found += lines[done:place]
        done = place
        found.append(line + b"\n")
        planted[len(found)] = what
    plain = b"".join([*found, *lines[done:]])
    return Planted(gzip.compress(plain, mtime=0) if body.startswith(b"\x1f\x8b") else plain, planted)


def _damages(contract: DatasetContract, reading: Reading, good: Sequence[Record]) -> Iterator[tuple[str, bytes]]:
    fields = list(good[len(good) // 2].cells)
    places = _places(contract, reading)
    for what, change in _of_cells(contract, good):
        for column in contract.kept:
            if column.name in places and (cell := change(column)) is not None:
                changed = [*fields]
                changed[places[column.name]] = cell
                yield what, _line(contract, changed)
                break
    line = _line(contract, fields)
    if len(fields) > 1:
        yield "a field too few", _line(contract, fields[:-1])
    yield "a value too many", _line(contract, [*fields, "surplus"])
    if contract.file.quotechar and contract.file.delimiter != "whitespace":
        first = _line(contract, fields[:-1])
        between = contract.file.delimiter.encode() if first else b""
        yield "text behind a quote", first + between + b'"a" b'
        yield "a quote that nothing closes", first + between + b'"a b'
    if contract.file.encoding in ("utf-8", "windows-1252"):
        yield "a byte of no character", line + (NOT_UTF8 if contract.file.encoding == "utf-8" else NOT_1252)
    if reading.names and contract.file.header:
        yield "the header again", _line(contract, list(reading.names))
    if contract.row_key:
        yield "a key that is there", line


def _of_cells(
    contract: DatasetContract, good: Sequence[Record]
) -> Iterator[tuple[str, Callable[[Column], str | None]]]:
    yield "a word for a number", lambda column: "12x" if column.type in NUMERIC else None
    yield "no value", lambda column: "" if not column.nullable and len(contract.kept) > 1 else None
    yield (
        "a word nobody listed",
        lambda column: WORD if column.type == "category" and column.unlisted == "reject" else None,
    )
    yield "a number too large", _too_large


def _too_large(column: Column) -> str | None:
    return {"integer": "9223372036854775808", "float": "1e999"}.get(column.type)


def _places(contract: DatasetContract, reading: Reading) -> dict[str, int]:
    if not reading.names:
        return {column.name: place for place, column in enumerate(contract.columns)}
    return {column.name: reading.names.index(column.header[0]) for column in contract.columns if column.header}


def _line(contract: DatasetContract, fields: Fields) -> bytes:
    """The fields as a line, each in quotes that needs them."""
    if contract.file.delimiter == "whitespace":
        return " ".join(fields).encode(contract.file.encoding)
    quote, delimiter = contract.file.quotechar or "", contract.file.delimiter
    cells = []
    for field in fields:
        marked = quote and any(mark in field for mark in (quote, delimiter, "\n", "\r"))
        cells.append(f"{quote}{field.replace(quote, quote * 2)}{quote}" if marked else field)
    return delimiter.join(cells).encode(contract.file.encoding)

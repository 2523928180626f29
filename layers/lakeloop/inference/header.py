"""Which line names the columns, if any does."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from lakeloop.contract.file import FileFormat
from lakeloop.inference.words import NULLS, NULLS_AMONG_NUMBERS

NUMBER = re.compile(r"[^\w\s]?\s?[+-]?(?:[0-9]+[0-9.,' ]*|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?\s?%?")
MOSTLY = 0.9
FEWEST_YEARS = 3
FEWEST_UNITS = 2
NO_EVIDENCE = frozenset((*NULLS, *NULLS_AMONG_NUMBERS, ""))


class Line(Protocol):
    """A record of a file's start."""

    @property
    def line(self) -> int: ...
    @property
    def fields(self) -> tuple[str, ...]: ...
    @property
    def quoted(self) -> bool: ...


@dataclass(frozen=True)
class Header:
    """The names as written; None where files have none. `reason` says what is odd about it, else it is empty."""

    names: tuple[str, ...] | None
    reason: str = ""


def header_of(file: FileFormat, records: Sequence[Line], width: int) -> tuple[FileFormat, Header]:
    """The format with the lines before and behind the header, and the header."""
    if not records:
        return file, Header(None)
    place = next((place for place, record in enumerate(records) if _wide(record, records, width)), 0)
    if place == 1 and len(records[0].fields) == width - 1 and is_header(records[0], records[1:]):
        named = file.model_copy(update={"header": False, "skiprows": records[0].line})
        return named, Header(("", *records[0].fields), "the header has one name less than each line has values")
    before = records[place].line - 1 if place else 0
    lines = "line has" if before == 1 else f"{before} lines have"
    why = f"the first {lines} other fields than those below" if before else ""
    skipped = file.model_copy(update={"skiprows": before})
    if not is_header(records[place], records[place + 1 :]):
        return skipped.model_copy(update={"header": False}), Header(None, why)
    return _named(skipped, records[place:], why)


def _named(file: FileFormat, records: Sequence[Line], why: str) -> tuple[FileFormat, Header]:
    """The format and the header of a table whose first record names the columns."""
    names, rest = _names(records[0].fields), records[1:]
    if rest and _second_header(rest[0], rest[1:]):
        if not all(names):
            second = file.model_copy(update={"skiprows": rest[0].line - 1})
            return second, Header(_names(rest[0].fields), "two lines of names, and the second is whole")
        units = file.model_copy(update={"skip_after_header": 1})
        return units, Header(names, "a line of units or a second header stands under the names")
    if len(set(names)) < len(names):
        by_place = file.model_copy(update={"header": False, "skiprows": records[0].line})
        return by_place, Header(names, "a name stands there twice, so columns are told by their place")
    return file, Header(names, why)


def is_header(first: Line, rest: Sequence[Line]) -> bool:
    """Whether the first record names columns: it has words where those below have numbers."""
    below = [record.fields for record in rest]
    numbers = _numbers(len(first.fields), below)
    if any(
        _formed_alike(name, [row[place] for row in below if len(row) > place])
        for place, name in enumerate(first.fields)
    ):
        return False
    if not numbers:
        return not _seen_below(first.fields, below)
    if first.quoted and not rest[0].quoted:
        return True
    named = [first.fields[place] for place in numbers]
    words = sum(NUMBER.fullmatch(name) is None for name in named)
    return 2 * words > len(named) or _years(named)


def _wide(record: Line, records: Sequence[Line], width: int) -> bool:
    """Whether a record has a field for each column; empty ones at the end of all lines are none."""
    names = _names(record.fields)
    spare = [field for other in records for field in other.fields[len(names) :]]
    return width in (len(names), len(record.fields)) or (1 < len(names) < width and not any(spare))


def _names(fields: Sequence[str]) -> tuple[str, ...]:
    """Without empty names at the end, which are no columns."""
    names = list(fields)
    while names and not names[-1]:
        names.pop()
    return tuple(names)


def _numbers(width: int, rows: Sequence[Sequence[str]]) -> list[int]:
    """The places at which most rows have numbers."""
    columns = {place: [row[place] for row in rows if len(row) > place] for place in range(width)}
    return [place for place, cells in columns.items() if _numeric(cells)]


def _formed_alike(name: str, cells: Sequence[str]) -> bool:
    """Whether a name is made of several numbers as are those below it: a day or a time, which names nothing."""
    form = _form(name)
    return form.count("9") > 1 and sum(_form(cell) == form for cell in cells) > MOSTLY * len(cells)


def _form(text: str) -> str:
    return re.sub(r"[^\W\d_]+", "a", re.sub("[0-9]+", "9", text))


def _numeric(cells: Sequence[str]) -> bool:
    values = [cell for cell in cells if cell not in NO_EVIDENCE]
    return bool(values) and sum(NUMBER.fullmatch(cell) is not None for cell in values) >= MOSTLY * len(values)


def _seen_below(names: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether most of the words are values of their columns further down."""
    seen = sum(any(row[place] == name for row in rows if len(row) > place) for place, name in enumerate(names) if name)
    return bool(rows) and 2 * seen > len(names)


def _years(names: Sequence[str]) -> bool:
    """Whether names are years that go on: 1990, 1991, 1992."""
    numbers = [int(name) for name in names if re.fullmatch("(?:1[5-9]|20)[0-9]{2}", name)]
    return len(numbers) == len(names) >= FEWEST_YEARS and len({b - a for a, b in pairwise(numbers)}) == 1


def _second_header(record: Line, rest: Sequence[Line]) -> bool:
    """Whether a record has no number where those below have some, at two places or more."""
    numbers = _numbers(len(record.fields), [other.fields for other in rest])
    words = [record.fields[place] for place in numbers if record.fields[place] not in NO_EVIDENCE - {"-", ""}]
    return (
        len(words) == len(numbers) >= FEWEST_UNITS
        and any(words)
        and not any(letter.isdigit() for word in record.fields for letter in word)
    )

"""The listed values of a category, in all their spellings."""

import re
from collections.abc import Iterator
from functools import cached_property

from lakeloop.contract import Column
from lakeloop.values.canonical import canonical
from lakeloop.values.refusal import NotListed
from lakeloop.values.spreadsheet import refuse_spreadsheet

# 0, -3, 2.5: spelled in one way only, so that a list of them can be compared as numbers.
CANONICAL_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]*[1-9])?")
NUMBER = re.compile(r"[+-]?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?")


class Categories:
    """Finds the listed value that a text stands for."""

    def __init__(self, column: Column) -> None:
        self._column = column
        self._ignore_case = column.ignore_case
        self._words = {self.folded(spelling): value for value, spelling in spellings(column)}
        self.numeric = all(CANONICAL_NUMBER.fullmatch(value) for value in column.allowed)
        self._numbers = {float(value): value for value in column.allowed} if self.numeric else {}

    def lists(self, cell: str) -> bool:
        return self._found(cell) is not None

    def word(self, cell: str) -> str | None:
        """The listed value; for another one None, itself, or RefusedValueError, as the contract says."""
        if (found := self._found(cell)) is not None:
            return found
        if self._column.unlisted == "reject":
            raise self._not_listed.refusal(cell)
        if self._column.pattern is None:
            refuse_spreadsheet(cell)
        return cell if self._column.unlisted == "other" else None

    @cached_property
    def _not_listed(self) -> NotListed:
        # Most readers never refuse a word.
        return NotListed(self._column.allowed)

    def _found(self, cell: str) -> str | None:
        if (word := self._words.get(self.folded(cell))) is not None:
            return word
        return self._numbers.get(float(cell)) if self._numbers and NUMBER.fullmatch(cell) else None

    def folded(self, text: str) -> str:
        """The form in which words are compared."""
        return canonical(text).casefold() if self._ignore_case else canonical(text)


def spellings(column: Column) -> Iterator[tuple[str, str]]:
    """Each listed value with each of its spellings; the last holds, which is the value itself."""
    for value, others in column.aliases.items():
        for spelling in others:
            yield value, spelling
    for value in column.allowed:
        yield value, value

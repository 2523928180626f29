"""What a cell means under its column: text of a file, or a value that has a type already.

Numbers of JSON and Parquet are taken as the numbers they are; one that is a whole number is its digits where a text is
wanted. So the same value gets the same verdict from a CSV, a JSON Lines or a Parquet file and from a request.
"""

import math
import re
from datetime import date, datetime, time
from decimal import Decimal

from lakeloop.contract import Column, FileFormat
from lakeloop.contract.columns import NUMERIC
from lakeloop.values.canonical import canonical, control_character
from lakeloop.values.categories import Categories
from lakeloop.values.moments import MomentRules, as_date, in_utc, parse_moment
from lakeloop.values.numbers import EXACT, LARGEST_FLOAT32, NumberRules, double, parse_number, within_int64
from lakeloop.values.refusal import RefusedValueError
from lakeloop.values.value import Value

# The largest double has 309 digits.
MOST_DECIMALS = 400
TRUE_WORDS = ("true", "1", "1.0")
FALSE_WORDS = ("false", "0", "0.0")
# What spreadsheets make of codes: 8.80E+12, ="00123", '00123.
SCIENTIFIC = re.compile(r"[+-]?[0-9](?:[.,][0-9]+)?E[+-]?[0-9]+")


class CellReader:
    """Reads the cells of one column. A `feature` must be a number that 32 bits hold about and tell apart as such."""

    def __init__(self, column: Column, file: FileFormat, *, feature: bool) -> None:
        self._column = column
        self._feature = feature
        self._pattern = re.compile(column.pattern) if column.pattern else None
        self._categories = Categories(column) if column.type == "category" else None
        words = file.na_values if column.na_values is None else column.na_values
        self._missing = frozenset(map(canonical, words))
        self._missing_numbers = frozenset(_numbers(words)) if column.type in NUMERIC else frozenset()
        self._numbers = NumberRules.of(column, file)
        self._moments = MomentRules.of(column) if column.type in ("date", "timestamp") else None
        self._true = _words(column.true_values, TRUE_WORDS)
        self._false = _words(column.false_values, FALSE_WORDS)

    def text(self, text: str | None) -> Value | None:
        """The value of a cell of text, None for none. Raises RefusedValueError."""
        if text is None or self.is_missing(text):
            self._refuse_none()
            return None
        cell = canonical(text)
        if control := control_character(cell):
            raise RefusedValueError(f"no control characters, not {control}")
        if self._pattern and not self._pattern.fullmatch(cell):
            raise RefusedValueError(f"pattern: {self._column.pattern}")
        return self._judged(self._parsed(cell))

    def json(self, value: object) -> Value | None:
        """The value of a cell that has a type. Raises RefusedValueError."""
        if value is None or (isinstance(value, float) and math.isnan(value)):
            self._refuse_none()
            return None
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bool):
            return self.text("true" if value else "false") if self._column.type != "boolean" else value
        if isinstance(value, int | float | Decimal):
            return self._number(value)
        if isinstance(value, date):
            return self._moment(value)
        raise RefusedValueError(f"type: {self._column.type}")

    def is_missing(self, text: str) -> bool:
        """Whether nothing stands there, or a word for nothing that is not listed as a value."""
        cell = canonical(text)
        listed = self._categories is not None and self._categories.lists(cell)
        return not cell or (cell in self._missing and not listed)

    def _refuse_none(self) -> None:
        if not self._column.nullable:
            raise RefusedValueError("required")

    def _parsed(self, cell: str) -> Value | None:
        match self._column.type:
            case "float" | "integer":
                return parse_number(cell, self._numbers)
            case "boolean":
                return self._boolean(cell)
            case "category":
                return self._category(cell)
            case "date" | "timestamp":
                return self._parsed_moment(cell)
            case _:
                return self._text(cell)

    def _judged(self, value: Value | None) -> Value | None:
        if value is None or not isinstance(value, int | float) or isinstance(value, bool):
            return value
        if value in self._missing_numbers:
            self._refuse_none()
            return None
        self._within_limits(value)
        return value

    def _within_limits(self, number: float) -> None:
        column = self._column
        if column.min is not None and number < column.min:
            raise RefusedValueError(f"min: {column.min:.15g}")
        if column.max is not None and number > column.max:
            raise RefusedValueError(f"max: {column.max:.15g}")
        if self._feature and isinstance(number, int) and abs(number) > EXACT:
            raise RefusedValueError(
                "type: integer up to 2^53: beyond, a feature cannot tell it from its neighbour; is it an id "
                "(`feature: false`)?"
            )
        if self._feature and abs(number) > LARGEST_FLOAT32:
            raise RefusedValueError("type: float of at most 3.4e38, which a model reads")

    def _boolean(self, cell: str) -> bool:
        word = cell.casefold()
        if word in self._true:
            return True
        if word in self._false:
            return False
        said = f"{self._true[0]} or {self._false[0]}"
        raise RefusedValueError(f"type: boolean, {said}")

    def _category(self, cell: str) -> str | None:
        if self._categories is None:
            raise TypeError(self._column.type)
        return self._categories.word(cell)

    def _text(self, cell: str) -> str:
        if self._pattern is None:
            _refuse_spreadsheet(cell)
        return cell

    def _parsed_moment(self, cell: str) -> date | datetime:
        if self._moments is None:
            raise TypeError(self._column.type)
        if re.fullmatch(r"[0-9]{1,6}(\.[0-9]+)?", cell) and self._column.format in (None, "iso"):
            raise RefusedValueError(f"type: {self._moments.kind}, not the number of a day")
        return parse_moment(cell, self._moments)

    def _number(self, value: float | Decimal) -> Value | None:
        # A Decimal may have an exponent that fills the memory when it is written out.
        if not math.isfinite(value) or (isinstance(value, Decimal) and value.adjusted() > MOST_DECIMALS):
            raise RefusedValueError("type: float that is finite, at most about 1.8e308")
        whole = value == int(value)
        match self._column.type:
            case "float":
                return self._judged(double(repr(value) if isinstance(value, float) else str(value)))
            case "integer" if whole:
                return self._judged(within_int64(int(value)))
            case "integer":
                raise RefusedValueError("type: integer")
            case "date" | "timestamp":
                raise RefusedValueError(f"type: {self._column.type}, not the number of a day")
            case _:
                return self.text(str(int(value)) if whole else repr(value) if isinstance(value, float) else str(value))

    def _moment(self, value: date) -> Value | None:
        if self._moments is None:
            return self.text(value.isoformat())
        moment = value if isinstance(value, datetime) else datetime.combine(value, time())
        if self._moments.date:
            return as_date(moment.replace(tzinfo=None))
        return in_utc(moment, self._moments)


def _refuse_spreadsheet(cell: str) -> None:
    if SCIENTIFIC.fullmatch(cell):
        raise RefusedValueError(
            "type: text, not scientific notation: a spreadsheet rounded a long number, or `pattern` allows it"
        )
    if cell.startswith('="'):
        raise RefusedValueError('type: text, not the formula ="...", which a spreadsheet wrote around it')
    if cell.startswith("'") and cell[1:].isdigit():
        raise RefusedValueError("type: text without the ' in front, which marks text in a spreadsheet")


def _words(given: tuple[str, ...], usual: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(canonical(word).casefold() for word in given or usual)


def _numbers(words: tuple[str, ...]) -> list[float]:
    """The words for no value that are numbers: they are compared as such."""
    numbers = []
    for word in words:
        try:
            numbers.append(float(canonical(word).replace(",", ".")))
        except ValueError:
            continue
    return numbers

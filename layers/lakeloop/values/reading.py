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
from lakeloop.contract.patterns import Pattern
from lakeloop.values.canonical import canonical, control_character
from lakeloop.values.categories import NUMBER, Categories
from lakeloop.values.moments import MomentRules, as_date, in_utc, missing_moments, parse_moment
from lakeloop.values.numbers import (
    EXACT,
    LARGEST_FLOAT32,
    NumberRules,
    double,
    missing_numbers,
    parse_number,
    within_int64,
)
from lakeloop.values.refusal import RefusedValueError, odd_characters
from lakeloop.values.spreadsheet import refuse_spreadsheet
from lakeloop.values.value import Value

# The largest double has 309 digits.
MOST_DECIMALS = 400
TRUE_WORDS = ("true", "1")
FALSE_WORDS = ("false", "0")
# What stands for a day or a second counted from somewhere.
DAY_NUMBER = re.compile(r"[0-9]{1,6}(\.[0-9]+)?")


class CellReader:
    """Reads the cells of one column. A `feature` must be a number that 32 bits hold about and tell apart as such."""

    def __init__(self, column: Column, file: FileFormat, *, feature: bool) -> None:
        self._column = column
        self._feature = feature
        self._pattern = Pattern(column.pattern) if column.pattern else None
        self._categories = Categories(column) if column.type == "category" else None
        words = file.na_values if column.na_values is None else column.na_values
        self._missing = frozenset(map(canonical, words))
        self._numbers = NumberRules.of(column, file)
        self._moments = MomentRules.of(column) if column.type in ("date", "timestamp") else None
        self._missing_values: frozenset[Value] = frozenset()
        self._missing_codes: frozenset[float] = frozenset()
        if column.type in NUMERIC:
            self._missing_values = missing_numbers(words, self._numbers)
        elif self._moments:
            self._missing_values = missing_moments(words, self._moments)
        elif column.type == "boolean" or (self._categories and self._categories.numeric):
            self._missing_codes = missing_numbers(words, self._numbers)
        self._true = _words(column.true_values, TRUE_WORDS)
        self._false = _words(column.false_values, FALSE_WORDS)

    def text(self, text: str | None) -> Value | None:
        """The value of a cell of text, None for none. Raises RefusedValueError."""
        cell = canonical(text) if text else ""
        try:
            return self._value(cell)
        except RefusedValueError as error:
            if self._column.sensitive:
                raise RefusedValueError(error.expected) from None
            if cell.isascii():
                raise
            raise RefusedValueError(error.rule, odd_characters(cell)) from error

    def _value(self, cell: str) -> Value | None:
        if self._stands_for_none(cell):
            self._refuse_none()
            return None
        if control := control_character(cell):
            raise RefusedValueError("no control characters", f", not {control}")
        if self._pattern and not self._pattern.matches(cell):
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
        return self._stands_for_none(canonical(text))

    def _stands_for_none(self, cell: str) -> bool:
        if not cell:
            return True
        if cell not in self._missing and not self._is_missing_code(cell):
            return False
        return self._categories is None or not self._categories.lists(cell)

    def _is_missing_code(self, cell: str) -> bool:
        """Whether a class or truth that is written as a number is one of the numbers for nothing."""
        return bool(self._missing_codes) and NUMBER.fullmatch(cell) is not None and float(cell) in self._missing_codes

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
        if value in self._missing_values:
            self._refuse_none()
            return None
        if isinstance(value, int | float) and not isinstance(value, bool):
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
        word = truth(cell)
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
            refuse_spreadsheet(cell)
        return cell

    def _parsed_moment(self, cell: str) -> date | datetime:
        if self._moments is None:
            raise TypeError(self._column.type)
        if self._moments.iso and DAY_NUMBER.fullmatch(cell):
            raise RefusedValueError(f"type: {self._moments.kind}, not the number of a day")
        return parse_moment(cell, self._moments)

    def _number(self, value: float | Decimal) -> Value | None:
        # The shortest text of a double is the number that programs mean by it.
        number = value if isinstance(value, Decimal) else Decimal(repr(value))
        # Its exponent may fill the memory when it is written out.
        if number and (not number.is_finite() or number.adjusted() > MOST_DECIMALS):
            kind = (
                "integer of 64 bits" if self._column.type == "integer" else "float that is finite, up to about 1.8e308"
            )
            raise RefusedValueError(f"type: {kind}")
        if self._column.type not in NUMERIC:
            return self._number_as_text(_digits(number))
        if self._pattern and not self._pattern.matches(_digits(number)):
            raise RefusedValueError(f"pattern: {self._column.pattern}")
        if self._column.type == "float":
            return self._judged(double(str(number)))
        if number != int(number):
            raise RefusedValueError("type: integer")
        return self._judged(within_int64(int(number)))

    def _number_as_text(self, digits: str) -> Value | None:
        if self._moments and self._moments.iso and not self.is_missing(digits):
            raise RefusedValueError(f"type: {self._column.type}, not the number of a day")
        return self.text(digits)

    def _moment(self, value: date) -> Value | None:
        if self._moments is None:
            return self.text(value.isoformat())
        moment = value if isinstance(value, datetime) else datetime.combine(value, time())
        if self._moments.date:
            return self._judged(as_date(moment.replace(tzinfo=None)))
        return self._judged(in_utc(moment, self._moments))


def _digits(number: Decimal) -> str:
    """Without an exponent, unless it is so small that this would be long."""
    if not number:
        return "0"
    if number == int(number):
        return str(int(number))
    return f"{number:f}" if number.adjusted() > -MOST_DECIMALS else str(number)


def _words(given: tuple[str, ...], usual: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(truth(canonical(word)) for word in given or usual)


def truth(cell: str) -> str:
    """A word of a boolean in the form in which it is compared: 1, 1.0 and +1 are one."""
    if NUMBER.fullmatch(cell) and (number := float(cell)).is_integer():
        return str(int(number))
    return cell.casefold()

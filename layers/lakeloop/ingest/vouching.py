"""Spellings that every reader takes alike, so that a compiled cast gives the value that `lakeloop.values` defines."""

from collections.abc import Callable, Mapping

import polars as pl

from lakeloop.contract import Column, FileFormat
from lakeloop.values import Value
from lakeloop.values.canonical import canonical
from lakeloop.values.numbers import MOST_DIGITS, NumberRules, missing_numbers

# At most fifteen digits: a double holds them all, so it is the number that was written.
FLOAT = r"^-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?(?:[eE][+-]?[0-9]{1,2})?$"
INTEGER = r"^(?:0|-?[1-9][0-9]{0,14})(?:\.0)?$"
LARGEST = 1e15
SMALLEST = 1e-20
# Compiled casts know a year 0 and a 61st second, the definition of a value does not.
DATE = r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}$"
TIMESTAMP = r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-5][0-9]Z?$"
# Letters that are composed and compose with none of the others: Latin, Greek, Cyrillic, kana, Chinese, Korean.
LETTERS = (
    "\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u017f\u0391-\u03ce\u0400-\u045f"
    "\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3"
)
TEXT = rf"^[!-~{LETTERS}](?:[ -~{LETTERS}]*[!-~{LETTERS}])?$"
# What spreadsheets make of codes: 8.80E+12, ="00123", '00123.
SPREADSHEET = r"^(?:[='].*|[+-]?[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]+)$"
BEHIND_CODES = "?"

Vouch = Callable[[pl.Expr], pl.Expr]


def spellings(column: Column) -> list[str]:
    """The words that stand in most cells of a column of few values."""
    match column.type:
        case "boolean":
            usual = [way(word) for word in ("true", "false") for way in (str.lower, str.upper, str.capitalize)]
            return list(dict.fromkeys([*usual, "1", "0", *column.true_values, *column.false_values]))
        case "category":
            return [word for word in column.allowed if word.isascii()]
        case _:
            return []


def vouched(column: Column, file: FileFormat, words: Mapping[str, Value | None]) -> list[Vouch]:
    """What reads the cells that need no second look: first at little cost, then those that are left."""
    match column.type:
        case "float" | "integer":
            return _numbers(column, file)
        case "boolean":
            yes, no = ([word for word, value in words.items() if value is truth] for truth in (True, False))
            return [
                lambda text: pl.when(text.is_in(yes)).then(statement=True).when(text.is_in(no)).then(statement=False)
            ]
        case "category":
            themselves = [word for word, value in words.items() if word == value]
            return [lambda text: pl.when(text.is_in(themselves)).then(text)]
        case "string":
            return _texts(column, file)
        case "date" | "timestamp":
            return _dates(column, file) if column.type == "date" else _timestamps(column, file)
        case _:
            return []


def _begins(text: pl.Expr, first: str, behind: str) -> pl.Expr:
    """Whether a text is between these, the second apart; in ASCII ":" stands behind "9", "/" before "0"."""
    return (text >= first) & (text < behind)


def _numbers(column: Column, file: FileFormat) -> list[Vouch]:
    thousands = file.thousands if column.thousands is None else column.thousands
    comma = (column.decimal or file.decimal) == ","
    if thousands or column.pattern or any((*column.prefix, *column.suffix)):
        return []
    missing = [float(number) for number in missing_numbers(_words(column, file), NumberRules.of(column, file))]
    low = -LARGEST if column.min is None else max(column.min, -LARGEST)
    high = LARGEST if column.max is None else min(column.max, LARGEST)
    integer = column.type == "integer"

    def dotted(text: pl.Expr) -> pl.Expr:
        """With a decimal point, null where there is one besides."""
        if not comma:
            return text
        return pl.when(~text.str.contains(".", literal=True)).then(text.str.replace(",", ".", literal=True))

    def taken(number: pl.Expr, sure: pl.Expr) -> pl.Expr:
        sure &= number.is_between(low, high, closed="both")
        return pl.when(sure & ~number.cast(pl.Float64).is_in(missing) if missing else sure).then(number)

    def read_short(text: pl.Expr) -> pl.Expr:
        """Up to fifteen characters that begin as a number without leading zeros does."""
        text = dotted(text)
        number = text.cast(pl.Int64 if integer else pl.Float64, strict=False)
        sure = _begins(text, "1", ":")
        if integer:
            sure |= text == "0"
        else:
            sure |= _begins(text, "0.", "0/") | _begins(text, "-1", "-:") | _begins(text, "-0.", "-0/")
            sure &= number.abs() >= SMALLEST
        return taken(number, sure & (text.str.len_bytes() <= MOST_DIGITS))

    def read(text: pl.Expr) -> pl.Expr:
        text = dotted(text)
        digits = text.str.strip_suffix(".0") if integer else text
        number = digits.cast(pl.Int64 if integer else pl.Float64, strict=False)
        # A zero with a sign is read as any other zero, but not by a cast.
        signed_zero = (number == 0) & text.str.starts_with("-")
        return taken(number, text.str.contains(INTEGER if integer else FLOAT) & ~signed_zero)

    return [read_short, read]


def _words(column: Column, file: FileFormat) -> list[str]:
    """The words for no value."""
    return [canonical(word) for word in (file.na_values if column.na_values is None else column.na_values)]


def _texts(column: Column, file: FileFormat) -> list[Vouch]:
    if column.pattern:
        return []
    missing = _words(column, file)

    def read_words(text: pl.Expr) -> pl.Expr:
        """Those that begin behind digits, signs, quotes and equals."""
        sure = (text >= BEHIND_CODES) & text.str.contains(TEXT)
        return pl.when(sure & ~text.is_in(missing) if missing else sure).then(text)

    def read(text: pl.Expr) -> pl.Expr:
        sure = text.str.contains(TEXT) & ~text.str.contains(SPREADSHEET)
        return pl.when(sure & ~text.is_in(missing)).then(text)

    return [read_words, read]


def _dates(column: Column, file: FileFormat) -> list[Vouch]:
    if column.format not in (None, "iso") or column.pattern:
        return []
    missing = _words(column, file)

    def read(text: pl.Expr) -> pl.Expr:
        sure = text.str.contains(DATE) & ~text.is_in(missing)
        return pl.when(sure).then(text.str.to_date("%Y-%m-%d", strict=False))

    return [read]


def _timestamps(column: Column, file: FileFormat) -> list[Vouch]:
    if column.format not in (None, "iso") or column.pattern or column.timezone not in (None, "UTC"):
        return []
    missing = _words(column, file)

    def read(text: pl.Expr) -> pl.Expr:
        sure = text.str.contains(TIMESTAMP) & ~text.is_in(missing)
        plain = text.str.replace("T", " ", literal=True).str.strip_suffix("Z")
        moment = plain.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)
        return pl.when(sure).then(moment.dt.replace_time_zone("UTC"))

    return [read]

"""What becomes of a table by an independent reading: one character at a time, Decimal, and no code of the gate.

It knows the part of the contract's language that the fuzz run writes: see `lakeloop.values` for all of it.
"""

import json
import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

BLANK = " \t"
INVISIBLE = "\u00ad\u200b\u200e\u200f\u2060\ufeff"
NUMBER = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE][+-]?[0-9]{1,4})?")


class Bad(Exception):  # noqa: N818 - a verdict, no error
    """There is no such value."""


@dataclass
class Verdict:
    """The committed rows, and the lines of those that are not."""

    rows: list[tuple[Any, ...]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


@dataclass
class Dialect:
    delimiter: str
    quote: str
    comment: str
    ends: tuple[str, ...] = ("\r\n", "\n", "\r")

    def end_at(self, text: str, at: int) -> str:
        return next((end for end in self.ends if text.startswith(end, at)), "")


def records(text: str, dialect: Dialect) -> Iterator[tuple[int, list[str] | None]]:
    """The line and the fields of each record, None where it is damaged."""
    at, line = 0, 1
    while at < len(text):
        stop = next((place for place in range(at, len(text)) if dialect.end_at(text, place)), len(text))
        behind = stop + len(dialect.end_at(text, stop))
        if dialect.comment and text.startswith(dialect.comment, at):
            at, line = behind, line + 1
            continue
        if not text[at:stop].strip(BLANK):
            at, line = behind, line + 1
            continue
        found, end = record(text, at, dialect)
        if found is None:
            yield line, None
            at, line = behind, line + 1
            continue
        whole = any("\udc80" <= character <= "\udcff" for character in text[at:end])
        yield line, None if whole else found
        line += len(re.findall("\r\n|\n|\r", text[at:end]))
        at = end


def record(text: str, at: int, dialect: Dialect) -> tuple[list[str] | None, int]:
    """The fields and where the next record begins."""
    if dialect.delimiter == "whitespace":
        stop = next((place for place in range(at, len(text)) if dialect.end_at(text, place)), len(text))
        return [part for part in re.split("[ \t]+", text[at:stop]) if part], stop + len(dialect.end_at(text, stop))
    fields: list[str] = []
    while True:
        value, at = one_field(text, at, dialect)
        if value is None:
            return None, at
        fields.append(value)
        if text.startswith(dialect.delimiter, at):
            at += len(dialect.delimiter)
        elif at == len(text) or dialect.end_at(text, at):
            return fields, at + len(dialect.end_at(text, at))
        else:
            return None, at


def one_field(text: str, start: int, dialect: Dialect) -> tuple[str | None, int]:
    """None for one that cannot be read."""
    at = past_spaces(text, start, dialect)
    if dialect.quote and text.startswith(dialect.quote, at):
        value, at = quoted(text, at + 1, dialect.quote)
        return value, past_spaces(text, at, dialect)
    at = start
    while at < len(text) and not text.startswith(dialect.delimiter, at) and not dialect.end_at(text, at):
        at += 1
    bare = text[start:at]
    if dialect.quote and dialect.quote in bare and not re.fullmatch(r'\s*="[^"\r\n]*"\s*', bare):
        return None, at
    return bare, at


def past_spaces(text: str, at: int, dialect: Dialect) -> int:
    while at < len(text) and text[at] in BLANK and text[at] not in dialect.delimiter:
        at += 1
    return at


def quoted(text: str, at: int, quote: str) -> tuple[str | None, int]:
    value = ""
    while at < len(text):
        if text.startswith(quote * 2, at):
            value, at = value + quote, at + 2
        elif text[at] == quote:
            return value, at + 1
        else:
            value, at = value + text[at], at + 1
    return None, at


def canonical(text: str) -> str:
    previous = None
    while previous != text:
        previous = text
        cut = "".join(character for character in text if character not in INVISIBLE)
        text = unicodedata.normalize("NFC", cut).strip("\t\n\v\f\r \x85\xa0\u2009\u202f\u3000")
    return text


def cell(column: dict[str, Any], written: str | None, contract: dict[str, Any]) -> Any:  # noqa: ANN401 of any type
    """The value of a text. Raises Bad."""
    text = canonical(written or "")
    listed = text in column.get("allowed", ())
    if not text or (text in contract["file"].get("na_values", ()) and not listed):
        if not column.get("nullable"):
            raise Bad
        return None
    if any(unicodedata.category(character) == "Cc" and character not in "\t\r\n" for character in text):
        raise Bad
    match column["type"]:
        case "float" | "integer":
            kept = column["name"] == contract.get("row_key")
            return number(text, contract["file"].get("decimal", "."), integer=column["type"] == "integer", kept=kept)
        case "boolean":
            return truth(text)
        case "category" if not listed:
            raise Bad
        case "date":
            return day(text)
        case "string" if spreadsheet(text):
            raise Bad
        case _:
            return text


def truth(text: str) -> bool:
    for words, value in ((("true", "1"), True), (("false", "0"), False)):
        if text.lower() in words:
            return value
    if re.fullmatch(r"[+-]?0(\.0{1,15})?|\+?1(\.0{1,15})?", text):
        return float(text) == 1
    raise Bad


def day(text: str) -> date:
    found = re.fullmatch(
        r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[Tt ]00:00(?::00(?:[.,]0{1,})?)?([Zz]|[+-][0-9]{2}:?[0-9]{2})?)?", text
    )
    if not found:
        raise Bad
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError as error:
        raise Bad from error


def spreadsheet(text: str) -> bool:
    forms = (r"[+-]?[0-9](?:[.,][0-9]+)?E[+-]?[0-9]+", r"'[0-9]+")
    return text.startswith('="') or any(re.fullmatch(form, text) for form in forms)


def number(text: str, decimal: str, *, integer: bool, kept: bool) -> float | int:
    """Exact or refused; what is `kept` only is no feature."""
    if decimal == ",":
        if "." in text:
            raise Bad
        text = text.replace(",", ".", 1)
    found = NUMBER.fullmatch(text)
    if not found or not (found[2] or found[3]) or (len(found[2]) > 1 and found[2][0] == "0"):
        raise Bad
    exact = Decimal(text)
    if integer:
        fits = -(2**63) <= exact < 2**63 if kept else abs(exact) <= 2**53
        if "e" in text.lower() or exact != exact.to_integral_value() or not fits:
            raise Bad
        return int(exact)
    return as_float(text, exact)


def as_float(text: str, exact: Decimal) -> float:
    value = float(exact)
    if not math.isfinite(value) or abs(value) > 3.4028234663852886e38 or (value == 0 and exact != 0):
        raise Bad
    digits = sum(character.isdigit() for character in text.lower().partition("e")[0])
    whole = exact == exact.to_integral_value() and abs(exact) >= 10**15
    shortest = "e" in text.lower() and exact == Decimal(repr(value))
    if digits > 15 and whole and exact != Decimal(value) and not shortest:
        raise Bad
    return value + 0.0


def json_cell(column: dict[str, Any], value: Any, contract: dict[str, Any]) -> Any:  # noqa: ANN401 any JSON
    """The value of a cell of JSON. Raises Bad."""
    if value is None or isinstance(value, str):
        return cell(column, value, contract)
    if isinstance(value, bool):
        return value if column["type"] == "boolean" else cell(column, str(value).lower(), contract)
    if isinstance(value, float) and math.isnan(value):
        return cell(column, None, contract)
    if not isinstance(value, Decimal):
        raise Bad
    if column["type"] == "date":
        raise Bad
    if column["type"] == "float":
        return as_float(str(value), value)
    whole = value == value.to_integral_value()
    if column["type"] == "integer" and not whole:
        raise Bad
    if column["type"] == "string" and value and value.adjusted() <= -400:
        # Its digits would fill a page.
        raise Bad
    text = str(int(value)) if whole and abs(value) < Decimal("1e400") else f"{value:f}"
    return cell(column, text, {**contract, "file": {**contract["file"], "decimal": "."}})


def objects(text: str) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """The line and the object of each line that is one."""
    for line, part in enumerate(re.split("\r\n|\n|\r", text), start=1):
        if not part.strip():
            continue
        yield line, object_of(part)


def object_of(line: str) -> dict[str, Any] | None:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) < len(pairs):
            raise ValueError(pairs)
        return dict(pairs)

    if any("\udc80" <= character <= "\udcff" for character in line):
        return None
    try:
        found = json.loads(line, object_pairs_hook=once, parse_int=Decimal, parse_float=Decimal)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None

"""Numbers as people write them. Exact or refused: never another value than the one that was written."""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from lakeloop.contract import Column, FileFormat
from lakeloop.values.canonical import canonical
from lakeloop.values.refusal import RefusedValueError

INT64 = 2**63
MOST_INT64_DIGITS = 19
# The largest integer below which a double tells each from its neighbours.
EXACT = 2**53
LARGEST_FLOAT32 = 3.4028234663852886e38
MOST_DIGITS = 15
PLAIN = re.compile(
    r"(?P<sign>[+-]?)(?P<whole>[0-9]*)(?P<point>\.?)(?P<fraction>[0-9]*)(?P<exponent>[eE][+-]?[0-9]{1,4})?"
)
SCIENTIFIC = "scientific notation, as a spreadsheet shows long numbers: was it rounded?"


@dataclass(frozen=True)
class NumberRules:
    """How the numbers of one column are written."""

    integer: bool
    decimal: str
    thousands: tuple[str, ...]
    prefix: tuple[str, ...]
    suffix: tuple[str, ...]
    brackets: bool
    trailing: bool
    leading_zeros: bool

    @classmethod
    def of(cls, column: Column, file: FileFormat) -> "NumberRules":
        return cls(
            integer=column.type == "integer",
            decimal=column.decimal or file.decimal,
            thousands=file.thousands if column.thousands is None else column.thousands,
            prefix=column.prefix,
            suffix=column.suffix,
            brackets="brackets" in column.negative,
            trailing="trailing" in column.negative,
            leading_zeros=column.leading_zeros,
        )

    @property
    def kind(self) -> str:
        return "integer" if self.integer else "float"


def parse_number(text: str, rules: NumberRules) -> int | float:
    """The number that a canonical text is. Raises RefusedValueError."""
    negative, digits = _unsigned(text, rules)
    plain = _plain(_ungrouped(digits, rules), rules)
    found = PLAIN.fullmatch(plain)
    if found is None or not (found["whole"] or found["fraction"]) or (found["sign"] and negative):
        raise RefusedValueError(f"type: {rules.kind}", _looks_like(text, rules))
    if len(found["whole"]) > 1 and found["whole"][0] == "0" and not rules.leading_zeros:
        raise RefusedValueError(
            f"type: {rules.kind} without leading zeros: is it a code (category or string)? Or allow `leading_zeros`"
        )
    signed = f"-{plain}" if negative else plain
    return whole_number(signed, found) if rules.integer else double(signed)


def missing_numbers(words: Iterable[str], rules: NumberRules) -> frozenset[float]:
    """The words for no value that are numbers, written as those of the column are or as plain ones."""
    return frozenset(number for word in words for number in _number_of(canonical(word), rules))


def _number_of(word: str, rules: NumberRules) -> Iterator[float]:
    for ways in (rules, replace(rules, decimal=".", thousands=(), prefix=(), suffix=())):
        try:
            yield parse_number(word, ways)
        except RefusedValueError:
            continue
        return


def whole_number(text: str, found: re.Match[str]) -> int:
    if found["exponent"]:
        raise RefusedValueError(f"type: integer: {SCIENTIFIC}")
    if found["fraction"].strip("0"):
        raise RefusedValueError("type: integer")
    if len(found["whole"].lstrip("0")) > MOST_INT64_DIGITS:
        raise RefusedValueError("type: integer of 64 bits")
    return within_int64(int(text.partition(".")[0] or "0"))


def within_int64(number: int) -> int:
    if not -INT64 <= number < INT64:
        raise RefusedValueError("type: integer of 64 bits")
    return number


def double(text: str) -> float:
    """The double of a plain number, where it is the same number as far as doubles can tell."""
    number = float(text)
    if not math.isfinite(number):
        raise RefusedValueError("type: float that is finite, up to about 1.8e308")
    if not number and re.search("[1-9]", text.lower().partition("e")[0]):
        raise RefusedValueError("type: float: too near zero for 64 bits")
    if sum(map(str.isdigit, text.lower().partition("e")[0])) > MOST_DIGITS:
        _refuse_another_whole_number(text, number)
    # Adding zero takes the sign of -0.0 away.
    return number + 0.0


def _refuse_another_whole_number(text: str, number: float) -> None:
    written = Decimal(text)
    whole = written == written.to_integral_value()
    # Programs write large doubles with an exponent and as few digits as tell which one it is: that is no id.
    if whole and written != Decimal(number) and ("e" not in text.lower() or written != Decimal(repr(number))):
        raise RefusedValueError("type: float: a whole number of so many digits would be rounded, is it an id (string)?")


def _unsigned(text: str, rules: NumberRules) -> tuple[bool, str]:
    """Whether the number is negative by other means than a minus in front, and what is left with that sign inside."""
    if rules.brackets and text.startswith("(") and text.endswith(")"):
        return True, _bare(text[1:-1].strip(), rules)
    if rules.trailing and text.endswith("-"):
        return True, _bare(text[:-1].strip(), rules)
    return False, _bare(text, rules)


def _bare(text: str, rules: NumberRules) -> str:
    """Without prefix and suffix; a sign may stand before or behind the prefix."""
    sign = text[:1] if text[:1] in ("+", "-") and any(rules.prefix) else ""
    rest = _without(text[len(sign) :].lstrip() if sign else text, rules.prefix, rules, at_start=True)
    return sign + _without(rest, rules.suffix, rules, at_start=False)


def _without(text: str, parts: tuple[str, ...], rules: NumberRules, *, at_start: bool) -> str:
    if not parts:
        return text
    for part in sorted(filter(None, parts), key=len, reverse=True):
        if at_start and text.startswith(part):
            return text[len(part) :].strip()
        if not at_start and text.endswith(part):
            return text[: -len(part)].strip()
    if "" not in parts:
        where = "before" if at_start else "behind"
        raise RefusedValueError(f"type: {rules.kind} with {' or '.join(f'`{part}`' for part in parts)} {where} it")
    return text


def _ungrouped(text: str, rules: NumberRules) -> str:
    """Without separators of thousands, each of which stands before three digits."""
    whole, mark, rest = text.partition(rules.decimal)
    for separator in rules.thousands:
        # People write a narrow or a no-break space where the contract says a space.
        spelled = "[ \u00a0\u2009\u202f]" if separator == " " else re.escape(separator)
        if re.fullmatch(rf"[+-]?[1-9][0-9]{{0,2}}(?:{spelled}[0-9]{{3}})+", whole):
            return re.sub(spelled, "", whole) + mark + rest
    return text


def _plain(text: str, rules: NumberRules) -> str:
    """With a point as the decimal mark."""
    if rules.decimal == ".":
        return text
    if "." in text:
        raise RefusedValueError(
            f"type: {rules.kind} with `{rules.decimal}` as its decimal mark: a point may be one of `thousands` only"
        )
    return text.replace(rules.decimal, ".", 1)


def _looks_like(text: str, rules: NumberRules) -> str:
    """What the contract could say of a text that is nearly a number."""
    if re.fullmatch(r"[+-]?[0-9]+,[0-9]+", text) and rules.decimal == ".":
        return ': a decimal comma? Then say `decimal: ","`'
    if re.fullmatch(r"[+-]?[0-9]{1,3}([.,' ][0-9]{3})+([.,][0-9]+)?", text):
        return ": separators of thousands? Then say `thousands`"
    if found := re.fullmatch(r"[+-]?[0-9.,]+\s*([^0-9\s.,]{1,3})", text):
        return f': then say `suffix: "{found[1]}"`, if all end so'
    if found := re.fullmatch(r"([^0-9\s.,+-]{1,3})\s*[+-]?[0-9.,]+", text):
        return f': then say `prefix: "{found[1]}"`, if all begin so'
    return ""

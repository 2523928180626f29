"""Dates and timestamps, in the letters of strptime or in ISO 8601."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from lakeloop.contract import Column
from lakeloop.values.canonical import canonical
from lakeloop.values.refusal import RefusedValueError
from lakeloop.values.value import Value

MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
MONTHS_BY_START = {month[:3]: number for number, month in enumerate(MONTHS, start=1)}
# Digits of each letter: fewest where something stands around it, and most.
WIDTHS = {
    "Y": (4, 4),
    "m": (1, 2),
    "d": (1, 2),
    "H": (1, 2),
    "M": (1, 2),
    "S": (1, 2),
    "f": (1, 6),
    "y": (2, 2),
    "I": (1, 2),
    "j": (1, 3),
}
WORDS = {
    "b": "|".join(month[:3] for month in MONTHS),
    "B": "|".join(MONTHS),
    "p": "am|pm",
    "z": r"z|[+-][0-9]{2}:?[0-9]{2}",
}
LETTERS = frozenset((*WIDTHS, *WORDS))
# Without `century` two digits mean 1969 to 2068, as POSIX has it.
POSIX_CENTURY = 1969
NOON = 12

ISO = re.compile(
    r"(?P<Y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})"
    r"(?:[t ](?P<H>[0-9]{2}):(?P<M>[0-9]{2})(?::(?P<S>[0-9]{2})(?:[.,](?P<f>[0-9]{1,6})0*)?)?"
    r"(?P<z>z|[+-][0-9]{2}:?[0-9]{2})?)?"
)


@dataclass(frozen=True)
class MomentRules:
    """How the moments of one column are written."""

    date: bool
    pattern: re.Pattern[str]
    named: str
    """What a person is told to write."""
    timezone: ZoneInfo | None
    century: int
    iso: bool

    @classmethod
    def of(cls, column: Column) -> "MomentRules":
        iso = column.format in (None, "iso")
        return cls(
            date=column.type == "date",
            pattern=ISO if iso else re.compile(pattern(canonical(column.format or ""))),
            named="ISO 8601, as 2024-03-01" if iso else str(column.format),
            timezone=ZoneInfo(column.timezone) if column.timezone else None,
            century=column.century or POSIX_CENTURY,
            iso=iso,
        )

    @property
    def kind(self) -> str:
        return "date" if self.date else "timestamp"


def pattern(form: str) -> str:
    """A regular expression, in lower case, with a group for each letter of a format."""
    parts = list(re.finditer(r"%(.)|([^%]+)", form))
    numeric = [part[1] in WIDTHS for part in parts]
    expression = ""
    for place, part in enumerate(parts):
        letter = part[1]
        if letter is None:
            expression += re.escape(part[2].casefold())
        elif letter == "%":
            expression += "%"
        elif f"(?P<{letter}>" in expression:
            expression += f"(?P={letter})"
        elif letter in WORDS:
            expression += f"(?P<{letter}>{WORDS[letter]})"
        else:
            least, most = WIDTHS[letter]
            # Between digits only the full width tells where a number ends.
            tight = any(numeric[max(place - 1, 0) : place] + numeric[place + 1 : place + 2])
            expression += f"(?P<{letter}>[0-9]{{{most if tight else least},{most}}})"
    return expression


def parse_moment(text: str, rules: MomentRules) -> date | datetime:
    """The date, or the moment in UTC, that a canonical text is. Raises RefusedValueError."""
    found = rules.pattern.fullmatch(text.casefold())
    if found is None:
        raise RefusedValueError(f"type: {rules.kind} written as {rules.named}")
    parts = {name: value for name, value in found.groupdict().items() if value is not None}
    try:
        moment = _local(parts, rules)
    except (ValueError, OverflowError) as error:
        raise RefusedValueError(f"type: {rules.kind}: no such day or time in the calendar") from error
    return as_date(moment) if rules.date else in_utc(moment, rules)


def missing_moments(words: Iterable[str], rules: MomentRules) -> frozenset[Value]:
    """The words for no value that are moments, written as those of the column are or in ISO 8601."""
    iso = replace(rules, pattern=ISO, iso=True)
    return frozenset(moment for word in words for moment in _moment_of(canonical(word), (rules, iso)))


def _moment_of(word: str, ways: Iterable[MomentRules]) -> Iterator[Value]:
    for rules in ways:
        try:
            yield parse_moment(word, rules)
        except RefusedValueError:
            continue
        return


def as_date(moment: datetime) -> date:
    if moment.time() != time():
        raise RefusedValueError("type: date without a time of day: is it a timestamp?")
    return moment.date()


def in_utc(moment: datetime, rules: MomentRules) -> datetime:
    """Raises RefusedValueError for local times that the zone skips or has twice, and those UTC puts out of range."""
    if moment.tzinfo is None:
        zone = rules.timezone or UTC
        moment = moment.replace(tzinfo=zone)
        if moment.utcoffset() != moment.replace(fold=1).utcoffset():
            raise RefusedValueError(f"type: timestamp: {rules.timezone} skips this local time or has it twice")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise RefusedValueError("type: timestamp between the years 1 and 9999") from error


def _local(parts: Mapping[str, str], rules: MomentRules) -> datetime:
    """Parts that are missing are the first. Raises ValueError where there is no such moment."""
    day_of_year = parts.get("j")
    month = _month(parts)
    moment = datetime(
        _year(parts, rules),
        month,
        1 if day_of_year else int(parts.get("d", 1)),
        _hour(parts),
        int(parts.get("M", 0)),
        int(parts.get("S", 0)),
        int(parts.get("f", "0").ljust(6, "0")),
        tzinfo=_offset(parts.get("z")),
    )
    if day_of_year is None:
        return moment
    moved = moment.replace(month=1) + timedelta(days=int(day_of_year) - 1)
    if moved.year != moment.year or not int(day_of_year):
        raise ValueError(day_of_year)
    said_month = month if parts.keys() & {"m", "b", "B"} else moved.month
    if (moved.month, moved.day) != (said_month, int(parts.get("d", moved.day))):
        raise ValueError(day_of_year)
    return moved


def _year(parts: Mapping[str, str], rules: MomentRules) -> int:
    if "y" not in parts:
        return int(parts.get("Y", 1970))
    return rules.century + (int(parts["y"]) - rules.century) % 100


def _month(parts: Mapping[str, str]) -> int:
    named = {MONTHS_BY_START[parts[letter][:3]] for letter in ("b", "B") if letter in parts}
    months = named | {int(parts["m"])} if "m" in parts else named
    if len(months) > 1:
        raise ValueError(months)
    return next(iter(months), 1)


def _hour(parts: Mapping[str, str]) -> int:
    if "I" not in parts:
        hour = int(parts.get("H", 0))
        if "p" in parts and (parts["p"] == "pm") != (hour >= NOON):
            raise ValueError(hour)
        return hour
    hour = int(parts["I"])
    if not 1 <= hour <= 12:
        raise ValueError(hour)
    return hour % 12 + (12 if parts.get("p") == "pm" else 0)


def _offset(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text == "z":
        return UTC
    digits = text[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if minutes >= 60:
        raise ValueError(text)
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)


def letters_of(form: str) -> list[str]:
    """The letters of a format, without their percent signs."""
    return [part[1] for part in re.finditer(r"%(.)", form) if part[1] != "%"]


def unknown_letters(form: str) -> Iterator[str]:
    """The letters of a format that mean nothing here."""
    for part in re.finditer(r"%(.?)", form):
        if part[1] not in LETTERS and part[1] != "%":
            yield f"%{part[1]}"

"""How the days and times of a column are written."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from lakeloop.contract import Column, FileFormat
from lakeloop.inference.guess import Ask, Rank
from lakeloop.inference.names import tokens
from lakeloop.inference.profile import LOOK, Profile
from lakeloop.values import RefusedValueError
from lakeloop.values.reading import CellReader

DAYS = (
    "iso", "%d.%m.%Y", "%d.%m.%y", "%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y", "%m/%d/%y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d",
    "%Y.%m.%d", "%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%Y-%m", "%b %Y", "%B %Y",
)  # fmt: skip
CLOCKS = ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "%H:%M:%S.%f")
HOURS = ("%Y-%m-%dT%H", "%Y-%m-%d %H")
COMPACT = "%Y%m%d"
OTHER_WAY = {
    form: form.replace("%d", "%x").replace("%m", "%d").replace("%x", "%m")
    for form in DAYS
    if "%d" in form and "%m" in form
}
LOOKS = re.compile(r"(?i)[0-9]+[-/. ][0-9a-z]+(?:[-/. ,T].*)?|[a-z]{3,9}\.? [0-9].*|[0-9]{8}")
DAY_NAMES = ("date", "day", "dt")
CENTURY = 1950


@dataclass(frozen=True)
class Found:
    """One way to read a column as days or times; it is not judged by all cells yet."""

    settings: dict[str, Any]
    reason: str
    asks: tuple[Ask, ...] = ()


def moment_guess(profile: Profile, texts: list[str]) -> Iterator[Found]:
    """Ways that read the first texts."""
    some = [text for text in texts[:LOOK] if any(letter.isdigit() for letter in text)]
    if not some or not all(LOOKS.fullmatch(text) for text in some[:5]):
        return
    compact = [COMPACT] if tokens(profile.name)[-1] in DAY_NAMES else []
    for form in (*DAYS, *compact):
        yield from _read(profile, texts, some, "date", form)
    for form in ("iso", *HOURS, *(f"{day} {clock}" for day in DAYS[1:] for clock in CLOCKS)):
        yield from _read(profile, texts, some, "timestamp", form)


def _read(profile: Profile, texts: list[str], some: list[str], kind: str, form: str) -> Iterator[Found]:
    settings: dict[str, Any] = {"type": kind} if form == "iso" else {"type": kind, "format": form}
    if "%y" in form:
        settings["century"] = CENTURY
    if _moments(settings, some) is None:
        return
    said = f"{kind}s written as {'ISO 8601' if form == 'iso' else form}"
    day = form.split(" ", maxsplit=1)[0]
    other = form.replace(day, OTHER_WAY.get(day, day))
    if other == form or _moments({**settings, "format": other}, texts) is None:
        yield Found(settings, said)
        return
    for chosen, against in _in_order(settings, form, other, profile):
        ask = Ask(
            Rank.DAYS,
            f'{profile.name}: is {some[0]} written as {chosen}? Both fit all rows; if not, say `format: "{against}"`',
        )
        yield Found({**settings, "format": chosen}, f"{kind}s written as {chosen}, or as {against}", (ask,))


def _in_order(settings: dict[str, Any], form: str, other: str, profile: Profile) -> Iterator[tuple[str, str]]:
    """Of two ways that both read all texts, the one under which the rows are in order, else the first."""
    rows = list(profile.texts)
    for chosen, against in ((form, other), (other, form)):
        moments = _moments({**settings, "format": chosen}, rows)
        if moments and all(earlier <= later for earlier, later in pairwise(moments)):
            yield chosen, against
            return
    yield form, other


def _moments(settings: dict[str, Any], texts: list[str]) -> list[datetime] | None:
    """The moments that texts are; None where one is none."""
    reader = CellReader(Column(name="column", **settings), FileFormat(), feature=False)
    found = []
    for text in texts:
        try:
            value = reader.text(text)
        except RefusedValueError:
            return None
        if isinstance(value, datetime):
            found.append(value.replace(tzinfo=None))
        elif isinstance(value, date):
            found.append(datetime.combine(value, datetime.min.time()))
    return found

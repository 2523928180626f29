"""How the numbers of a column are written: decimal marks, separators of thousands, signs, units."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

MOST_AFFIXES = 3
LOOK = 500
MONEY = r"[$€£¥₹]|(?:US|A|C|HK|NZ)\$|EUR|USD|GBP|CHF|JPY|Rs\.?|kr"
UNITS = r"%|‰|°C?F?|[kmµn]?[gml]|[cd]m|km|[hs]|min|ms|kWh?|MW|Hz|kB|[MGT]B|mph|km/h|m/s"
DECORATED = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>[+-])?\s*(?P<prefix>{MONEY})?\s*"
    r"(?P<number>[+-]?[0-9][0-9.,'\u00a0\u2009\u202f ]*|[.,][0-9]+)(?P<exponent>[eE][+-]?[0-9]+)?"
    rf"\s*(?P<suffix>{MONEY}|{UNITS})?\s*(?P<trailing>-)?(?P<close>\))?"
)
GROUPED = {
    ",": re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?"),
    ".": re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]*)?"),
    "'": re.compile(r"[+-]?[0-9]{1,3}(?:'[0-9]{3})+(?:[.,][0-9]*)?"),
    " ": re.compile(r"[+-]?[0-9]{1,3}(?:[\u00a0\u2009\u202f ][0-9]{3})+(?:[.,][0-9]*)?"),
}
DECIMAL_COMMA = re.compile(r"[+-]?[0-9]*(?:[.' \u00a0\u202f][0-9]{3})*,[0-9]+")
# -99, -999.0, -200: negative and round or all nines. What people write where nothing was measured.
SENTINEL = re.compile(r"-(?:9{2,6}|[1-9]0{2,4})(?:\.0+)?")
NINES = re.compile(r"9{2,6}(?:\.0+)?")
FEWEST_SENTINELS = 2
FEWEST_OTHERS = 5
FAR = 3
"""So many times the largest of all others is far above them."""

Way = tuple[Mapping[str, Any], str]
"""Settings of a column, and what they are for, as the end of a sentence."""


def number_settings(texts: Iterable[str], missing: Iterable[str]) -> Iterator[Way]:
    """Ways to read the texts as numbers, plain first; none is judged yet."""
    words = [text for text in texts if text not in set(missing)]
    if not words or not any(letter.isdigit() for letter in words[0]):
        return
    yield {}, ""
    found = [DECORATED.fullmatch(text) for text in words[:LOOK]]
    parts = [part for part in found if part]
    if len(parts) < len(found):
        return
    settings = {**_affixes(parts), **_marks([part["number"].strip() for part in parts]), **_signs(parts)}
    if settings:
        yield settings, f", written with {', '.join(_said(settings))}"


def _affixes(parts: list[re.Match[str]]) -> Mapping[str, Any]:
    """Prefix and suffix; one that only some numbers have is none, but for signs of money."""
    settings: dict[str, Any] = {}
    for name in ("prefix", "suffix"):
        given = {part[name] or "" for part in parts}
        if given == {""} or len(given) > MOST_AFFIXES:
            continue
        if "" in given and "%" in given:
            continue
        settings[name] = sorted(given, reverse=True) if len(given) > 1 else next(iter(given))
    return settings


def _marks(numbers: list[str]) -> Mapping[str, Any]:
    both = [number for number in numbers if "," in number and "." in number]
    comma = any(number.rfind(",") > number.rfind(".") for number in both) or _all_commas_decimal(numbers)
    settings: dict[str, Any] = {"decimal": ","} if comma else {}
    separators = [
        mark
        for mark, grouped in GROUPED.items()
        if mark != ("," if comma else ".") and any(grouped.fullmatch(number) for number in numbers)
    ]
    return {**settings, "thousands": separators} if separators else settings


def _all_commas_decimal(numbers: list[str]) -> bool:
    commas = [number for number in numbers if "," in number]
    plain = not any("." in number for number in numbers) or any(GROUPED["."].fullmatch(number) for number in numbers)
    return (
        bool(commas)
        and plain
        and all(DECIMAL_COMMA.fullmatch(number) for number in commas)
        and not all(GROUPED[","].fullmatch(number) for number in commas)
    )


def _signs(parts: list[re.Match[str]]) -> Mapping[str, Any]:
    ways = [way for way, name in (("brackets", "open"), ("trailing", "trailing")) if any(part[name] for part in parts)]
    return {"negative": ways} if ways else {}


def _said(settings: Mapping[str, Any]) -> Iterator[str]:
    names = {
        "decimal": "a decimal comma",
        "thousands": "separators of thousands",
        "negative": "a minus of another form",
    }
    for key, value in settings.items():
        affix = " or ".join(filter(None, [value] if isinstance(value, str) else value))
        yield names.get(key, f"{affix} {'before' if key == 'prefix' else 'behind'} it")


def far_nines(texts: Mapping[str, int]) -> tuple[str, float] | None:
    """The number of nines that stands several times, far above all others; and the largest of these."""
    codes = [text for text in texts if NINES.fullmatch(text)]
    code = max(codes, key=float, default="")
    if not code or texts[code] < FEWEST_SENTINELS or len(texts) <= FEWEST_OTHERS:
        return None
    try:
        largest = max(float(text) for text in texts if text != code)
    except ValueError:
        return None
    return (code, largest) if float(code) > FAR * max(largest, 1) else None


def are_thousands(texts: Iterable[str]) -> bool:
    """Whether each number has a point, and three digits behind it."""
    found = [GROUPED["."].fullmatch(text) for text in texts]
    return len(found) > 1 and all(match and "." in match[0] for match in found)


def sentinel(texts: Mapping[str, int]) -> str | None:
    """The one negative number, round or of nines, that stands several times among positive ones."""
    codes = [text for text in texts if SENTINEL.fullmatch(text)]
    others = [text for text in texts if text.startswith("-") and text not in codes]
    if len({float(code) for code in codes}) != 1 or others or len(texts) <= len(codes) + 1:
        return None
    return codes[0] if sum(texts[code] for code in codes) >= FEWEST_SENTINELS else None

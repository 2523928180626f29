"""The options by which the text of a cell becomes a value, as far as their values can be compared."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from lakeloop.contract.changes import NONE
from lakeloop.contract.columns import NUMERIC, Column
from lakeloop.contract.dataset import DatasetContract
from lakeloop.values.canonical import canonical
from lakeloop.values.reading import FALSE_WORDS, TRUE_WORDS, truth

Rows = Literal["told", "empty", "all"]


@dataclass(frozen=True)
class Option:
    """`value` is what counts of it, `wider` whether all that the first value takes the second takes as the same, and
    `rows` which committed rows may else read otherwise (`lakeloop.contract.reading`).
    """

    key: str
    value: Callable[[Column, DatasetContract], Any]
    wider: Callable[[Any, Any], bool]
    rows: Callable[[Any, Any], Rows]


def said(value: object) -> str:
    """A value of a contract for a person, as it is written there."""
    match value:
        case None | "" | ():
            return NONE
        case bool():
            return str(value).lower()
        case float():
            return f"{value:.15g}" if math.isfinite(value) else NONE
        case tuple():
            return ", ".join(said(item) if item != "" else '""' for item in value)
        case dict():
            return "; ".join(f"{key}: {said(item)}" for key, item in value.items()) or NONE
        case _:
            return str(value)


def _never(_was: object, _now: object) -> bool:
    return False


def _is_on(_was: bool, now: bool) -> bool:
    return now


def _has_more(was: Iterable[str], now: Iterable[str]) -> bool:
    return set(was) < set(now)


def _all(_was: object, _now: object) -> Rows:
    return "all"


def _told(_was: object, _now: object) -> Rows:
    return "told"


def _words_of(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(map(canonical, words))))


def _truths(words: tuple[str, ...], usual: tuple[str, ...], column: Column) -> tuple[str, ...]:
    return tuple(sorted({truth(canonical(word)) for word in words or usual})) if column.type == "boolean" else ()


def _of_numbers(value: Callable[[Column, DatasetContract], Any]) -> Callable[[Column, DatasetContract], Any]:
    return lambda column, contract: value(column, contract) if column.type in NUMERIC else None


def _na_values(column: Column, contract: DatasetContract) -> tuple[str, ...]:
    return _words_of(contract.file.na_values if column.na_values is None else column.na_values)


def _thousands(column: Column, contract: DatasetContract) -> tuple[str, ...]:
    return tuple(sorted(contract.file.thousands if column.thousands is None else column.thousands))


def _headers(column: Column, contract: DatasetContract) -> tuple[str, ...]:
    if not contract.file.header or column.from_:
        return ()
    return (f"like {column.name}",) if column.header is None else _words_of(column.header)


def _removed_words(was: tuple[str, ...], now: tuple[str, ...]) -> Rows:
    return "empty" if set(was) - set(now) else "told"


def _removed_aliases(was: dict[str, tuple[str, ...]], now: dict[str, tuple[str, ...]]) -> Rows:
    """A row holds the listed value only, whatever its spelling was."""
    return "told" if all(set(words) <= set(now.get(value, ())) for value, words in was.items()) else "all"


OPTIONS = (
    Option("nullable", lambda column, _: column.nullable, _is_on, _told),
    Option("header", _headers, _has_more, _all),
    Option("from", lambda column, _: _words_of(column.from_), _never, _all),
    Option("na_values", _na_values, _never, _removed_words),
    Option("min", lambda column, _: -math.inf if column.min is None else column.min, lambda a, b: a > b, _told),
    Option("max", lambda column, _: math.inf if column.max is None else column.max, lambda a, b: a < b, _told),
    Option("pattern", lambda column, _: column.pattern, _never, _told),
    Option("prefix", lambda column, _: tuple(sorted({*column.prefix} or {""})), _has_more, _all),
    Option("suffix", lambda column, _: tuple(sorted({*column.suffix} or {""})), _has_more, _all),
    Option("negative", lambda column, _: tuple(sorted(column.negative)), _has_more, _all),
    Option("decimal", _of_numbers(lambda column, contract: column.decimal or contract.file.decimal), _never, _all),
    Option("thousands", _of_numbers(_thousands), _has_more, _all),
    Option("leading_zeros", lambda column, _: column.leading_zeros, _is_on, _all),
    Option("format", lambda column, _: column.format or "iso", _never, _all),
    Option("timezone", lambda column, _: column.timezone or "UTC", _never, _all),
    Option("century", lambda column, _: column.century, _never, _all),
    Option("true_values", lambda column, _: _truths(column.true_values, TRUE_WORDS, column), _has_more, _all),
    Option("false_values", lambda column, _: _truths(column.false_values, FALSE_WORDS, column), _has_more, _all),
    Option("aliases", lambda column, _: column.aliases, _never, _removed_aliases),
)

"""What a changed contract does to the reading: from the text of a file to typed rows, their keys and splits.

A reading that only widens takes whatever it took before, as the same values; every other change may give a committed
row another value, another split or none at all. Which rows those are, some changes tell by their values.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lakeloop.contract.changes import NONE, split_changes
from lakeloop.contract.columns import Column
from lakeloop.contract.dataset import DatasetContract
from lakeloop.contract.reading_options import OPTIONS, said

Rows = Literal["no", "told", "empty", "all"]
"""Committed rows that may read otherwise: none; those whose values the new contract reads otherwise; those and rows
in which the column is empty, since a word for no value leaves no trace; or all, since rows do not tell."""

OF_LINES = (
    *("format", "encoding", "delimiter", "quotechar", "escapechar", "header", "skiprows", "skip_after_header"),
    *("comment", "footer"),
)
OF_KEYS = ("repeated", "delivery", "newest")
WEIGHT = "weight"


@dataclass(frozen=True)
class ReadingChange:
    """One change of the reading; `column` is empty where it is no matter of one column alone."""

    path: str
    was: str
    now: str
    rows: Rows
    wider: bool = False
    column: str = ""

    def __str__(self) -> str:
        return f"{self.path}: was {self.was}, is {self.now}"


def reading_changes(old: DatasetContract, new: DatasetContract) -> list[ReadingChange]:
    """Nothing where both contracts make the same typed rows of every file."""
    return [*_columns(old, new), *_file(old, new), *_keys(old, new), *_weight(old, new)]


def _columns(old: DatasetContract, new: DatasetContract) -> Iterator[ReadingChange]:
    was, now = ({column.name: column for column in contract.kept} for contract in (old, new))
    for name in [name for name in was if name not in now]:
        # A row without a key, or split by its values, is told apart by all of them.
        apart = old.splits.by == "values" or name in (*(old.row_key or was), *old.splits.columns)
        rows: Rows = "all" if apart else "no"
        yield ReadingChange(f"columns.{name}", "a column", _absent(new, name), rows, column=name)
    for name, column in now.items():
        if name in was:
            yield from _column(was[name], column, old, new)
        elif column.nullable:
            yield ReadingChange(f"columns.{name}", _absent(old, name), "a column", "no", wider=True, column=name)
        else:
            yield ReadingChange(f"columns.{name}", _absent(old, name), "a required column", "all", column=name)


def _absent(contract: DatasetContract, name: str) -> str:
    return "skipped" if any(column.name == name for column in contract.columns) else NONE


def _column(was: Column, now: Column, old: DatasetContract, new: DatasetContract) -> Iterator[ReadingChange]:
    if was.type != now.type:
        yield ReadingChange(f"columns.{now.name}.type", was.type, now.type, "all", column=now.name)
        return
    for option in OPTIONS:
        pair = option.value(was, old), option.value(now, new)
        if pair[0] != pair[1]:
            wider = option.wider(*pair)
            path = f"columns.{now.name}.{option.key}"
            rows: Rows = "no" if wider else option.rows(*pair)
            yield ReadingChange(path, said(pair[0]), said(pair[1]), rows, wider, now.name)
    yield from _words(was, now)


def _words(was: Column, now: Column) -> Iterator[ReadingChange]:
    """The listed values of a category, and what becomes of others."""
    others_in = was.unlisted == now.unlisted == "other" and not (was.ignore_case or now.ignore_case or now.aliases)
    # Where other words are let in as they are, one that gets listed is no news to a row.
    if set(was.allowed) != set(now.allowed) and not others_in:
        wider = set(was.allowed) < set(now.allowed) and was.unlisted == "reject"
        yield _change(now, "allowed", (was.allowed, now.allowed), _of_unlisted(was), wider=wider)
    if was.ignore_case != now.ignore_case:
        wider = now.ignore_case and was.unlisted == "reject"
        rows = _of_unlisted(was) if now.ignore_case else "all"
        yield _change(now, "ignore_case", (was.ignore_case, now.ignore_case), rows, wider=wider)
    if was.unlisted != now.unlisted:
        yield _change(now, "unlisted", (was.unlisted, now.unlisted), _of_unlisted(was))


def _of_unlisted(was: Column) -> Rows:
    """A word that was read as none has left no trace."""
    return "empty" if was.unlisted == "missing" else "told"


def _change(column: Column, key: str, pair: tuple[object, object], rows: Rows, *, wider: bool = False) -> ReadingChange:
    path = f"columns.{column.name}.{key}"
    return ReadingChange(path, said(pair[0]), said(pair[1]), "no" if wider else rows, wider, column.name)


def _file(old: DatasetContract, new: DatasetContract) -> Iterator[ReadingChange]:
    for key in OF_LINES:
        was, now = getattr(old.file, key), getattr(new.file, key)
        if was != now:
            yield ReadingChange(f"file.{key}", said(was), said(now), "all")
    if old.file.unlisted_columns != new.file.unlisted_columns:
        was, now = old.file.unlisted_columns, new.file.unlisted_columns
        # The rows of a file that is refused for its other columns would be the same.
        yield ReadingChange("file.unlisted_columns", was, now, "no", wider=now == "ignore")
    names = [[column.name for column in contract.columns] for contract in (old, new)]
    if names[0] != names[1] and not new.file.header:
        was, now = map(", ".join, names)
        yield ReadingChange("columns", was, now, "all")


def _keys(old: DatasetContract, new: DatasetContract) -> Iterator[ReadingChange]:
    for change in split_changes(old, new):
        # Rows are moved as they lie: no file is read again for it.
        yield ReadingChange(change.path, change.was, change.now, "no" if change.remade else "all", wider=change.remade)
    for key in OF_KEYS:
        was, now = getattr(old, key), getattr(new, key)
        if was != now:
            yield ReadingChange("repeats" if key == "repeated" else key, said(was), said(now), "all")


def _weight(old: DatasetContract, new: DatasetContract) -> Iterator[ReadingChange]:
    """A row whose weight is not above 0 is set aside."""
    was, now = old.weight, new.weight
    if was != now and now is None:
        yield ReadingChange(WEIGHT, said(was), NONE, "no", wider=True)
    elif was != now:
        yield ReadingChange(WEIGHT, said(was), said(now), "told", column=str(now))

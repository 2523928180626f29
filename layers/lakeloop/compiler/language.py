"""Rules of the contract language that need the whole contract: what its options refer to, and what is not built yet."""

import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lakeloop.contract import Blocks, Column, DatasetContract
from lakeloop.contract.base import Broken
from lakeloop.contract.columns import NUMERIC
from lakeloop.features import ExpressionError, parse
from lakeloop.values.moments import unknown_letters

MOMENTS = ("date", "timestamp")


def broken(contract: DatasetContract) -> Iterator[Broken]:
    """The rules that a contract breaks which is right in each of its parts."""
    for column in contract.columns:
        for rule in (_feature, _pattern, _moment, _words):
            for found in rule(column):
                yield found._replace(path=("columns", column.name, *found.path))
    for rule_of_all in (_roles, _splits, _derived, _not_built):
        yield from rule_of_all(contract)


def _feature(column: Column) -> Iterator[Broken]:
    if column.feature and column.type in ("string", "skip"):
        yield Broken(("feature",), "a number, boolean, category, date or timestamp as a feature", f"a {column.type}")
    if column.encode == "onehot" and column.type != "category":
        yield Broken(("encode",), f"ordinal for a column of type {column.type}", column.encode)


def _pattern(column: Column) -> Iterator[Broken]:
    try:
        re.compile(column.pattern or "")
    except re.error as error:
        yield Broken(("pattern",), "a regular expression", f"{column.pattern} ({error})")


def _moment(column: Column) -> Iterator[Broken]:
    for key, value in (("format", column.format), ("timezone", column.timezone), ("century", column.century)):
        if value is not None and column.type not in MOMENTS:
            yield Broken((key,), f"nothing for a column of type {column.type}", str(value))
    if column.format not in (None, "iso"):
        for letter in unknown_letters(column.format or ""):
            yield Broken(("format",), "letters of %Y %m %d %H %M %S %f %z %b %B %p %I %j %y", letter)
    try:
        ZoneInfo(column.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        yield Broken(("timezone",), "a name such as Europe/Berlin", column.timezone or "")


def _words(column: Column) -> Iterator[Broken]:
    for key, given in (("true_values", column.true_values), ("false_values", column.false_values)):
        if given and column.type != "boolean":
            yield Broken((key,), f"nothing for a column of type {column.type}", ", ".join(given[:3]))
    for word in sorted(set(column.na_values or ()) & set(column.allowed)):
        yield Broken(("na_values",), "no word that `allowed` lists", word)
    for value in sorted(set(column.aliases) - set(column.allowed)):
        yield Broken(("aliases",), "other spellings by the listed value they mean", value)


def _roles(contract: DatasetContract) -> Iterator[Broken]:
    if (contract.problem is None) != (contract.label is None):
        lacking, given = ("label", "problem") if contract.label is None else ("problem", "label")
        yield Broken((lacking,), f"one beside `{given}`", "nothing")
    names = {column.name: column for column in contract.columns}
    if contract.label in names and names[contract.label].type == "skip":
        yield Broken(("label",), "a column that is not skipped", contract.label)
    for name in contract.row_key:
        if name in names and names[name].type == "skip":
            yield Broken(("row_key",), "columns that are not skipped", name)


def _splits(contract: DatasetContract) -> Iterator[Broken]:
    names = {column.name: column for column in contract.kept}
    for name in contract.splits.columns:
        if name not in names:
            yield Broken(("splits", "by"), "columns of the contract", name)
        elif names[name].nullable:
            yield Broken(("splits", "by"), "a column that is not nullable", f"{name}, which is")
    by = contract.splits.by
    if isinstance(by, Blocks) and by.column in names:
        yield from _blocks(by, names[by.column])


def _blocks(blocks: Blocks, column: Column) -> Iterator[Broken]:
    if column.type not in (*MOMENTS, *NUMERIC):
        yield Broken(("splits", "by"), "a date, timestamp or number", f"{column.name}, a {column.type}")
        return
    for key, span in (("every", blocks.every), ("gap", blocks.gap)):
        if span is not None and isinstance(span, str) != (column.type in MOMENTS):
            wanted = "a time such as 7d" if column.type in MOMENTS else "a number"
            yield Broken(("splits", "by", key), f"{wanted} for {column.name}, a {column.type}", str(span))


def _derived(contract: DatasetContract) -> Iterator[Broken]:
    columns = {column.name: column for column in contract.kept if column.name != contract.label}
    taken = {column.name for column in contract.columns}
    for derived in contract.derive:
        if derived.name in taken:
            yield Broken(("derive",), "a name of its own for each feature", derived.name)
        taken.add(derived.name)
        try:
            parse(derived.expression, columns)
        except ExpressionError as error:
            yield Broken(("derive",), f"{error.expected} in {derived.name}", error.found)


def _not_built(contract: DatasetContract) -> Iterator[Broken]:
    """What the language names and nothing does yet: silence would be worse."""
    if contract.delivery != "append" or contract.newest is not None:
        yield Broken(("delivery",), "append, the others are not built yet", contract.delivery)
    if contract.weight is not None:
        yield Broken(("weight",), "nothing, weights are not built yet", contract.weight)

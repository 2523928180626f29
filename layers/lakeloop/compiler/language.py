"""Rules of the contract language that need the whole contract: what its options refer to, and what is not built yet."""

from collections.abc import Iterator
from typing import cast

from lakeloop.compiler import column_rules, file_rules
from lakeloop.compiler.problems import shown
from lakeloop.contract import Blocks, Borders, Column, DatasetContract
from lakeloop.contract.base import Broken
from lakeloop.contract.columns import MOMENTS, NUMERIC
from lakeloop.features import ExpressionError, parse
from lakeloop.ingest.headers import disputed
from lakeloop.values import RefusedValueError
from lakeloop.values.splits import UNITS, border, borders, seconds


def broken(contract: DatasetContract) -> Iterator[Broken]:
    """The rules that a contract breaks which is right in each of its parts."""
    for found in file_rules.broken(contract.file):
        yield found._replace(path=("file", *found.path))
    for column in contract.columns:
        for found in column_rules.broken(column, contract.file):
            yield found._replace(path=("columns", column.name, *found.path))
    for rule_of_all in (_headers, _roles, _splits, _delivery, _derived, _weight, _slices, _delivery_unit):
        yield from rule_of_all(contract)


def _headers(contract: DatasetContract) -> Iterator[Broken]:
    for column, other, header in disputed(contract) if contract.file.header else ():
        path = ("columns", column.name, "from" if column.from_ else "header" if column.header is not None else "name")
        yield Broken(path, f"a header that is not {other}'s too: say `header:` for both", shown(header))


def _roles(contract: DatasetContract) -> Iterator[Broken]:
    if (contract.problem is None) != (contract.label is None):
        lacking, given = ("label", "problem") if contract.label is None else ("problem", "label")
        yield Broken((lacking,), f"one beside `{given}`", "nothing")
    if not contract.kept:
        yield Broken(("columns",), "a column that is not skipped", "none")
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
    yield from _advance(contract)


def _advance(contract: DatasetContract) -> Iterator[Broken]:
    """Only moments go on by themselves."""
    by, step = contract.splits.by, contract.retrain.advance
    types = {column.name: column.type for column in contract.kept}
    if step is None:
        return
    if not isinstance(by, Blocks) or by.until is None or types.get(by.column) not in MOMENTS:
        yield Broken(("retrain", "advance"), "`splits: by:` with `until` of a date or timestamp", "none")
    elif types[by.column] == "date" and seconds(step) % UNITS["d"]:
        yield Broken(("retrain", "advance"), f"whole days such as 30d for {by.column}, a date", step)


def _blocks(blocks: Blocks, column: Column) -> Iterator[Broken]:
    if column.type not in (*MOMENTS, *NUMERIC):
        yield Broken(("splits", "by"), "a date, timestamp or number", f"{column.name}, a {column.type}")
        return
    spans = [*_spans(blocks, column)]
    yield from spans
    if blocks.until is not None and not spans:
        yield from _borders(blocks, blocks.until, column)


def _spans(blocks: Blocks, column: Column) -> Iterator[Broken]:
    for key, span in (("every", blocks.every), ("gap", blocks.gap)):
        if span is None:
            continue
        if isinstance(span, str) != (column.type in MOMENTS):
            wanted = "a time such as 7d" if column.type in MOMENTS else "a number"
            yield Broken(("splits", "by", key), f"{wanted} for {column.name}, a {column.type}", str(span))
        elif isinstance(span, str) and column.type == "date" and seconds(span) % UNITS["d"]:
            yield Broken(("splits", "by", key), f"whole days such as 7d for {column.name}, a date", span)


def _borders(blocks: Blocks, until: Borders, column: Column) -> Iterator[Broken]:
    unreadable = False
    for split, text in (("train", until.train), ("validation", until.validation)):
        try:
            border(text, column)
        except RefusedValueError as error:
            unreadable = True
            yield Broken(("splits", "by", "until", split), error.rule.removeprefix("type: "), shown(text))
    if unreadable:
        return
    try:
        ends = borders(blocks, column)
    except OverflowError:
        yield Broken(("splits", "by", "gap"), "a gap that ends before the year 9999", shown(blocks.gap))
        return
    # Values of one column can be compared, which mypy cannot know.
    if cast("float", ends[1]) >= cast("float", ends[2]):
        behind = "the border of train and the gap behind it" if blocks.gap else "the border of train"
        path = ("splits", "by", "until", "validation")
        yield Broken(path, f"a {column.type} behind {behind}, {until.train}", until.validation)


def _derived(contract: DatasetContract) -> Iterator[Broken]:
    columns = {column.name: column for column in contract.kept if column.name != contract.label}
    taken = {column.name for column in contract.columns}
    made = {derived.name for derived in contract.derive}
    for derived in contract.derive:
        if derived.name in taken:
            yield Broken(("derive",), "a name of its own for each feature", derived.name)
        taken.add(derived.name)
        try:
            operands = parse(derived.expression, columns).operands
        except ExpressionError as error:
            if error.found == contract.label:
                yield Broken(("derive",), f"another column than the label in {derived.name}", error.found)
                continue
            if error.found in made:
                yield Broken(("derive",), f"a column in {derived.name}, not a derived feature", error.found)
                continue
            yield Broken(("derive",), f"{error.expected} in {derived.name}", error.found)
            continue
        for column in (columns[name] for name in operands):
            if column.sensitive and not column.feature:
                expected = f"a column that is not sensitive in {derived.name}, or `feature: true` for it"
                yield Broken(("derive",), expected, column.name)
            if column.name == contract.weight:
                yield Broken(("derive",), f"another column than the weight in {derived.name}", column.name)


def _delivery(contract: DatasetContract) -> Iterator[Broken]:
    if contract.delivery == "upsert" and not contract.row_key:
        yield Broken(("delivery",), "a row_key beside upsert, which keeps the newest row of each key", "upsert")
    if contract.delivery == "upsert" and contract.repeats == "keep":
        yield Broken(("repeats",), "reject or last beside upsert, which keeps one row of each key", "keep")
    if contract.delivery == "snapshot" and contract.on_delete == "remove":
        yield Broken(("on_delete",), "keep beside snapshot, whose next file replaces all rows", "remove")
    if contract.newest is None:
        return
    if contract.delivery != "upsert":
        yield Broken(("newest",), "nothing, or `delivery: upsert`: only that replaces rows by key", contract.newest)
        return
    columns = {column.name: column.type for column in contract.kept}
    kind = columns.get(contract.newest)
    if kind not in (*MOMENTS, *NUMERIC):
        found = contract.newest if kind is None else f"{contract.newest}, a {kind}"
        yield Broken(("newest",), "a column that orders rows: date, timestamp, integer or float", found)


def _delivery_unit(contract: DatasetContract) -> Iterator[Broken]:
    if contract.delivery_unit == "folder" and contract.delivery == "snapshot":
        yield Broken(("delivery_unit",), "file beside snapshot, of which one file is all rows", "folder")


def _slices(contract: DatasetContract) -> Iterator[Broken]:
    columns = {column.name: column for column in contract.kept}
    names = [part.column for part in contract.promotion.slices]
    for place, name in enumerate(names):
        path, column = ("promotion", "slices"), columns.get(name)
        if column is None or column.type not in ("category", "boolean"):
            found = name if column is None else f"{name}, a {column.type}"
            yield Broken(path, "a category or boolean column", found)
        elif column.sensitive or name == contract.label:
            expected = "a column that is neither the label nor sensitive: the report names its values"
            yield Broken(path, expected, name)
        elif name in names[:place]:
            yield Broken(path, "each column once", f"{name} twice")


def _weight(contract: DatasetContract) -> Iterator[Broken]:
    name = contract.weight
    if name is None:
        return
    column = next((column for column in contract.kept if column.name == name), None)
    if column is None or column.type not in NUMERIC:
        found = name if column is None else f"{name}, a {column.type}"
        yield Broken(("weight",), "a float or integer column", found)
        return
    if column.nullable:
        yield Broken(("weight",), "a column that is not nullable", f"{name}, which is")
    if name in (contract.label, *contract.row_key):
        yield Broken(("weight",), "another column than the label and the row key", name)
    if column.feature:
        yield Broken(("columns", name, "feature"), "false for the weight, which requests do not give", "true")

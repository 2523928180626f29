"""A contract told column by column: what a file may hold there, and what a model gets of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from lakeloop.contract import Column, DatasetContract
from lakeloop.contract.columns import MOMENTS, NUMERIC
from lakeloop.values.codes import vector_names
from lakeloop.values.numbers import NumberRules
from lakeloop.values.reading import FALSE_WORDS, TRUE_WORDS

MOST_NAMED = 6
"""Values and spellings; of more, their number is told."""


@dataclass(frozen=True)
class ExplainedColumn:
    """`headers` are its names in files, none where any spelling of its name is taken; `accepts` are short clauses."""

    name: str
    headers: tuple[str, ...]
    type: str
    required: bool
    accepts: tuple[str, ...]
    role: str
    """What becomes of it: key, label, feature and how it is coded, or kept in rows only."""
    description: str


@dataclass(frozen=True)
class ExplainedFeature:
    """A derived feature."""

    name: str
    expression: str


def explained_columns(contract: DatasetContract) -> list[ExplainedColumn]:
    """The columns in the order of the contract."""
    return [
        ExplainedColumn(
            name=column.name,
            headers=column.from_ or column.header or (),
            type=column.type,
            required=not column.nullable and column.type != "skip",
            accepts=tuple(_accepts(column, contract)) if column.type != "skip" else (),
            role=_role(column, contract),
            description=column.description,
        )
        for column in contract.columns
    ]


def explained_features(contract: DatasetContract) -> list[ExplainedFeature]:
    """The derived features in the order of the contract, which is theirs behind all columns."""
    return [ExplainedFeature(derived.name, derived.expression) for derived in contract.derive]


def _accepts(column: Column, contract: DatasetContract) -> Iterator[str]:
    if column.from_:
        yield f"{' and '.join(column.from_)}, joined by a space"
    if column.type in NUMERIC:
        yield from _limits(column)
        yield from _spelling(NumberRules.of(column, contract.file))
    elif column.type in MOMENTS:
        yield from _moment(column)
    elif column.type == "boolean":
        yield f"true: {', '.join(column.true_values or TRUE_WORDS)}"
        yield f"false: {', '.join(column.false_values or FALSE_WORDS)}"
    elif column.type == "category":
        yield from _category(column)
    if column.pattern:
        yield f"the pattern {column.pattern}"
    words = contract.file.na_values if column.na_values is None else column.na_values
    if column.nullable:
        yield f"nothing, or {_named(words)} for it" if words else "nothing"


def _limits(column: Column) -> Iterator[str]:
    if column.min is not None and column.max is not None:
        yield f"{column.min:.15g} to {column.max:.15g}"
    elif column.min is not None:
        yield f"at least {column.min:.15g}"
    elif column.max is not None:
        yield f"at most {column.max:.15g}"


def _spelling(rules: NumberRules) -> Iterator[str]:
    if rules.decimal != ".":
        yield f"decimal mark `{rules.decimal}`"
    if rules.thousands:
        yield f"thousands by {' or '.join(f'`{mark}`' for mark in rules.thousands)}"
    for where, parts in (("in front", rules.prefix), ("behind", rules.suffix)):
        if parts:
            may = "may stand" if "" in parts else "stands"
            yield f"{' or '.join(f'`{part}`' for part in parts if part)} {may} {where}"
    if rules.brackets:
        yield "(5) is -5"
    if rules.trailing:
        yield "5- is -5"
    if rules.leading_zeros:
        yield "leading zeros"


def _moment(column: Column) -> Iterator[str]:
    yield "ISO 8601" if column.format in (None, "iso") else str(column.format)
    if column.century is not None:
        yield f"years {column.century} to {column.century + 99}"
    if column.timezone:
        yield f"local time of {column.timezone}"


def _category(column: Column) -> Iterator[str]:
    yield _named(column.allowed)
    if column.aliases:
        yield "also " + _named([f"{', '.join(words)} for {value}" for value, words in column.aliases.items()])
    if column.ignore_case:
        yield "in any case"
    if column.unlisted != "reject":
        yield "others as they are" if column.unlisted == "other" else "others are read as nothing"


def _named(words: tuple[str, ...] | list[str]) -> str:
    named = ", ".join(words[:MOST_NAMED])
    return named if len(words) <= MOST_NAMED else f"{named} and {len(words) - MOST_NAMED:,} more"


def _role(column: Column, contract: DatasetContract) -> str:
    roles = {
        "left out": column.type == "skip",
        "key": column.name in contract.row_key,
        "label": column.name == contract.label,
        "weight": column.name == contract.weight,
        "split": column.name in contract.splits.columns,
    }
    told = [role for role, here in roles.items() if here]
    if column in contract.features:
        told.append(_feature(column))
    role = ", ".join(told) or "in rows/ only"
    seen = "sensitive" if column.sensitive else "public" if column.public else ""
    return f"{role}, {seen}" if seen else role


def _feature(column: Column) -> str:
    match column.type:
        case "category" if column.encode == "onehot":
            return f"{len(vector_names(column))} flags"
        case "category":
            return f"code 1 to {len(column.allowed)}" + (", others 0" if column.unlisted == "other" else "")
        case "date":
            return "days since 1970"
        case "timestamp":
            return "seconds since 1970"
        case _:
            return "feature"

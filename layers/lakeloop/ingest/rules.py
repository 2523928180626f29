"""The rules of a contract as polars expressions over columns of text.

One documented answer for what counts as a value, whatever the file's format:

- white space around a value does not count, and what is empty then is missing;
- an integer is an optional sign and digits within 64 bits, a float what polars casts from text and finite;
- a boolean is `true`, `false`, `1` or `0` in any case; a category is one of its allowed values, in exact spelling.

A row is judged by all rules at once, so that one look at the quarantine tells all that is wrong with it.
"""

from dataclasses import dataclass

import polars as pl

from lakeloop.contract import Column, DatasetContract

BOOLEANS = {"true": 1.0, "1": 1.0, "false": 0.0, "0": 0.0}
REASON = pl.Struct({"column": pl.String, "rule": pl.String, "value": pl.String})


@dataclass(frozen=True)
class Rule:
    """`broken` is true for the rows that break it; `text` tells a person what was expected."""

    column: str
    text: str
    broken: pl.Expr

    def reason(self) -> pl.Expr:
        """The reason as a struct where the rule is broken, null elsewhere."""
        value = pl.col(self.column) if self.column else pl.lit(None, pl.String)
        fields = pl.struct(
            pl.lit(self.column).alias("column"), pl.lit(self.text).alias("rule"), value.alias("value")
        ).cast(REASON)
        return pl.when(self.broken).then(fields)


def trimmed(names: list[str]) -> list[pl.Expr]:
    """Each column without surrounding white space, null where nothing is left."""
    texts = [pl.col(name).str.strip_chars() for name in names]
    return [pl.when(text != "").then(text).alias(name) for name, text in zip(names, texts, strict=True)]


def encoded(column: Column, codes: tuple[str, ...] = ()) -> pl.Expr:
    """The column as the number the model sees, null where the text is no value of the column's type.

    `codes` lists the values of a category in the order of their codes; left out, the order of the contract.
    """
    text = pl.col(column.name)
    match column.type:
        case "integer":
            return text.cast(pl.Int64, strict=False).cast(pl.Float64)
        case "boolean":
            return text.str.to_lowercase().replace_strict(BOOLEANS, default=None, return_dtype=pl.Float64)
        case "category":
            numbers = {value: float(code) for code, value in enumerate(codes or column.allowed)}
            return text.replace_strict(numbers, default=None, return_dtype=pl.Float64)
        case _:
            number = text.cast(pl.Float64, strict=False)
            return pl.when(number.is_finite()).then(number)


def column_rules(column: Column) -> list[Rule]:
    """Presence, type and limits of one column of trimmed text."""
    text = pl.col(column.name)
    rules = [] if column.nullable else [Rule(column.name, "required", text.is_null())]
    if column.type == "string":
        return rules
    value = encoded(column)
    kind = f"one of {', '.join(column.allowed)}" if column.type == "category" else column.type
    rules.append(Rule(column.name, f"type: {kind}", text.is_not_null() & value.is_null()))
    if column.min is not None:
        rules.append(Rule(column.name, f"min: {column.min:g}", value < column.min))
    if column.max is not None:
        rules.append(Rule(column.name, f"max: {column.max:g}", value > column.max))
    return rules


def header_rules(contract: DatasetContract, header: list[str]) -> list[Rule]:
    """Rules that every row of a file breaks when its header does not fit."""
    known = [column.name for column in contract.columns]
    always = pl.lit(value=True)
    missing = [Rule("", f"missing column: {name}", always) for name in known if name not in header]
    unknown = [Rule(name, "unknown column", always) for name in header if name not in known]
    return missing + unknown

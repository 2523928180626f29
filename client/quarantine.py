"""Rows that were set aside, with every reason why."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Reason:
    """A rule of the contract that a row breaks; `column` is empty where the rule is about the row or the file."""

    column: str
    rule: str
    value: str | None


@dataclass(frozen=True)
class Rejected:
    """One row in quarantine: `number` counts the file's rows and `line` its lines from 1, `raw` is as it was."""

    number: int
    line: int
    raw: bytes
    reasons: tuple[Reason, ...]


def read_rejected(parquet: bytes) -> list[Rejected]:
    rows = pl.read_parquet(io.BytesIO(parquet)).sort("row").iter_rows(named=True)
    return [
        Rejected(row["row"], row["line"], row["raw"], tuple(Reason(**reason) for reason in row["reasons"]))
        for row in rows
    ]


@dataclass(frozen=True)
class BrokenRule:
    """One rule, how many rows broke it, and the first of them."""

    column: str
    rule: str
    rows: int
    first_row: int
    first_value: str | None


def broken_rules(rejected: Sequence[Rejected]) -> list[BrokenRule]:
    """The rules that were broken, in the order of their first row."""
    by_rule: dict[tuple[str, str], list[tuple[int, str | None]]] = {}
    for row in rejected:
        for reason in row.reasons:
            by_rule.setdefault((reason.column, reason.rule), []).append((row.number, reason.value))
    return [BrokenRule(column, rule, len(rows), *rows[0]) for (column, rule), rows in by_rule.items()]

"""Rows that were set aside, with every reason why."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from rich.table import Table


@dataclass(frozen=True)
class Reason:
    """A rule of the contract that a row breaks; `column` is empty where the rule is about the row or the file."""

    column: str
    rule: str
    value: str | None

    def __str__(self) -> str:
        value = "" if self.value is None else f" (found {self.value!r})"
        return f"{self.column}: {self.rule}{value}" if self.column else f"{self.rule}{value}"


@dataclass(frozen=True)
class Rejected:
    """One row in quarantine; `number` counts the file's data rows from 1."""

    number: int
    data: dict[str, str | None]
    reasons: tuple[Reason, ...]


def read_rejected(parquet: bytes) -> list[Rejected]:
    rows = pl.read_parquet(io.BytesIO(parquet)).iter_rows(named=True)
    return [
        Rejected(row["row"], json.loads(row["data"]), tuple(Reason(**reason) for reason in row["reasons"]))
        for row in rows
    ]


def table(rejected: Sequence[Rejected], uri: str) -> Table:
    view = Table(title=f"quarantined at {uri}", title_justify="left")
    view.add_column("row", justify="right")
    view.add_column("broken rules", overflow="fold")
    for row in rejected:
        view.add_row(str(row.number), "\n".join(map(str, row.reasons)))
    return view

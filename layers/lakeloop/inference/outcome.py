"""What would become of a file under a contract: the gate's own verdict, counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from lakeloop.contract import DatasetContract
from lakeloop.inference.landed import Landed
from lakeloop.ingest.transform import transform
from lakeloop.ingest.transformed import TransformedFile
from lakeloop.lake.layout import SPLITS

ANY_ROW = ""


@dataclass(frozen=True)
class Reason:
    """A rule that rows break: how many of them, and where the first one is."""

    column: str
    rule: str
    rows: int
    first_line: int
    first_value: str | None


@dataclass(frozen=True)
class Outcome:
    """`rows_in` = `committed` + `quarantined`. `classes` are rows by class and split; regression has one class."""

    rows_in: int
    committed: int
    quarantined: int
    reasons: tuple[Reason, ...]
    classes: Mapping[str, Mapping[str, int]]
    notes: Mapping[str, int]


def outcome_of(contract: DatasetContract, landed: Landed) -> Outcome:
    """Raises UnreadableObjectError where the file is no table."""
    with TemporaryDirectory(prefix="lakeloop-check-") as folder:
        result = transform(contract, landed.open, landed.name, Path(folder))
        return Outcome(
            rows_in=result.rows_in,
            committed=result.rows_committed,
            quarantined=result.rows_quarantined,
            reasons=_reasons(result.quarantine),
            classes=_classes(contract, result),
            notes=result.notes,
        )


def _reasons(quarantine: Path | None) -> tuple[Reason, ...]:
    """Most frequent first."""
    if quarantine is None:
        return ()
    counted = (
        pl.scan_parquet(quarantine)
        .select("row", "line", "reasons")
        .explode("reasons")
        .unnest("reasons")
        .sort("row")
        .group_by("column", "rule", maintain_order=True)
        .agg(pl.col("row").n_unique().alias("rows"), pl.col("line").first(), pl.col("value").first())
        .sort("rows", descending=True, maintain_order=True)
        .collect()
    )
    return tuple(
        Reason(row["column"], row["rule"], row["rows"], row["line"], row["value"])
        for row in counted.iter_rows(named=True)
    )


def _classes(contract: DatasetContract, result: TransformedFile) -> dict[str, dict[str, int]]:
    """Each class of the contract in its order, also one that no row has."""
    if not contract.classes:
        return {ANY_ROW: {split: result.counts.rows.get(split, 0) for split in SPLITS}}
    counted = {split: result.counts.classes.get(split, {}) for split in SPLITS}
    return {word: {split: counted[split].get(word, 0) for split in SPLITS} for word in contract.classes}

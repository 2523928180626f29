"""Of 50 public tables nothing stands on both sides of a split: no key, no equal row, no group."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
import pytest

from bench.tables.sources import Source, sources
from lakeloop.contract import DatasetContract
from lakeloop.inference.infer import infer
from lakeloop.ingest.transform import transform
from tests.data import ROOT
from tests.unit.inference.files import landed

TABLES = 50
FEWEST_ROWS = 20
ENVIRONMENT = ROOT / ".local" / "venvs" / "bench"


def some_tables() -> Iterator[Source]:
    """From all over the package, those whose rows are few enough to look at and enough to split."""
    tables = [source for source in sources(ENVIRONMENT) if FEWEST_ROWS < source.body.count(b"\n") < 20_000]
    return iter(tables[:: len(tables) // TABLES][:TABLES])


def rows_with_splits(contract: DatasetContract, source: Source, folder: Path) -> pl.DataFrame:
    result = transform(contract, landed(source.body).open, source.file, folder)
    frames = [
        pl.read_parquet(path).with_columns(pl.lit(split).alias("_split"))
        for part in result.ranges
        for split, path in part.rows.items()
    ]
    return pl.concat(frames)


def on_both_sides(rows: pl.DataFrame, names: Sequence[str]) -> int:
    """How many values of these columns stand in more than one split."""
    splits = rows.group_by(names).agg(pl.col("_split").n_unique().alias("splits"))
    return splits.filter(pl.col("splits") > 1).height


def kept_together(contract: DatasetContract) -> Iterator[Sequence[str]]:
    """Columns whose equal values must share a split."""
    if contract.splits.columns:
        yield contract.splits.columns
        return
    if contract.row_key:
        yield contract.row_key
    if not contract.row_key or contract.splits.by == "values":
        yield [column.name for column in contract.kept if column.name not in contract.row_key]


@pytest.mark.long
def test_nothing_of_fifty_public_tables_stands_on_both_sides_of_a_split(tmp_path: Path) -> None:
    assert ENVIRONMENT.is_dir(), "the tables are missing: run `make .local/venvs/bench/installed`"
    leaking, grouped, looked = [], 0, 0

    for source in some_tables():
        contract = infer([landed(source.body, source.file)]).contract
        rows = rows_with_splits(contract, source, tmp_path)
        looked += 1
        grouped += bool(contract.splits.columns)
        leaking += [f"{source.name}: {names}" for names in kept_together(contract) if on_both_sides(rows, names)]

    assert leaking == []
    assert looked == TABLES
    assert grouped > 0


def test_a_key_in_two_splits_is_seen() -> None:
    rows = pl.DataFrame({"id": ["a", "a", "b"], "_split": ["train", "test", "train"]})

    assert on_both_sides(rows, ["id"]) == 1

"""`rows/` reads as one table: by address in S3, as lakeFS tells it, with the readers that people have."""

import uuid
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pytest

from lakeloop.ingest.service import IngestService
from tests.contract.lakefs.lakes import adapter, make
from tests.contract.lakefs.servers import Server
from tests.data import tiny, tiny_csv
from tests.fakes import (
    MemoryArtifacts,
    MemoryContracts,
    MemoryLanding,
    MemoryListing,
    MemoryPublisher,
    message,
    notification,
    turns,
)
from tests.world import ROWS

Reader = Callable[[list[str]], list[tuple[str, float]]]


def by_polars(files: list[str]) -> list[tuple[str, float]]:
    scan = pl.scan_parquet(files, missing_columns="insert", extra_columns="ignore", glob=False)
    return scan.select("id", "f").collect().rows()


def by_pandas(files: list[str]) -> list[tuple[str, float]]:
    table = pd.concat(pd.read_parquet(file) for file in files)
    return list(table[["id", "f"]].itertuples(index=False, name=None))


def by_duckdb(files: list[str]) -> list[tuple[str, float]]:
    return duckdb.execute(f"select id, f from read_parquet({files!r}, union_by_name=true)").fetchall()  # noqa: S608


@pytest.fixture
def files(server: Server, tmp_path: Path) -> list[str]:
    """All objects below rows/ of a lake to which two contracts wrote, the second with a column more."""
    lake, prefix = adapter(server), f"r{uuid.uuid4().hex[:8]}"
    make(server, f"{prefix}-tiny")
    landing, younger = MemoryLanding(), {"name": "z", "type": "float", "nullable": True}
    for contract, rows in (
        (tiny(), ROWS[:10]),
        (tiny(columns=[*(column.model_dump(exclude_unset=True) for column in tiny().columns), younger]), ROWS[10:]),
    ):
        service = IngestService(
            landing=landing,
            listing=MemoryListing(landing),
            contracts=MemoryContracts(contract),
            artifacts=MemoryArtifacts(),
            lake=lake,
            publisher=MemoryPublisher(),
            name_prefix=prefix,
            git_sha="abc",
            max_object_bytes=1_000_000,
        )
        key = f"incoming/tiny/{len(landing.versions)}.csv"
        version = landing.drop(key, tiny_csv(*rows))
        assert service.handle([message(notification(key, version))], turns()) == {}
    found = [entry.path for entry in lake.objects(f"{prefix}-tiny", "main", "rows/")]
    local = [tmp_path / str(number) for number in range(len(found))]
    for path, file in zip(found, local, strict=True):
        assert lake.download(f"{prefix}-tiny", "main", path, file)
    return list(map(str, local))


@pytest.mark.parametrize("read", [by_polars, by_pandas, by_duckdb])
def test_rows_read_as_one_table(files: list[str], read: Reader) -> None:
    expected = [(row.split(",")[0], float(row.split(",")[2])) for row in ROWS]

    assert sorted(read(files)) == sorted(expected)

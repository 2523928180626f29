"""Under `append` a key may come in two files: both rows are on main, and somebody should know."""

from pathlib import Path

import polars as pl

from lakeloop.contract import DatasetContract
from lakeloop.ingest.placing import key_texts
from lakeloop.lake.index import Index
from lakeloop.lake.layout import ROWS, SOURCE_COLUMN
from lakeloop.lake.ports import Lake
from lakeloop.scratch import scratch

# Keys are held in memory, as 64 bits of hash each; beyond that nothing is said.
MOST_ROWS = 5_000_000


def are_told(contract: DatasetContract) -> bool:
    """Whether a key that comes in two files is a complaint; not where the newest row replaces, or keys may repeat."""
    return contract.delivery == "append" and bool(contract.row_key) and contract.repeated != "keep"


def keys_in_several_files(lake: Lake, repository: str, commit: str, contract: DatasetContract) -> int:
    """How many keys stand in more than one file at a commit; none where they are not told, or rows are too many."""
    if not are_told(contract):
        return 0
    if Index(lake, repository, commit).counts().total > MOST_ROWS:
        return 0
    schema = {"key": pl.UInt64, "source": pl.UInt64}
    seen = [pl.DataFrame(schema=schema)]
    with scratch() as folder:
        file = Path(folder) / "rows.parquet"
        for entry in lake.objects(repository, commit, f"{ROWS}/"):
            lake.download(repository, commit, entry.path, file)
            rows = pl.read_parquet(file, columns=[*contract.row_key, SOURCE_COLUMN])
            found = {"key": key_texts(contract, rows).hash(), "source": rows[SOURCE_COLUMN].hash()}
            seen.append(pl.DataFrame(found, schema=schema))
    sources = pl.concat(seen).unique().group_by("key").len()
    return sources.filter(pl.col("len") > 1).height

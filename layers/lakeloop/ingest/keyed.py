"""Upsert: main has one row for each key, the newest, at every commit.

Rows lie in buckets by a digest of their key. A delivery reads the buckets that its keys fall into, keeps the newest row
of each key, and writes those buckets anew; so the rows of one key are found with one read of a bucket.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import polars as pl

from lakeloop.contract import DatasetContract
from lakeloop.errors import PermanentError
from lakeloop.ingest.cells import DTYPES
from lakeloop.ingest.placing import key_texts
from lakeloop.ingest.prepared import Prepared
from lakeloop.ingest.ranges import Ranges, slices
from lakeloop.ingest.shelf import Shelf
from lakeloop.lake.index import Counts, Index, Writer
from lakeloop.lake.layout import KEYS, LANDED_COLUMN, ROWS, SOURCE_COLUMN, place

# A bucket is worked on in memory: neither many rows nor wide ones may fill it.
BUCKET_ROWS = 100_000
BUCKET_BYTES = 8 * 1024 * 1024
# What one delivery may have to read and write anew within the function's time: `make bench-upsert`.
MOST_ROWS = 10_000_000
MOST_BYTES = 256 * 1024 * 1024
MEBIBYTE = 1024 * 1024

SPLIT, KEY, BUCKET, ARRIVING = "_split", "_key", "_bucket", "_arriving"


class Size(NamedTuple):
    rows: int
    bytes: int

    def __add__(self, other: tuple[int, int]) -> "Size":  # type: ignore[override]
        return Size(self.rows + other[0], self.bytes + other[1])


@dataclass(frozen=True)
class Replacement:
    """What became of rows: those that a newer row replaced, those of them that were equal to it, and those that came
    but are older than what main has."""

    replaced: int = 0
    equal: int = 0
    older: int = 0

    def __add__(self, other: "Replacement") -> "Replacement":
        return Replacement(self.replaced + other.replaced, self.equal + other.equal, self.older + other.older)


def upsert(shelf: Shelf, index: Index, files: Sequence[Prepared]) -> Replacement:
    """Put the files on the branch. Raises PermanentError where that is more than a function can do."""
    sizes = _sizes(shelf)
    before = index.writer.places
    there = Size(sum(counts.total for counts in index.writer.counts), sum(sizes.values()))
    coming = Size(sum(file.source.rows_committed for file in files), sum(file.size_bytes for file in files))
    whole = there + coming
    # More buckets mean that all rows move; where that is too much, buckets grow instead.
    count = max(len(before), _buckets(whole) if not (before and _too_large(whole)) else 0)
    withdrawn = [entry.uri for file in files if (entry := index.get(file.landed.source_id))]
    spill = Spill(shelf.contract, shelf.new_folder(), count)
    for file in sorted(files, key=lambda file: file.age):
        for part in file.result.ranges:
            for split, path in part.rows.items():
                spill.add(split, path, arriving=True)
    everywhere = bool(withdrawn) or count != len(before)
    touched = [bucket for bucket, where in enumerate(before) if where and (everywhere or bucket in spill.buckets)]
    rows = sum(index.writer.counts[bucket].total for bucket in touched)
    _refuse_too_large(Size(rows, sum(sizes.get(before[bucket], 0) for bucket in touched)) + coming)
    for bucket in touched:
        for split, path in shelf.rows(before[bucket]):
            spill.add(split, path, arriving=False, without=withdrawn)
            path.unlink()
        shelf.drop(before[bucket])
    places = list(before) if count == len(before) else [""] * count
    counts = list(index.writer.counts) if count == len(before) else [Counts()] * count
    for bucket in touched if count == len(before) else ():
        places[bucket], counts[bucket] = "", Counts()
    identities = [*before, *(file.identity for file in files)]
    told = Replacement()
    for bucket, rows_of_bucket in spill.finish():
        where = place(KEYS, [str(bucket), *identities])
        became, counts[bucket] = _newest(shelf, where, rows_of_bucket)
        places[bucket] = where if counts[bucket].total else ""
        told += became
    for file in files:
        index.put(file.landed.source_id, file.entry())
    index.writer = Writer(places=tuple(places), counts=tuple(counts))
    return told + Replacement(replaced=spill.withdrawn)


class Spill:
    """Rows on the disk, by the bucket of their key; what main has comes first."""

    def __init__(self, contract: DatasetContract, folder: Path, count: int) -> None:
        self._contract = contract
        self._count = count
        self._folder = folder
        self._parts: list[list[Path]] = [[] for _ in range(count)]
        self.buckets: set[int] = set()
        self.withdrawn = 0

    def add(self, split: str, file: Path, *, arriving: bool, without: Sequence[str] = ()) -> None:
        for rows in slices(file):
            kept = aligned(self._contract, rows.filter(~pl.col(SOURCE_COLUMN).is_in(without)))
            self.withdrawn += rows.height - kept.height
            keys = key_texts(self._contract, kept).alias(KEY)
            buckets = pl.Series(BUCKET, [crc32(key.encode()) % self._count for key in keys], pl.UInt32)
            marks = [pl.lit(split).alias(SPLIT), pl.lit(arriving).alias(ARRIVING)]
            marked = kept.with_columns(*marks, keys, buckets)
            for (bucket,), some in marked.partition_by(BUCKET, as_dict=True, include_key=False).items():
                self.buckets.add(bucket)
                parts = self._parts[bucket]
                parts.append(self._folder / f"{bucket}-{len(parts)}.parquet")
                some.write_parquet(parts[-1], compression="zstd")

    def finish(self) -> Iterator[tuple[int, pl.DataFrame]]:
        """The rows of each bucket that has some."""
        for bucket, parts in enumerate(self._parts):
            if parts:
                yield bucket, pl.concat((pl.read_parquet(part) for part in parts), how="diagonal")
                for part in parts:
                    part.unlink()


def aligned(contract: DatasetContract, rows: pl.DataFrame) -> pl.DataFrame:
    """The columns of the contract, null where rows are older than a column, then those that it has no longer."""
    kept = {column.name for column in contract.kept}
    return rows.select(
        *(
            (pl.col(column.name) if column.name in rows.columns else pl.lit(None).alias(column.name)).cast(
                DTYPES[column.type]
            )
            for column in contract.kept
        ),
        *(name for name in rows.columns if name not in kept),
    )


def _newest(shelf: Shelf, where: str, rows: pl.DataFrame) -> tuple[Replacement, Counts]:
    """Write the newest row of each key of a bucket."""
    contract = shelf.contract
    order = [*([contract.newest] if contract.newest else []), LANDED_COLUMN, SOURCE_COLUMN]
    rows = rows.sort(order, nulls_last=False, maintain_order=True)
    kept = rows.unique(KEY, keep="last", maintain_order=True)
    ranges = Ranges(contract, shelf.new_folder(), range_bytes=math.inf)
    ranges.add(kept.drop(SPLIT, KEY, ARRIVING), kept[SPLIT])
    for part in ranges.finish():
        shelf.put(where, part)
    return _told(contract, rows, kept), ranges.counts


def _told(contract: DatasetContract, rows: pl.DataFrame, kept: pl.DataFrame) -> Replacement:
    there, arriving = rows.filter(~pl.col(ARRIVING)), rows.filter(ARRIVING)
    replaced = there.join(kept.filter(ARRIVING), on=KEY, suffix="_new")
    names = [column.name for column in contract.kept]
    equal = replaced.select(pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"{name}_new")) for name in names).sum())
    return Replacement(
        replaced=replaced.height,
        equal=int(equal.item()),
        older=arriving.height - kept.filter(ARRIVING).height,
    )


def _sizes(shelf: Shelf) -> dict[str, int]:
    """The bytes of rows at each place, by the name of the place."""
    sizes: dict[str, int] = {}
    for found in shelf.lake.objects(shelf.repository, shelf.branch, f"{ROWS}/"):
        name = Path(found.path).stem
        sizes[name] = sizes.get(name, 0) + found.size_bytes
    return sizes


def _buckets(size: Size) -> int:
    """A power of two, so that few sizes ask for all rows to be moved."""
    buckets = max(size.rows / BUCKET_ROWS, size.bytes / BUCKET_BYTES)
    return 2 ** math.ceil(math.log2(buckets)) if buckets > 1 else 1


def _too_large(size: Size) -> bool:
    return size.rows > MOST_ROWS or size.bytes > MOST_BYTES


def _refuse_too_large(size: Size) -> None:
    if _too_large(size):
        raise PermanentError(
            f"under `delivery: upsert` this delivery would read and write {size.rows:,} rows of "
            f"{size.bytes / MEBIBYTE:,.0f} MiB anew, more than the {MOST_ROWS:,} of {MOST_BYTES / MEBIBYTE:,.0f} that "
            "the function can work through: divide the dataset by a part of its key, or deliver it with `append` and "
            "keep the newest rows when you read"
        )

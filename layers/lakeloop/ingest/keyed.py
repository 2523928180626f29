"""Upsert: main has one row for each key, the newest, at every commit.

Rows lie in buckets by a digest of their key. A delivery reads the buckets that its keys fall into, keeps the newest row
of each key, and writes those buckets anew; so the rows of one key are found with one read of a bucket.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import polars as pl

from lakeloop.contract import DatasetContract
from lakeloop.errors import PermanentError
from lakeloop.ingest.cells import DTYPES
from lakeloop.ingest.placing import key_texts, split_names
from lakeloop.ingest.prepared import Prepared
from lakeloop.ingest.ranges import Ranges, slices
from lakeloop.ingest.shelf import Shelf
from lakeloop.lake.borders import laid
from lakeloop.lake.index import Counts, Index, Writer
from lakeloop.lake.layout import KEYS, LANDED_COLUMN, ROWS, SOURCE_COLUMN, place, sizes_of

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


@dataclass(frozen=True)
class Returning:
    """Rows that were on main before and come back, as files by split; `named` says where they were read."""

    named: str
    rows: Sequence[tuple[str, Path]]


def upsert(
    shelf: Shelf,
    index: Index,
    files: Sequence[Prepared],
    *,
    leaving: Sequence[str] = (),
    returning: Sequence[Returning] = (),
) -> Replacement:
    """Put the files on the branch, and take off it the rows of files that leave, by their addresses.

    Rows that return are there as if they had never been replaced. Raises PermanentError where that is more than a
    function can do.
    """
    before = index.writer
    sizes = sizes_of(shelf.lake.objects(shelf.repository, shelf.branch, f"{ROWS}/"))
    coming = Size(sum(file.source.rows_committed for file in files), sum(file.size_bytes for file in files))
    whole = coming + Size(sum(counts.total for counts in before.counts), sum(sizes.values()))
    # More buckets mean that all rows move; where that is too much, buckets grow instead.
    grown = len(before.places) if before.places and _too_large(whole) else _buckets(whole)
    spill = Spill(shelf.contract, shelf.new_folder(), max(len(before.places), grown))
    for file in sorted(files, key=lambda file: file.age):
        for part in file.result.ranges:
            for split, path in part.rows.items():
                spill.add(split, path, arriving=True)
    for split, path in (pair for some in returning for pair in some.rows):
        spill.add(split, path, arriving=True)
    leaving = [*leaving, *(entry.uri for file in files if (entry := index.get(file.landed.source_id)))]
    everywhere = bool(leaving) or spill.count != len(before.places)
    touched = [n for n, where in enumerate(before.places) if where and (everywhere or n in spill.buckets)]
    rows = sum(before.counts[bucket].total for bucket in touched)
    _refuse_too_large(coming + Size(rows, sum(sizes[before.places[bucket]] for bucket in touched)))
    for bucket in touched:
        for split, path in shelf.rows(before.places[bucket]):
            spill.add(split, path, arriving=False)
            path.unlink()
        shelf.drop(before.places[bucket])
    untouched = set() if everywhere else set(range(spill.count)) - {*touched}
    known = dict(enumerate(before.borders))
    stay = {n: Bucket(before.places[n], before.counts[n], known.get(n, ())) for n in untouched}
    identities = [*before.places, *leaving, *(some.named for some in returning), *(file.identity for file in files)]
    told, index.writer = _written(shelf, spill, stay, identities, leaving)
    for file in files:
        index.put(file.landed.source_id, file.entry())
    return told


def _written(
    shelf: Shelf,
    spill: "Spill",
    stay: Mapping[int, "Bucket"],
    identities: Sequence[str],
    leaving: Sequence[str],
) -> tuple[Replacement, Writer]:
    """Write the buckets that have rows in the spill, beside those that stay."""
    buckets, told = dict(stay), Replacement()
    for bucket, rows in spill.finish():
        where = place(KEYS, [str(bucket), *identities])
        became, counts = _newest(shelf, where, rows, leaving)
        buckets[bucket] = Bucket(where if counts.total else "", counts, laid(shelf.contract))
        told += became
    places, counts_of, borders = zip(*(buckets.get(n, Bucket()) for n in range(spill.count)), strict=True)
    return told, Writer(places=places, counts=counts_of, borders=borders if laid(shelf.contract) else ())


class Bucket(NamedTuple):
    """The rows of some keys: where they lie, how many there are, and the borders of the split by time, if any."""

    place: str = ""
    counts: Counts = Counts()
    borders: tuple[str, ...] = ()


class Spill:
    """Rows on the disk, by the bucket of their key."""

    def __init__(self, contract: DatasetContract, folder: Path, count: int) -> None:
        self._contract = contract
        self.count = count
        self._folder = folder
        self._parts: list[list[Path]] = [[] for _ in range(count)]
        self.buckets: set[int] = set()

    def add(self, split: str, file: Path, *, arriving: bool) -> None:
        for rows in map(partial(aligned, self._contract), slices(file)):
            keys = key_texts(self._contract, rows).alias(KEY)
            buckets = pl.Series(BUCKET, [crc32(key.encode()) % self.count for key in keys], pl.UInt32)
            marks = [pl.lit(split).alias(SPLIT), pl.lit(arriving).alias(ARRIVING)]
            marked = rows.with_columns(*marks, keys, buckets)
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


def _newest(shelf: Shelf, where: str, rows: pl.DataFrame, leaving: Sequence[str]) -> tuple[Replacement, Counts]:
    """Write the newest row of each key of a bucket; main's rows of files that come again do not count."""
    contract = shelf.contract
    order = [*([contract.newest] if contract.newest else []), LANDED_COLUMN, SOURCE_COLUMN]
    stay = rows.filter(pl.col(ARRIVING) | ~pl.col(SOURCE_COLUMN).is_in(leaving))
    kept = stay.sort(order, nulls_last=False, maintain_order=True).unique(KEY, keep="last", maintain_order=True)
    told = _told(contract, rows, kept)
    ranges = Ranges(contract, shelf.new_folder(), range_bytes=math.inf)
    rows = kept.drop(SPLIT, KEY, ARRIVING)
    # Rows that were there may lie by earlier borders of a split by time.
    ranges.add(rows, split_names(contract, rows) if laid(contract) else kept[SPLIT])
    for part in ranges.finish():
        shelf.put(where, part)
    return told, ranges.counts


def _told(contract: DatasetContract, rows: pl.DataFrame, kept: pl.DataFrame) -> Replacement:
    there, came = rows.filter(~pl.col(ARRIVING)), kept.filter(ARRIVING)
    replaced = there.join(came, on=KEY, suffix="_new")
    names = [column.name for column in contract.kept]
    equal = replaced.select(pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"{name}_new")) for name in names).sum())
    return Replacement(
        replaced=there.height - (kept.height - came.height),
        equal=int(equal.item()),
        older=rows.height - there.height - came.height,
    )


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

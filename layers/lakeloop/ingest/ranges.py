"""Typed rows written as Parquet, range by range, split by split, with the features that a recipe makes of them."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from lakeloop.contract import DatasetContract
from lakeloop.ingest.features import features_frame
from lakeloop.ingest.parquet_parts import ParquetParts
from lakeloop.lake.index import Counts
from lakeloop.lake.layout import ALL_SPLITS, SPLITS

# A range of a file: work of ten to twenty seconds, so that it is little to do again, and few objects for lakeFS.
RANGE_BYTES = 128 * 1024 * 1024
# Rows that are taken up again, at a time: some ten megabytes of memory.
SLICE_ROWS = 100_000


@dataclass(frozen=True)
class Range:
    """A part of a file as Parquet files by split: typed rows, and Float32 with the label first."""

    rows: Mapping[str, Path]
    features: Mapping[str, Path]

    @property
    def paths(self) -> list[Path]:
        return [*self.rows.values(), *self.features.values()]


class Ranges:
    """Rows as they come, cut into ranges of so many bytes of the file."""

    def __init__(self, contract: DatasetContract, folder: Path, range_bytes: float = RANGE_BYTES) -> None:
        self._contract = contract
        self._folder = folder
        self._range_bytes = range_bytes
        self._passed = 0
        self._finished: list[Range] = []
        self._rows: Counter[str] = Counter()
        self._labelled: Counter[str] = Counter()
        self._classes: dict[str, Counter[str]] = defaultdict(Counter)
        self._begin()

    def add(self, rows: pl.DataFrame, split: pl.Series) -> None:
        """Rows of one block with their splits."""
        for name in ALL_SPLITS:
            some = rows.filter(split == name)
            if some.is_empty():
                continue
            self._rows[name] += some.height
            self._row_parts[name].add(some)
            if self._contract.problem and name in SPLITS:
                features = features_frame(self._contract, some)
                self._labelled[name] += features.height
                self._feature_parts[name].add(features)
                self._count_classes(name, some)

    def passed(self, size: int) -> None:
        """So many bytes of the file were read."""
        self._passed += size
        if self._passed >= self._range_bytes:
            self._end()
            self._begin()

    def finish(self) -> list[Range]:
        self._end()
        return self._finished

    @property
    def counts(self) -> Counts:
        return Counts(dict(self._rows), dict(self._labelled), {name: dict(n) for name, n in self._classes.items()})

    def _count_classes(self, split: str, rows: pl.DataFrame) -> None:
        if self._contract.classes:
            labels = rows[self._contract.label_column.name].drop_nulls().cast(pl.String)
            self._classes[split].update(dict(labels.alias("class").value_counts(name="rows").iter_rows()))

    def _begin(self) -> None:
        number = len(self._finished)
        self._passed = 0
        self._row_parts = {name: ParquetParts(self._folder, f"rows-{name}-{number}") for name in ALL_SPLITS}
        self._feature_parts = {name: ParquetParts(self._folder, f"features-{name}-{number}") for name in SPLITS}

    def _end(self) -> None:
        ended = Range(_written(self._row_parts), _written(self._feature_parts))
        if ended.rows:
            self._finished.append(ended)


def slices(file: Path, rows: int = SLICE_ROWS) -> Iterator[pl.DataFrame]:
    """The rows of a Parquet file, so many at a time."""
    scan = pl.scan_parquet(file, glob=False)
    for start in range(0, scan.select(pl.len()).collect().item(), rows):
        yield scan.slice(start, rows).collect()


def _written(parts: Mapping[str, ParquetParts]) -> dict[str, Path]:
    return {split: path for split, written in parts.items() if (path := written.finish())}

"""Typed rows written as Parquet, range by range, split by split, with the features that a recipe makes of them."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
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
# Fewer rows wait for others: what a delivery of 250 small files holds in memory is some 60 megabytes at most.
FEW_BYTES = 256 * 1024
SPLIT = "_split"


@dataclass(frozen=True)
class Range:
    """A part of a file as Parquet files by split: typed rows, and Float32 with the label first."""

    rows: Mapping[str, Path]
    features: Mapping[str, Path]

    @property
    def paths(self) -> list[Path]:
        return [*self.rows.values(), *self.features.values()]


class Tallies:
    """Rows by split, those of them with a label, and those of each class."""

    def __init__(self, contract: DatasetContract) -> None:
        self._rows: Counter[str] = Counter()
        self._labelled: Counter[str] = Counter()
        self._classes: dict[str, Counter[str]] = defaultdict(Counter)
        self._label: pl.Expr = pl.lit(None)
        self._has_classes = bool(contract.classes)
        if contract.problem:
            label = pl.col(contract.label_column.name)
            self._label = label.cast(pl.String) if self._has_classes else pl.when(label.is_not_null()).then(pl.lit(""))

    def add(self, rows: pl.DataFrame) -> None:
        """Rows with their SPLIT."""
        counted = rows.group_by(SPLIT, self._label.alias("label")).len()
        for split, label, count in sorted(counted.iter_rows(), key=str):
            self._rows[split] += count
            if label is not None and split in SPLITS:
                self._labelled[split] += count
                if self._has_classes:
                    self._classes[split][label] += count

    @property
    def counts(self) -> Counts:
        return Counts(dict(self._rows), dict(self._labelled), {name: dict(n) for name, n in self._classes.items()})


class Ranges:
    """Rows as they come, cut into ranges of so many bytes of the file."""

    def __init__(self, contract: DatasetContract, folder: Path, range_bytes: float = RANGE_BYTES) -> None:
        self._contract = contract
        self._folder = folder
        self._range_bytes = range_bytes
        self._passed = 0
        self._waiting: list[pl.DataFrame] = []
        self._waiting_bytes = 0
        self._is_few = True
        self._finished: list[Range] = []
        self._tallies = Tallies(contract)
        self._begin()

    def add(self, rows: pl.DataFrame, split: pl.Series) -> None:
        """Rows of one block with their splits."""
        if rows.is_empty():
            return
        rows = rows.hstack([split.alias(SPLIT)])
        self._tallies.add(rows)
        self._waiting.append(rows)
        self._waiting_bytes += int(rows.estimated_size())
        if self._waiting_bytes > FEW_BYTES:
            self._write()

    def passed(self, size: int) -> None:
        """So many bytes of the file were read."""
        self._passed += size
        if self._passed >= self._range_bytes:
            self._end()
            self._begin()

    def few(self) -> pl.DataFrame | None:
        """All rows with their SPLIT, where they are so few that none is written yet."""
        return pl.concat(self._waiting) if self._waiting and self._is_few else None

    def close(self) -> None:
        """No more rows will come; few are left as they are."""
        if not self._is_few:
            self._end()

    def finish(self) -> list[Range]:
        """Write what waits; asked again it answers the same."""
        self._end()
        return self._finished

    @property
    def counts(self) -> Counts:
        return self._tallies.counts

    def _begin(self) -> None:
        number = len(self._finished)
        self._passed = 0
        self._row_parts = {name: ParquetParts(self._folder, f"rows-{name}-{number}") for name in ALL_SPLITS}
        self._feature_parts = {name: ParquetParts(self._folder, f"features-{name}-{number}") for name in SPLITS}

    def _write(self) -> None:
        rows = pl.concat(self._waiting)
        split = rows.drop_in_place(SPLIT)
        self._waiting, self._waiting_bytes, self._is_few = [], 0, False
        for name in ALL_SPLITS:
            some = rows.filter(split == name)
            self._row_parts[name].add(some)
            if self._contract.problem and name in SPLITS and some.height:
                self._feature_parts[name].add(features_frame(self._contract, some))

    def _end(self) -> None:
        if self._waiting:
            self._write()
        ended = Range(_written(self._row_parts), _written(self._feature_parts))
        if ended.rows:
            self._finished.append(ended)
        self._row_parts, self._feature_parts = {}, {}


def slices(file: Path, rows: int = SLICE_ROWS, columns: Sequence[str] = ()) -> Iterator[pl.DataFrame]:
    """The rows of a Parquet file, so many at a time, with all or some of their columns."""
    scan = pl.scan_parquet(file, glob=False)
    if columns:
        scan = scan.select(columns)
    for start in range(0, scan.select(pl.len()).collect().item(), rows):
        yield scan.slice(start, rows).collect()


def _written(parts: Mapping[str, ParquetParts]) -> dict[str, Path]:
    return {split: path for split, written in parts.items() if (path := written.finish())}

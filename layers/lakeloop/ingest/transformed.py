"""What became of one landed file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from lakeloop.ingest.ranges import SPLIT, Range, Ranges, slices
from lakeloop.lake.index import Counts


@dataclass(frozen=True)
class TransformedFile:
    """What became of one file: `rows_in` = `rows_committed` + `rows_quarantined`, whatever was in it.

    `notes` count what was done in silence: "ignored column: x", "comment lines".
    """

    rows_in: int
    rows_committed: int
    rows_quarantined: int
    sha256: str
    counts: Counts
    quarantine: Path | None
    notes: Mapping[str, int]
    written: Ranges

    @property
    def ranges(self) -> Sequence[Range]:
        """The rows and features as files; few rows are written when they are asked for."""
        return self.written.finish()

    def rows(self) -> Iterator[tuple[pl.DataFrame, pl.Series]]:
        """The rows with their splits, some at a time; few rows were never written."""
        if (few := self.written.few()) is not None:
            yield few.drop(SPLIT), few[SPLIT]
            return
        for split, file in self._files():
            for some in slices(file):
                yield some, pl.repeat(split, some.height, eager=True)

    def columns(self, names: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Some columns of the rows, some rows at a time."""
        if (few := self.written.few()) is not None:
            yield few.select(names)
            return
        for _, file in self._files():
            yield from slices(file, columns=names)

    def _files(self) -> Iterator[tuple[str, Path]]:
        return ((split, file) for part in self.ranges for split, file in part.rows.items())

    @property
    def is_one(self) -> bool:
        """Whether the rows are one range, be it written or not."""
        return self.written.few() is not None or len(self.ranges) == 1

    @property
    def size_bytes(self) -> int:
        """What the rows and features take on the disk, or few rows in memory."""
        if (few := self.written.few()) is not None:
            return int(few.estimated_size())
        return sum(path.stat().st_size for part in self.ranges for path in part.paths)

    def remove(self) -> None:
        """Give the disk back."""
        if self.written.few() is None:
            for path in (path for part in self.ranges for path in part.paths):
                path.unlink(missing_ok=True)

    def forget(self) -> None:
        """Give the disk back, that of the quarantine too."""
        self.remove()
        if self.quarantine:
            self.quarantine.unlink()

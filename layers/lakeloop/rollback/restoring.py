"""What a delivery replaced, from the commit before it back onto a branch."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from lakeloop.errors import UnreadableObjectError
from lakeloop.ingest.keyed import Returning
from lakeloop.ingest.placing import key_texts
from lakeloop.ingest.ranges import Ranges, slices
from lakeloop.ingest.shelf import Shelf
from lakeloop.lake.index import Entry, Index
from lakeloop.lake.layout import FILE, PACK, SOURCE_COLUMN, place
from lakeloop.rollback.target import Unwanted


def put_back(shelf: Shelf, then: Shelf, entry: Entry) -> Entry:
    """Put a file back as it lay at an earlier commit, in a place of its own; what the index tells of it now.

    Raises UnreadableObjectError where its rows are not all there.
    """
    where = place(FILE if entry.ranges else PACK, [entry.content])
    rows = 0
    for number in entry.ranges or (None,):
        ranges = Ranges(shelf.contract, shelf.new_folder(), range_bytes=math.inf)
        for split, file in then.rows(entry.place, number):
            for some in slices(file):
                own = some.filter(pl.col(SOURCE_COLUMN) == entry.uri)
                ranges.add(own, pl.repeat(split, own.height, eager=True))
            file.unlink()
        for part in ranges.finish():
            shelf.put(where, part, number)
        rows += ranges.counts.total
    if rows != entry.counts.total:
        raise UnreadableObjectError(
            f"{entry.place} holds {rows} rows of {entry.uri} where the index tells of {entry.counts.total}: nothing is "
            "rolled back. Drop the file again as it was",
            subject=f"lakefs://{then.repository}/{then.branch}",
        )
    return entry.moved(where)


@dataclass(frozen=True)
class Keys:
    """The rows of unwanted files that main has by key: which they are, and whose rows may come back in their place."""

    keys: pl.Series
    index: Index
    files: Sequence[Unwanted]

    @classmethod
    def of(cls, shelf: Shelf, index: Index, files: Sequence[Unwanted]) -> "Keys":
        uris = [file.entry.uri for file in files]
        found = [
            key_texts(shelf.contract, some.filter(pl.col(SOURCE_COLUMN).is_in(uris)))
            for some in _all_rows(shelf, index.writer.places)
        ]
        return cls(pl.concat(found).unique() if found else pl.Series(dtype=pl.String), index, files)

    def replaced_by(self, shelf: Shelf, then: Shelf) -> Returning:
        """The rows that one delivery of the files replaced, as they lay before it.

        A row whose file came again since, or went, would have gone with it; a file that is rolled back to an earlier
        version has all rows of that one back.
        """
        before = Index(then.lake, then.repository, then.branch)
        earlier = [file.before.uri for file in self.files if file.before and _is_at(before, file)]
        kept = [entry.uri for id_, entry in before.entries() if self._is_still_there(id_, entry)]
        folder = shelf.new_folder()
        parts: list[tuple[str, Path]] = []
        for split, file in _all_files(then, before.writer.places):
            for some in slices(file):
                source = pl.col(SOURCE_COLUMN)
                replaced = key_texts(shelf.contract, some).is_in(self.keys.implode())
                back = some.filter(source.is_in(earlier) | (source.is_in(kept) & replaced))
                if not back.is_empty():
                    parts.append((split, folder / f"{len(parts)}.parquet"))
                    back.write_parquet(parts[-1][1], compression="zstd")
            file.unlink()
        return Returning(f"from {then.branch}", parts)

    def _is_still_there(self, source_id: str, then: Entry) -> bool:
        now = self.index.get(source_id)
        unwanted = any(file.source_id == source_id for file in self.files)
        return not unwanted and now is not None and now.event_id == then.event_id


def _is_at(before: Index, file: Unwanted) -> bool:
    return before.get(file.source_id) == file.before


def _all_files(shelf: Shelf, places: Iterable[str]) -> Iterator[tuple[str, Path]]:
    for where in filter(None, places):
        yield from shelf.rows(where)


def _all_rows(shelf: Shelf, places: Iterable[str]) -> Iterator[pl.DataFrame]:
    for _, file in _all_files(shelf, places):
        yield from slices(file)
        file.unlink()

"""Files that lie beside each other on main: small ones in the pack of their commit, large ones in folders of ranges.

A file that comes again takes its earlier rows away first, out of the pack that they are in if need be; the other files
of the pack move into a new one, and the index tells of it.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import polars as pl

from lakeloop.ingest.prepared import Prepared
from lakeloop.ingest.ranges import Range, Ranges, slices
from lakeloop.ingest.shelf import Shelf
from lakeloop.lake.index import Index
from lakeloop.lake.layout import FILE, PACK, SOURCE_COLUMN, place
from lakeloop.names import source_id

# Files below it share objects; lakeFS's calls for each object bind long before the work on their rows.
SMALL_BYTES = 8 * 1024 * 1024
# A pack is read and written again when one of its files comes again.
PACK_BYTES = 64 * 1024 * 1024


def append(shelf: Shelf, index: Index, files: Sequence[Prepared]) -> int:
    """Put the files on the branch, in place of their earlier versions; how many rows those had."""
    replaced = withdraw(shelf, index, [file.landed.source_id for file in files])
    small = [file for file in files if file.result.is_one and file.size_bytes < SMALL_BYTES]
    for pack in _packs(small):
        where = place(PACK, [file.entry().content for file in pack])
        shelf.put(where, _together(shelf, pack))
        for file in pack:
            index.put(file.landed.source_id, file.entry(where))
    for file in files:
        if file not in small:
            where = place(FILE, [file.entry().content])
            for number, part in enumerate(file.result.ranges):
                shelf.put(where, part, number)
            index.put(file.landed.source_id, file.entry(where, ranges=range(len(file.result.ranges))))
    return replaced


def withdraw(shelf: Shelf, index: Index, source_ids: Iterable[str]) -> int:
    """Take files off the branch that may be there; how many rows they had."""
    rows = 0
    packs: dict[str, set[str]] = defaultdict(set)
    for id_ in source_ids:
        entry = index.get(id_)
        if entry is None:
            continue
        rows += entry.counts.total
        index.remove(id_)
        if entry.ranges:
            shelf.drop(entry.place, entry.ranges)
        else:
            packs[entry.place].add(entry.uri)
    for where, uris in sorted(packs.items()):
        _take_out(shelf, index, where, uris)
    return rows


def _take_out(shelf: Shelf, index: Index, where: str, uris: set[str]) -> None:
    """Make a pack anew without some of its files."""
    files = dict(shelf.rows(where))
    stay = sorted(_sources(files.values()) - uris)
    shelf.drop(where)
    if not stay:
        return
    entries = {uri: index.get(source_id(uri)) for uri in stay}
    now = place(PACK, [entry.content if entry else uri for uri, entry in entries.items()])
    ranges = Ranges(shelf.contract, shelf.new_folder(), range_bytes=math.inf)
    for split, file in files.items():
        for rows in slices(file):
            left = rows.filter(~pl.col(SOURCE_COLUMN).is_in(uris))
            ranges.add(left, pl.repeat(split, left.height, eager=True))
        file.unlink()
    for part in ranges.finish():
        shelf.put(now, part)
    for uri, entry in entries.items():
        if entry:
            index.put(source_id(uri), entry.moved(now))


def _sources(files: Iterable[Path]) -> set[str]:
    return {
        uri
        for file in files
        for uri in pl.scan_parquet(file, glob=False).select(pl.col(SOURCE_COLUMN).unique()).collect().to_series()
    }


def _packs(files: Sequence[Prepared]) -> Iterator[list[Prepared]]:
    """The small files of a commit, always in the same order, as many together as a pack holds."""
    pack: list[Prepared] = []
    size = 0
    for file in sorted(files, key=lambda file: file.landed.source_id):
        if pack and size + file.size_bytes > PACK_BYTES:
            yield pack
            pack, size = [], 0
        pack.append(file)
        size += file.size_bytes
    if pack:
        yield pack


def _together(shelf: Shelf, pack: Sequence[Prepared]) -> Range:
    """Several files as one."""
    if len(pack) == 1:
        return pack[0].result.ranges[0]
    ranges = Ranges(shelf.contract, shelf.new_folder(), range_bytes=math.inf)
    for file in pack:
        for rows, split in file.result.rows():
            ranges.add(rows, split)
    [whole] = ranges.finish()
    return whole

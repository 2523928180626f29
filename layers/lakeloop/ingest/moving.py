"""Rows move to the splits that the borders of a split by time give them, part by part, without landed files.

Whole numbers of a column that holds any number by now become such on the way, also where nothing is split by time.

The index says of each file by which borders its rows lie, so what was merged is done, whoever goes on. Deliveries go
on meanwhile by the borders in force: a file that came again lies by them already.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from lakeloop import names
from lakeloop.contract import DatasetContract
from lakeloop.ingest.placing import split_names
from lakeloop.ingest.ranges import SPLIT, Range, Ranges, Tallies, slices
from lakeloop.ingest.shelf import WHOLE, Shelf
from lakeloop.lake.borders import Behind, behind, laid, only_train, outgrown
from lakeloop.lake.branches import in_tries
from lakeloop.lake.index import Counts, Entry, Index, Writer
from lakeloop.lake.layout import ROWS, SOURCE_COLUMN, place, sizes_of
from lakeloop.lake.ports import NEW_ROWS_KEY, Lake
from lakeloop.observability import logger
from lakeloop.scratch import scratch
from lakeloop.side_by_side import THREADS

# Rows that are moved in one commit: so much is done again where a delivery was quicker, or the function was ended.
BATCH_BYTES = 128 * 1024 * 1024
BATCH_PLACES = 50
# What is left of the time when no further batch is begun.
SECONDS_TO_SPARE = 180


@dataclass(frozen=True)
class Lot:
    """What lies at one place: files by id, or under upsert the rows of some keys, which have a number."""

    place: str
    files: Mapping[str, Entry]
    counts: Counts
    number: int = -1

    @property
    def ranges(self) -> Sequence[int]:
        return next((entry.ranges for entry in self.files.values()), ())


@dataclass(frozen=True)
class Moved:
    """A lot as it is to lie: its parts by the number of their range, and what the index tells of it then."""

    lot: Lot
    place: str
    parts: Sequence[tuple[int | None, Range]]
    files: Mapping[str, Entry]
    counts: Counts


@dataclass(frozen=True)
class Moves:
    """How many places were moved, how many others were quicker at, and for how many there was no time."""

    done: int = 0
    lost: int = 0
    left: int = 0


class Mover:
    """Moves the rows of one dataset; `contract` has the borders in force."""

    def __init__(
        self, *, lake: Lake, contract: DatasetContract, repository: str, git_sha: str, threads: int = THREADS
    ) -> None:
        self._lake = lake
        self._contract = contract
        self._repository = repository
        self._git_sha = git_sha
        self._threads = threads

    def move(self, seconds_left: Callable[[], float]) -> Moves:
        """Move what lies by other borders while there is time."""
        commit = self._lake.head(self._repository)
        index = Index(self._lake, self._repository, commit, self._threads)
        lots = list(_lots(behind(self._contract, index), index))
        done = lost = 0
        for batch in self._batches(commit, lots):
            if seconds_left() < SECONDS_TO_SPARE:
                break
            moved = self._move(commit, batch)
            done, lost = (done + len(batch), lost) if moved else (done, lost + len(batch))
        return Moves(done, lost, len(lots) - done - lost)

    def _batches(self, commit: str, lots: Sequence[Lot]) -> Iterator[list[Lot]]:
        sizes = sizes_of(self._lake.objects(self._repository, commit, f"{ROWS}/"))
        batch: list[Lot] = []
        for lot in lots:
            if batch and (len(batch) == BATCH_PLACES or sum(sizes[one.place] for one in [*batch, lot]) > BATCH_BYTES):
                yield batch
                batch = []
            batch.append(lot)
        if batch:
            yield batch

    def _move(self, commit: str, lots: Sequence[Lot]) -> bool:
        """Whether the lots are moved; not, where their files came again or others were quicker each time."""
        correlation_id = names.digest("move", *laid(self._contract), *(lot.place for lot in lots), length=32)
        with scratch() as folder:
            shelf = self._shelf(commit, Path(folder))
            moved = [self._resplit(shelf, lot) for lot in lots]

            def merge(branch: str) -> bool:
                return self._merged(self._shelf(branch, Path(folder)), moved, correlation_id)

            return bool(in_tries(self._lake, self._repository, correlation_id, merge))

    def _resplit(self, shelf: Shelf, lot: Lot) -> Moved:
        """All rows of a lot in the splits of the borders in force."""
        now = laid(self._contract)
        if lot.files and all(only_train(self._contract, entry) for entry in lot.files.values()):
            files = {id_: replace(entry, borders=now) for id_, entry in lot.files.items()}
            return Moved(lot, lot.place, (), files, lot.counts)
        counts: dict[str, Tallies] = defaultdict(lambda: Tallies(self._contract))
        parts = [
            (number, part) for number in lot.ranges or WHOLE for part in self._parts(shelf, lot.place, number, counts)
        ]
        files = {
            id_: replace(
                entry, counts=counts[entry.uri].counts, borders=now, integers=_still_whole(self._contract, entry)
            )
            for id_, entry in lot.files.items()
        }
        contents = sorted(entry.content for entry in files.values()) or [lot.place, *now]
        where = place(lot.place.partition("-")[0], contents)
        moved = {id_: entry.moved(where) for id_, entry in files.items()}
        return Moved(lot, where, parts, moved, Counts.summed(one.counts for one in counts.values()))

    def _parts(self, shelf: Shelf, where: str, number: int | None, counts: dict[str, Tallies]) -> Sequence[Range]:
        """The rows of one object by split, anew; `counts` are told of each file's."""
        ranges = Ranges(self._contract, shelf.new_folder(), range_bytes=math.inf)
        for name, file in shelf.rows(where, number):
            for found in slices(file):
                rows = self._typed(found)
                split = (
                    split_names(self._contract, rows)
                    if laid(self._contract)
                    else pl.repeat(name, rows.height, eager=True)
                )
                ranges.add(rows, split)
                tagged = rows.hstack([split.alias(SPLIT)])
                for (uri,), some in tagged.partition_by(SOURCE_COLUMN, as_dict=True).items():
                    counts[str(uri)].add(some)
            file.unlink()
        return ranges.finish()

    def _typed(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Any number where the contract has any; each is the nearest that 64 bits hold, as of a file dropped now."""
        floats = [column.name for column in self._contract.kept if column.type == "float"]
        return rows.cast({name: pl.Float64 for name in floats if name in rows.columns})

    def _merged(self, shelf: Shelf, moved: Sequence[Moved], correlation_id: str) -> bool:
        """Put the lots where they are to lie, unless something is there by now that was not."""
        index = Index(self._lake, self._repository, shelf.branch, self._threads)
        index.look_up(id_ for one in moved for id_ in one.lot.files)
        if not all(_is_there(index, one.lot) for one in moved):
            logger.info("replaced meanwhile", extra={"repository": self._repository})
            return False
        for one in moved:
            if one.place != one.lot.place:
                shelf.drop(one.lot.place, one.lot.ranges)
            for number, part in one.parts:
                shelf.put(one.place, part, number)
            for id_, entry in one.files.items():
                index.put(id_, entry)
            if one.lot.number >= 0:
                index.writer = _rewritten(index.writer, one, laid(self._contract))
        shelf.write(index)
        metadata = self._metadata(moved, correlation_id)
        where = f"to the borders {metadata['borders']}" if "borders" in metadata else "to the contract's types"
        message = f"Move rows {where}"
        committed = self._lake.commit(self._repository, shelf.branch, message, metadata)
        merged = self._lake.merge(self._repository, shelf.branch, message, committed.metadata)
        logger.info("moved", extra={"repository": self._repository, "commit": merged.id, **metadata})
        return True

    def _metadata(self, moved: Sequence[Moved], correlation_id: str) -> dict[str, str]:
        learned = sum(one.counts.rows.get("train", 0) - one.lot.counts.rows.get("train", 0) for one in moved)
        by_time = laid(self._contract)
        return {
            "dataset": self._contract.name,
            "correlation_id": correlation_id,
            "git_sha": self._git_sha,
            **({"borders": f"{by_time[0]} and {by_time[1]}"} if by_time else {}),
            "rows_committed": "0",
            NEW_ROWS_KEY: str(max(learned, 0)),
        }

    def _shelf(self, ref: str, folder: Path) -> Shelf:
        return Shelf(self._lake, self._repository, ref, self._contract, folder, self._threads)


def _lots(found: Behind, index: Index) -> Iterator[Lot]:
    """A place is moved with all that lies there, also what came by the borders in force."""
    by_place: dict[str, dict[str, Entry]] = {entry.place: {} for entry in found.files.values()}
    for id_, entry in index.entries():
        if entry.place in by_place:
            by_place[entry.place][id_] = entry
    for where, files in sorted(by_place.items()):
        yield Lot(where, files, Counts.summed(entry.counts for entry in files.values()))
    for number in found.places:
        yield Lot(index.writer.places[number], {}, index.writer.counts[number], number)


def _still_whole(contract: DatasetContract, entry: Entry) -> tuple[str, ...]:
    return tuple(name for name in entry.integers if name not in outgrown(contract, entry))


def _is_there(index: Index, lot: Lot) -> bool:
    if lot.number >= 0:
        return index.writer.places[lot.number : lot.number + 1] == (lot.place,)
    return all(index.get(id_) == entry for id_, entry in lot.files.items())


def _rewritten(writer: Writer, moved: Moved, borders: tuple[str, ...]) -> Writer:
    """What is told of the keys' places, with one of them moved."""
    number = moved.lot.number
    places, counts = list(writer.places), list(writer.counts)
    known = list(writer.borders) or [()] * len(places)
    places[number], counts[number], known[number] = moved.place, moved.counts, borders
    return replace(writer, places=tuple(places), counts=tuple(counts), borders=tuple(known))

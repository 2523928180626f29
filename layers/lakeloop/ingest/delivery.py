"""What a delivery does to the rows on main: add to them, replace those of its keys, or replace all."""

from collections.abc import Sequence
from dataclasses import dataclass

from lakeloop.contract import DatasetContract
from lakeloop.errors import PermanentError
from lakeloop.ingest.keyed import upsert
from lakeloop.ingest.packs import append, withdraw
from lakeloop.ingest.prepared import Prepared
from lakeloop.ingest.shelf import Shelf
from lakeloop.lake.index import Index, Writer
from lakeloop.observability import logger, metrics


class SnapshotTooSmallError(PermanentError):
    """A snapshot that would take most rows away: a file that was cut off looks like one."""


@dataclass(frozen=True)
class Delivered:
    """The files that came to main, and what their rows did to those before.

    `replaced` rows are on main no longer, `equal` of them came again as they were; `older` rows are left out, because
    newer ones of their keys are on main or came with them.
    """

    files: Sequence[Prepared] = ()
    replaced: int = 0
    equal: int = 0
    older: int = 0


def deliver(contract: DatasetContract, shelf: Shelf, index: Index, files: Sequence[Prepared]) -> Delivered:
    """Put files, which are not on main yet, on the branch."""
    match contract.delivery:
        case "append":
            delivered = Delivered(files, replaced=append(shelf, index, files))
        case "upsert":
            became = upsert(shelf, index, files)
            delivered = Delivered(files, became.replaced, became.equal, became.older)
        case "snapshot":
            delivered = _snapshot(contract, shelf, index, files)
    shelf.write(index)
    return delivered


def _snapshot(contract: DatasetContract, shelf: Shelf, index: Index, files: Sequence[Prepared]) -> Delivered:
    newest = max(files, key=lambda file: file.age)
    there = index.get(index.writer.snapshot)
    # Of one key the version that is current is the newest, whatever S3 says of times.
    if there and there.uri != newest.source.uri and there.age > newest.age:
        logger.warning("main has a newer snapshot", extra={"object": str(newest.landed), "snapshot": there.uri})
        metrics.add_metric(name="SnapshotsSuperseded", unit="Count", value=1)
        return Delivered()
    rows, before = newest.source.rows_committed, there.counts.total if there else 0
    if rows < contract.min_kept_fraction * before:
        raise SnapshotTooSmallError(
            f"the snapshot has {rows:,} good rows where main has {before:,}, fewer than min_kept_fraction, "
            f"{contract.min_kept_fraction:g}, keeps: main stays as it is. Drop the whole table, or lower "
            "min_kept_fraction and redrive",
            subject=str(newest.landed),
        )
    replaced = withdraw(shelf, index, [index.writer.snapshot])
    append(shelf, index, [newest])
    index.writer = Writer(snapshot=newest.landed.source_id)
    same = there is not None and (there.sha256, there.reading) == (newest.source.sha256, newest.reading)
    return Delivered([newest], replaced=replaced, equal=replaced if same else 0)

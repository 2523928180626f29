"""Takes the rows of files off main and puts back what they had replaced, in one commit."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from lakeloop import names
from lakeloop.contract import DatasetContract
from lakeloop.errors import MergeConflictError, PermanentError
from lakeloop.ingest.keyed import upsert
from lakeloop.ingest.landed_files import YOUNG_SECONDS
from lakeloop.ingest.packs import withdraw
from lakeloop.ingest.ports import Landing
from lakeloop.ingest.shelf import Shelf
from lakeloop.lake.borders import in_force
from lakeloop.lake.branches import own_branch
from lakeloop.lake.index import Index, RolledBack, Writer
from lakeloop.lake.ports import CORRELATION_KEY, ROWS_KEY, Lake, LakeCommit
from lakeloop.lake.sources import sources
from lakeloop.lineage.bad_data import ROLLED_BACK
from lakeloop.reports import now
from lakeloop.rollback.restoring import Keys, put_back
from lakeloop.rollback.target import Target, Targets, Unwanted
from lakeloop.scratch import scratch
from lakeloop.side_by_side import THREADS

FILES = "rolled_back_files"
OLDER = "rows_older"


@dataclass(frozen=True)
class By:
    """Who takes something back, when (ISO 8601) and why."""

    who: str
    at: str
    reason: str


@dataclass(frozen=True)
class Change:
    """What becomes of main.

    `reverted` says that lakeFS took the commit back as it was. `taken_out` are addresses of files, `put_back` of those
    whose earlier version is there again; `read_again` are files of which rows had been left out as older than rows that
    go now, and that only the files themselves still have.
    """

    reverted: bool
    taken_out: tuple[str, ...]
    put_back: tuple[str, ...]
    read_again: tuple[str, ...]
    rows_taken_out: int
    rows_put_back: int


class Staged:
    """A rollback on a branch of its own: merged, or thrown away with the branch."""

    def __init__(self, lake: Lake, shelf: Shelf, change: Change, message: str, metadata: dict[str, str]) -> None:
        self._lake = lake
        self._shelf = shelf
        self._message = message
        self._metadata = metadata
        self.change = change

    def merge(self) -> LakeCommit:
        """The commit on main. Raises MergeConflictError where another changed the same part of main meanwhile."""
        repository, branch = self._shelf.repository, self._shelf.branch
        self._lake.commit(repository, branch, self._message, self._metadata)
        return self._lake.merge(repository, branch, self._message, self._metadata)


class DataRollback:
    """Rolls back data of one dataset."""

    def __init__(
        self,
        *,
        lake: Lake,
        landing: Landing,
        contract: DatasetContract,
        name_prefix: str,
        release: str,
        threads: int = THREADS,
    ) -> None:
        """`release` is the version of lakeloop that does it, for the commit to say."""
        self._lake = lake
        self._landing = landing
        self._contract = contract
        self._repository = names.repository(name_prefix, contract.name)
        self._release = release
        self._threads = threads

    def targets(self, bucket: str) -> Targets:
        """What can be named, with main as it is now; files land in the bucket."""
        return Targets(self._lake, self._repository, self._contract.name, bucket)

    @contextmanager
    def staged(self, target: Target, newer: Sequence[LakeCommit], by: By) -> Iterator[Staged]:
        """The rollback on a branch, with what it changes; `newer` are the commits since the target, newest first.

        Raises MergeConflictError where main is no longer as it was when the target was found.
        """
        metadata = self._metadata(target, by)
        with (
            own_branch(self._lake, self._repository, metadata[CORRELATION_KEY]) as branch,
            scratch() as folder,
        ):
            index = Index(self._lake, self._repository, branch, self._threads)
            contract = in_force(self._contract, index)
            shelf = Shelf(self._lake, self._repository, branch, contract, Path(folder), self._threads)
            if any(index.get(file.source_id) != file.entry for file in target.files):
                raise MergeConflictError(f"another delivery changed the same files of {self._repository} meanwhile")
            before = index.counts().total
            change = self._stage(shelf, index, target, newer, metadata)
            after = Index(self._lake, self._repository, branch, self._threads).counts().total
            change = replace(change, rows_put_back=after - before + change.rows_taken_out)
            metadata |= {"rows_removed": str(change.rows_taken_out), "rows_restored": str(change.rows_put_back)}
            yield Staged(self._lake, shelf, change, _message(target), metadata)

    def _metadata(self, target: Target, by: By) -> dict[str, str]:
        commits, files = [commit.id for commit in target.commits], [file.entry for file in target.files]
        return {
            "dataset": self._contract.name,
            "delivery": self._contract.delivery,
            CORRELATION_KEY: names.digest("rollback", *commits, *(entry.event_id for entry in files), length=32),
            "lakeloop": self._release,
            ROLLED_BACK: ",".join(commits),
            FILES: json.dumps([f"{entry.uri}?versionId={entry.version}" for entry in files]),
            ROWS_KEY: "0",
            **asdict(by),
        }

    def _stage(
        self, shelf: Shelf, index: Index, target: Target, newer: Sequence[LakeCommit], metadata: dict[str, str]
    ) -> Change:
        reverted = _is_whole(target) and self._lake.revert(shelf.repository, shelf.branch, target.since, metadata)
        if target.by_hand and not reverted:
            raise PermanentError(
                f"{target.since.id} is a person's commit, and later commits wrote the same objects: nothing is rolled "
                f"back. Mend them on a branch of {shelf.repository}, and merge it"
            )
        again: tuple[str, ...] = ()
        if reverted:
            taken_out = _rows(target)
            index = self._after_revert(shelf, target)
        else:
            taken_out = self._rewrite(shelf, index, target.files)
            again = _to_be_read_again(index, target, newer)
        for file in target.files:
            self._remember(index, file)
        shelf.write(index)
        uris = tuple(file.entry.uri for file in target.files)
        snapshot = index.get(index.writer.snapshot) if index.writer.snapshot else None
        back = [entry.uri for entry in (snapshot, *(file.before for file in target.files)) if entry and uris]
        return Change(reverted, uris, tuple(dict.fromkeys(back)), again, taken_out, 0)

    def _after_revert(self, shelf: Shelf, target: Target) -> Index:
        """The index as it was; features that were made since of rows that are gone go too."""
        index = Index(self._lake, shelf.repository, shelf.branch, self._threads)
        there = {entry.place for _, entry in index.entries()} | set(index.writer.places)
        for file in target.files:
            if file.entry.place and file.entry.place not in there:
                shelf.drop(file.entry.place, file.entry.ranges)
        return index

    def _rewrite(self, shelf: Shelf, index: Index, files: Sequence[Unwanted]) -> int:
        """Take the files out object by object and put back what they replaced; how many rows they had."""
        by_key = [file for file in files if not file.entry.place]
        apart = [file for file in files if file.entry.place]
        rows = self._rewrite_keys(shelf, index, by_key) if by_key else 0
        rows += withdraw(shelf, index, [file.source_id for file in apart])
        for file in apart:
            then = self._shelf_at(shelf, file.brought[0].parents[0])
            before = Index(self._lake, shelf.repository, then.branch)
            id_ = file.source_id
            if index.writer.snapshot == id_:
                # The snapshot before it may have been another file.
                id_ = before.writer.snapshot
                index.writer = Writer(snapshot=id_)
            if earlier := before.get(id_) if id_ else None:
                index.put(id_, put_back(shelf, then, earlier))
        return rows

    def _rewrite_keys(self, shelf: Shelf, index: Index, files: Sequence[Unwanted]) -> int:
        keys = Keys.of(shelf, index, files)
        parents = {commit.parents[0]: None for file in files for commit in file.brought}
        returning = [keys.replaced_by(shelf, self._shelf_at(shelf, parent)) for parent in parents]
        told = upsert(shelf, index, (), leaving=[file.entry.uri for file in files], returning=returning)
        for file in files:
            index.remove(file.source_id)
            if file.before:
                index.put(file.source_id, file.before)
        return told.replaced

    def _remember(self, index: Index, file: Unwanted) -> None:
        """That S3 still has the version, and nobody is to bring it back unasked."""
        there = index.get(file.source_id)
        if there is None or there.version != file.entry.version:
            index.roll_back(file.source_id, RolledBack.of(file.entry))
        current = self._landing.current(file.entry.uri.removeprefix("s3://").partition("/")[2])
        # The same bytes dropped again are on main by their first version; what landed just now is on its way.
        if current and current.version != file.entry.version and now().timestamp() - current.landed > YOUNG_SECONDS:
            index.roll_back(file.source_id, RolledBack(file.entry.uri, current.version, current.landed, ""))

    def _shelf_at(self, shelf: Shelf, commit: str) -> Shelf:
        return replace(shelf, branch=commit)


def _is_whole(target: Target) -> bool:
    """Whether one commit is all that is taken back, and all that it brought goes."""
    return target.by_hand or (
        not target.gone
        and all(file.brought == (target.since,) for file in target.files)
        and len(sources(target.since)) == len(target.files)
    )


def _rows(target: Target) -> int:
    """How many rows main has from a commit that nothing has changed since."""
    said = target.since.metadata
    return int(said.get(ROWS_KEY, 0)) - int(said.get(OLDER, 0))


def _to_be_read_again(index: Index, target: Target, newer: Sequence[LakeCommit]) -> tuple[str, ...]:
    """Have files read again of which rows were left out since, perhaps for those that go now; their addresses.

    Nobody but the files still has such rows: with no reading, the index asks for them.
    """
    unwanted = {file.entry.uri for file in target.files}
    by_key = any(not file.entry.place for file in target.files)
    again = []
    left_out = (commit for commit in newer if by_key and int(commit.metadata.get(OLDER, 0)))
    for source in (source for commit in left_out for source in sources(commit)):
        id_ = names.source_id(source.uri)
        entry = index.get(id_)
        if entry and entry.event_id == source.event_id and entry.uri not in unwanted:
            index.put(id_, replace(entry, reading=""))
            again.append(entry.uri)
    return tuple(dict.fromkeys(again))


def _message(target: Target) -> str:
    what = ", ".join(file.entry.uri for file in target.files) or target.since.id
    return f"Roll back {what}"

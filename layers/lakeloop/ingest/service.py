"""Turns a delivery of landing messages into commits: one per dataset, whatever the number of files (group commit)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from lakeloop import names
from lakeloop.artifacts import Artifacts
from lakeloop.attempts import Attempts
from lakeloop.consumer import Failures
from lakeloop.contract import DatasetContract
from lakeloop.contract.digest import reading_digest
from lakeloop.contract.ports import Contracts
from lakeloop.errors import EmptyObjectError, LakeloopError, PermanentError, TooLargeError, UnknownDatasetError
from lakeloop.ingest.came_back import as_it_is_written, came_back_at
from lakeloop.ingest.folders import Folders
from lakeloop.ingest.group import GroupCommit
from lakeloop.ingest.mend_keys import mend_key, mends
from lakeloop.ingest.mending import Mend, mended, read_as_mended
from lakeloop.ingest.notification import LandedObject, completed_folders, landed_objects
from lakeloop.ingest.ports import LandedVersion, Landing, Listing, Publisher
from lakeloop.ingest.prepared import Prepared, mend_is_current
from lakeloop.ingest.removal import Removal
from lakeloop.ingest.transform import Opener, Origin, transform
from lakeloop.lake.borders import in_force, integers, laid
from lakeloop.lake.index import Index
from lakeloop.lake.ports import Lake
from lakeloop.lake.sources import Source
from lakeloop.lake.turns import WAIT_SECONDS, Turns
from lakeloop.messages import Message
from lakeloop.observability import count_of_dataset, logger, metrics
from lakeloop.scratch import scratch
from lakeloop.side_by_side import THREADS
from lakeloop.streams import ByteStream
from lakeloop.tables.opening import format_of

# Prepared files wait on the function's disk; so many bytes of them are committed before more are prepared.
BYTES_OF_A_COMMIT = 512 * 1024 * 1024
MEBIBYTE = 1024 * 1024


class IngestService:
    """The work of `transform_data`. Every step may be repeated: names come from what landed, not from the attempt."""

    def __init__(
        self,
        *,
        landing: Landing,
        listing: Listing,
        contracts: Contracts,
        artifacts: Artifacts,
        lake: Lake,
        publisher: Publisher,
        name_prefix: str,
        git_sha: str,
        max_object_bytes: int,
        threads: int = THREADS,
        turn_seconds: float = WAIT_SECONDS,
    ) -> None:
        """`threads` is how many calls of the lake are under way at a time.

        A commit lets those go first that others began, for `turn_seconds` at most.
        """
        self._landing = landing
        self._listing = listing
        self._contracts = contracts
        self._artifacts = artifacts
        self._lake = lake
        self._name_prefix = name_prefix
        self._max_object_bytes = max_object_bytes
        self._removal = Removal(landing=landing, lake=lake, name_prefix=name_prefix, git_sha=git_sha)
        self._group = GroupCommit(
            landing=landing,
            lake=lake,
            turns=Turns(lake, turn_seconds),
            publisher=publisher,
            name_prefix=name_prefix,
            git_sha=git_sha,
            threads=threads,
        )

    def handle(self, messages: Sequence[Message], attempts: Attempts) -> Failures:
        """Ingest what the messages tell of; the errors of those that failed, by message id."""
        failures: dict[str, LakeloopError] = {}
        ready: dict[str, list[Prepared]] = {}
        size = 0
        folders = Folders(
            landing=self._landing,
            listing=self._listing,
            lake=self._lake,
            name_prefix=self._name_prefix,
            max_bytes=self._max_object_bytes,
        )
        with scratch() as temporary:
            folder = Path(temporary)
            for message in messages:
                files: list[Prepared] = []
                if error := attempts.run(message.id, self._prepare_message, message, folder, files, folders):
                    failures[message.id] = error
                    continue
                ready[message.id] = files
                size += sum(file.size_bytes for file in files)
                if size >= BYTES_OF_A_COMMIT:
                    failures |= self._commit(ready, attempts)
                    ready, size = {}, 0
            failures |= self._commit(ready, attempts)
        return failures

    def _commit(self, ready: dict[str, list[Prepared]], attempts: Attempts) -> Iterator[tuple[str, LakeloopError]]:
        """Commit what is ready, dataset by dataset; the errors by message id."""
        datasets: dict[str, dict[str, Prepared]] = defaultdict(dict)
        for file in (file for files in ready.values() for file in files):
            # By event, because a delivery may tell of the same object twice.
            datasets[file.landed.dataset][file.landed.event_id] = file
        failed: dict[str, LakeloopError] = {}
        with attempts.shared(ready):
            for dataset, files in datasets.items():
                failed |= self._group.commit(self._contracts.get(dataset), list(files.values()), attempts.guarded)
                for file in files.values():
                    file.result.remove()
        for id_, files_of_message in ready.items():
            errors = [failed[file.landed.event_id] for file in files_of_message if file.landed.event_id in failed]
            if errors:
                yield id_, errors[0]

    def _prepare_message(self, message: Message, folder: Path, files: list[Prepared], folders: Folders) -> None:
        for told in self._told_of(message, folders):
            landed = mends(told) or told
            try:
                if told.removed:
                    self._removal.take_out(self._contracts.get(told.dataset), told)
                    continue
                file = self._prepare(self._as_it_came(landed), folder)
            except LakeloopError as error:
                error.subject = str(landed)
                error.correlation_id = landed.event_id
                if isinstance(error, PermanentError) and self._has_rows_on_main(landed):
                    error.args = (f"{error}. Main keeps the rows of the version before",)
                raise
            if file:
                files.append(file)

    def _told_of(self, message: Message, folders: Folders) -> Iterator[LandedObject]:
        """What a message has ingested: the objects it tells of, or the complete folders that they lie in."""
        for told in landed_objects(message):
            if told.removed or mends(told) or not self._by_folder(told.dataset):
                yield told
            else:
                yield from folders.brought(self._contracts.get(told.dataset), told)
        for success in completed_folders(message):
            if self._by_folder(success.dataset):
                yield from folders.brought(self._contracts.get(success.dataset), success)

    def _by_folder(self, dataset: str) -> bool:
        try:
            return self._contracts.get(dataset).delivery_unit == "folder"
        except UnknownDatasetError:
            # Said of the object itself.
            return False

    def _prepare(self, landed: LandedObject, folder: Path) -> Prepared | None:
        """Judge one file; None when nothing of it is to be committed."""
        contract = self._contracts.get(landed.dataset)
        format_of(contract.file, landed.key)
        found = self._to_be_read(landed)
        if found is None:
            return None
        current, stream = found
        contract = in_force(contract, self._main(landed))
        # S3 calls the beginning of an upload in parts its time, in whole seconds; the event tells the end.
        landed_at = landed.told_at or current.landed
        reading, opener = self._reading(contract, landed, stream)
        predicted = came_back_at(landed.dataset, landed.key)
        reading = reading if predicted is None else as_it_is_written(reading)
        origin = Origin(landed.uri, landed_at if predicted is None else predicted)
        result = transform(reading, opener, landed.key, folder, origin=origin)
        quarantine_uri = self._set_aside(landed, result.quarantine)
        source = Source(
            event_id=landed.event_id,
            uri=landed.uri,
            version=landed.version,
            sha256=result.sha256,
            rows_in=result.rows_in,
            rows_committed=result.rows_committed,
            rows_quarantined=result.rows_quarantined,
            quarantine_uri=quarantine_uri,
            notes=result.notes,
        )
        logger.info("transformed", extra={"source": asdict(source)})
        metrics.add_metric(name="RowsAccepted", unit="Count", value=source.rows_committed)
        metrics.add_metric(name="RowsQuarantined", unit="Count", value=source.rows_quarantined)
        if result.rows_committed:
            if predicted is None:
                # Rows of predictions come by the clock, and say nothing of who was to deliver.
                count_of_dataset("FilesTaken", landed.dataset)
            digest, whole = reading_digest(contract), integers(contract)
            return Prepared(landed, landed_at, digest, source, result, laid(contract), whole)
        if self._has_rows_on_main(landed):
            logger.warning("main keeps the rows of the version before", extra={"object": str(landed)})
            metrics.add_metric(name="ReplacementsRefused", unit="Count", value=1)
        return None

    def _set_aside(self, landed: LandedObject, quarantine: Path | None) -> str:
        """The address of the rows in quarantine, empty without any; those of an earlier reading are not there after."""
        key = names.quarantine_key(landed.dataset, landed.event_id)
        if quarantine is None:
            if landed.again:
                self._artifacts.delete(key)
            return ""
        uri = self._artifacts.upload(key, quarantine)
        quarantine.unlink()
        return uri

    def _as_it_came(self, landed: LandedObject) -> LandedObject:
        """A mended file is as old as it was: its rows replace nothing that came since."""
        if not landed.mended_by:
            return landed
        entry = self._main(landed).get(landed.source_id)
        if entry is None or entry.version != landed.version:
            return landed
        return replace(landed, told_at=entry.landed, sequencer=entry.sequencer)

    def _reading(
        self, contract: DatasetContract, landed: LandedObject, stream: ByteStream
    ) -> tuple[DatasetContract, Opener]:
        """By what contract and from what bytes a file is read: with its mended rows, where it has some.

        The stream is the first reading of the bytes; each other asks for them again.
        """
        waiting = [stream]

        def opener() -> ByteStream:
            return waiting.pop() if waiting else self._landing.open(landed.key, landed.version)

        if not landed.mended_by:
            return contract, opener
        mend = Mend.parse(self._landing.open(mend_key(landed), landed.mended_by).read(self._max_object_bytes))
        return read_as_mended(contract, landed.key), lambda: mended(opener(), contract.file.encoding, mend)

    def _to_be_read(self, landed: LandedObject) -> tuple[LandedVersion, ByteStream] | None:
        """The version, if it is still what the key holds. Its size is looked at before any work is done on it."""
        found = self._landing.opened(landed.key)
        if found is None or found[0].version != landed.version or not mend_is_current(self._landing, landed):
            # A newer version has an event of its own: committing this one late would undo it.
            logger.info("superseded", extra={"object": str(landed)})
            return None
        current, _ = found
        if current.size_bytes == 0:
            raise EmptyObjectError(f"{landed.key} is empty (0 bytes), and nothing has replaced it: drop it again")
        if current.size_bytes > self._max_object_bytes:
            size, most = (count / MEBIBYTE for count in (current.size_bytes, self._max_object_bytes))
            raise TooLargeError(
                f"{landed.key} has {size:,.0f} MiB, more than the {most:,.0f} that the function can work through: "
                "drop it in pieces, each with the header"
            )
        return found

    def _has_rows_on_main(self, landed: LandedObject) -> bool:
        """Only to say it: where the lake cannot be asked, nothing is said."""
        try:
            return self._main(landed).get(landed.source_id) is not None
        except Exception:  # noqa: BLE001 the reason itself matters more
            logger.exception("main cannot be read")
            return False

    def _main(self, landed: LandedObject) -> Index:
        return Index(self._lake, names.repository(self._name_prefix, landed.dataset), names.MAIN)

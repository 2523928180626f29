"""Turns a delivery of landing messages into commits: one per dataset, whatever the number of files (group commit)."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from lakeloop import names
from lakeloop.artifacts import Artifacts
from lakeloop.consumer import Failures, attempt
from lakeloop.contract import DatasetContract
from lakeloop.contract.ports import Contracts
from lakeloop.errors import LakeloopError, UnreadableObjectError
from lakeloop.ingest.notification import LandedObject, landed_objects
from lakeloop.ingest.ports import Landing, Publisher
from lakeloop.ingest.splits import SPLITS
from lakeloop.ingest.transform import FileTransform, TransformedFile, quality_rule
from lakeloop.lake.ports import Lake
from lakeloop.messages import DataCommitted, Message
from lakeloop.observability import logger, metrics

SUFFIXES = (".csv",)


@dataclass(frozen=True)
class Source:
    """What a commit says about one of the files in it."""

    event_id: str
    uri: str
    version: str
    sha256: str
    rows_in: int
    rows_committed: int
    rows_quarantined: int
    quarantine_uri: str


@dataclass(frozen=True)
class Prepared:
    """A file that has been judged and is ready for its commit."""

    landed: LandedObject
    source: Source
    splits: dict[str, Path]


class IngestService:
    """The work of `transform_data`. Every step may be repeated: names come from what landed, not from the attempt."""

    def __init__(
        self,
        *,
        landing: Landing,
        contracts: Contracts,
        artifacts: Artifacts,
        lake: Lake,
        publisher: Publisher,
        name_prefix: str,
        git_sha: str,
    ) -> None:
        self._landing = landing
        self._contracts = contracts
        self._artifacts = artifacts
        self._lake = lake
        self._publisher = publisher
        self._name_prefix = name_prefix
        self._git_sha = git_sha

    def handle(self, messages: Sequence[Message]) -> Failures:
        """Ingest what the messages tell of; the errors of those that failed, by message id."""
        failures: dict[str, LakeloopError] = {}
        groups: dict[str, dict[str, list[Prepared]]] = defaultdict(dict)
        with TemporaryDirectory() as folder:
            for message in messages:
                if error := attempt(self._prepare_message, message, Path(folder), groups):
                    failures[message.id] = error
            for dataset, prepared in groups.items():
                # By source, because a delivery may tell of the same object twice.
                ready = {
                    file.landed.source_id: file
                    for id_, files in prepared.items()
                    if id_ not in failures
                    for file in files
                }
                if error := attempt(self._commit, dataset, list(ready.values())):
                    error.subject = ", ".join(str(file.landed) for file in ready.values())
                    failures |= dict.fromkeys(prepared, error)
        return failures

    def _prepare_message(self, message: Message, folder: Path, groups: dict[str, dict[str, list[Prepared]]]) -> None:
        for landed in landed_objects(message):
            try:
                prepared = self._prepare(landed, folder)
            except LakeloopError as error:
                error.subject = str(landed)
                error.correlation_id = landed.event_id
                raise
            if prepared:
                groups[landed.dataset].setdefault(message.id, []).append(prepared)

    def _prepare(self, landed: LandedObject, folder: Path) -> Prepared | None:
        """Judge one file; None when nothing of it is to be committed."""
        contract = self._contracts.get(landed.dataset)
        if not landed.key.endswith(SUFFIXES):
            raise UnreadableObjectError(f"{landed.key}: unknown format, the name must end with {', '.join(SUFFIXES)}")
        if self._landing.current_version(landed.key) != landed.version:
            # A newer version has an event of its own: committing this one late would undo it.
            logger.info("superseded", extra={"object": str(landed)})
            return None
        result = self._transform(contract, landed, folder)
        quarantine_uri = ""
        if result.quarantine:
            key = names.quarantine_key(landed.dataset, landed.event_id)
            quarantine_uri = self._artifacts.upload(key, result.quarantine)
        source = Source(
            event_id=landed.event_id,
            uri=landed.uri,
            version=landed.version,
            sha256=result.sha256,
            rows_in=result.rows_in,
            rows_committed=result.rows_committed,
            rows_quarantined=result.rows_quarantined,
            quarantine_uri=quarantine_uri,
        )
        logger.info("transformed", extra={"source": asdict(source)})
        metrics.add_metric(name="RowsAccepted", unit="Count", value=source.rows_committed)
        metrics.add_metric(name="RowsQuarantined", unit="Count", value=source.rows_quarantined)
        return Prepared(landed, source, result.splits) if result.rows_committed else None

    def _transform(self, contract: DatasetContract, landed: LandedObject, folder: Path) -> TransformedFile:
        result = FileTransform(contract, _empty(folder)).run(self._landing.open(landed.key, landed.version))
        if rule := quality_rule(contract, result):
            whole = FileTransform(contract, _empty(folder), [rule])
            return whole.run(self._landing.open(landed.key, landed.version))
        return result

    def _commit(self, dataset: str, files: Sequence[Prepared]) -> None:
        if not files:
            return
        repository = names.repository(self._name_prefix, dataset)
        correlation_id = names.digest(*sorted(file.source.event_id for file in files), length=32)
        branch = f"ingest-{correlation_id}"
        self._lake.ensure_branch(repository, branch)
        for file in files:
            self._stage(repository, branch, file)
        changed = self._lake.uncommitted(repository, branch)
        # What an earlier delivery merged already is no change, and is not counted a second time.
        fresh = [file for file in files if changed & _paths(file.landed)]
        metadata = self._metadata(dataset, correlation_id, [file.source for file in fresh])
        message = f"Ingest {', '.join(file.landed.key for file in fresh)}"
        committed = self._lake.commit(repository, branch, message, metadata)
        merged = self._lake.merge(repository, branch, message if fresh else "Ingest", committed.metadata)
        self._lake.delete_branch(repository, branch)
        rows = int(merged.metadata.get("rows_committed", 0))
        self._publisher.publish(
            DataCommitted(
                dataset=dataset,
                repository=repository,
                commit=merged.id,
                rows_committed=rows,
                correlation_id=correlation_id,
            )
        )
        logger.info("committed", extra={"repository": repository, "commit": merged.id, "rows": rows})

    def _stage(self, repository: str, branch: str, file: Prepared) -> None:
        """Put the file's splits on the branch, and take away those that an earlier version of it had."""
        for split, path in _path_of_split(file.landed).items():
            if local := file.splits.get(split):
                self._lake.upload(repository, branch, path, local)
            else:
                for left in list(self._lake.objects(repository, branch, path)):
                    self._lake.delete(repository, branch, left.path)

    def _metadata(self, dataset: str, correlation_id: str, sources: Iterable[Source]) -> dict[str, str]:
        listed = [asdict(source) for source in sources]
        totals = {
            name: str(sum(source[name] for source in listed))
            for name in ("rows_in", "rows_committed", "rows_quarantined")
        }
        return {
            "dataset": dataset,
            "correlation_id": correlation_id,
            "git_sha": self._git_sha,
            "sources": json.dumps(listed),
            **totals,
        }


def _path_of_split(landed: LandedObject) -> dict[str, str]:
    return {split: f"{split}/{landed.source_id}.parquet" for split in SPLITS}


def _paths(landed: LandedObject) -> set[str]:
    return set(_path_of_split(landed).values())


def _empty(folder: Path) -> Path:
    """A new folder for one pass over one file; a delivery may tell of the same object twice."""
    return Path(mkdtemp(dir=folder))

"""A file that is deleted in S3 takes its rows from main, where its contract says so."""

from pathlib import Path

from lakeloop import names
from lakeloop.contract import DatasetContract
from lakeloop.ingest.keyed import upsert
from lakeloop.ingest.notification import LandedObject
from lakeloop.ingest.packs import withdraw
from lakeloop.ingest.ports import Landing
from lakeloop.ingest.shelf import Shelf
from lakeloop.lake.borders import in_force
from lakeloop.lake.branches import own_branch
from lakeloop.lake.index import Entry, Index
from lakeloop.lake.ports import Lake
from lakeloop.observability import logger
from lakeloop.scratch import scratch


class Removal:
    """Takes files off main, each in a commit of its own; one that S3 has again, or main no longer, is left alone."""

    def __init__(self, *, landing: Landing, lake: Lake, name_prefix: str, git_sha: str) -> None:
        self._landing = landing
        self._lake = lake
        self._name_prefix = name_prefix
        self._git_sha = git_sha

    def take_out(self, contract: DatasetContract, landed: LandedObject) -> None:
        """Raises MergeConflictError where somebody else was quicker at this part of main."""
        repository = names.repository(self._name_prefix, contract.name)
        entry = Index(self._lake, repository, names.MAIN).get(landed.source_id)
        if contract.on_delete == "keep" or entry is None:
            return
        correlation_id = names.digest("removed", entry.event_id, length=32)
        # Before the look at S3: whoever drops the file again after that look conflicts with this branch.
        with own_branch(self._lake, repository, correlation_id) as branch, scratch() as folder:
            contract = in_force(contract, Index(self._lake, repository, branch))
            self._merge(Shelf(self._lake, repository, branch, contract, Path(folder)), landed, correlation_id)

    def _merge(self, shelf: Shelf, landed: LandedObject, correlation_id: str) -> None:
        index = Index(self._lake, shelf.repository, shelf.branch)
        entry = index.get(landed.source_id)
        if entry is None or self._landing.current(landed.key):
            return
        rows = _withdrawn(shelf, index, landed.source_id, entry)
        shelf.write(index)
        message = f"Take out {landed.key}: deleted in S3, on_delete: remove"
        metadata = {
            "dataset": shelf.contract.name,
            "delivery": shelf.contract.delivery,
            "correlation_id": correlation_id,
            "git_sha": self._git_sha,
            "removed": landed.uri,
            "removed_version": entry.version,
            "rows_committed": "0",
            "rows_removed": str(rows),
        }
        committed = self._lake.commit(shelf.repository, shelf.branch, message, metadata)
        merged = self._lake.merge(shelf.repository, shelf.branch, message, committed.metadata)
        logger.info("taken out", extra={"repository": shelf.repository, "commit": merged.id, **metadata})


def _withdrawn(shelf: Shelf, index: Index, source_id: str, entry: Entry) -> int:
    """Take a file's rows off the branch; how many there were."""
    if shelf.contract.delivery == "append":
        return withdraw(shelf, index, [source_id])
    rows = upsert(shelf, index, (), leaving=[entry.uri]).replaced
    index.remove(source_id)
    return rows

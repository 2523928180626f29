"""Group commit: the files of one dataset become one commit on main, or those that may not are told apart."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from itertools import compress, takewhile
from pathlib import Path

from lakeloop import names
from lakeloop.contract import DatasetContract
from lakeloop.errors import LakeloopError, MergeConflictError, PermanentError
from lakeloop.ingest.delivery import Delivered, deliver
from lakeloop.ingest.ports import Landing, Publisher
from lakeloop.ingest.prepared import Prepared, is_current, listed
from lakeloop.ingest.shelf import Shelf
from lakeloop.lake.borders import in_force, laid
from lakeloop.lake.branches import own_branch
from lakeloop.lake.index import Index
from lakeloop.lake.ports import NEW_ROWS_KEY, Lake
from lakeloop.lake.sources import sources
from lakeloop.lake.turns import Turns
from lakeloop.messages import DataCommitted
from lakeloop.observability import logger
from lakeloop.scratch import scratch
from lakeloop.side_by_side import side_by_side

Attempt = Callable[[Callable[[], None]], LakeloopError | None]

# Deliveries side by side touch the same part of the index as a rule, and lakeFS merges the first. No try begins later
# than so long after the first: 120 of the function's 300 seconds are for commits, and the message comes again.
SECONDS_OF_TRIES = 40


class GroupCommit:
    """Commits groups of files. Each try has a branch of its own, so that two handlers never share one."""

    def __init__(
        self,
        *,
        landing: Landing,
        lake: Lake,
        turns: Turns,
        publisher: Publisher,
        name_prefix: str,
        git_sha: str,
        threads: int,
    ) -> None:
        self._landing = landing
        self._lake = lake
        self._turns = turns
        self._publisher = publisher
        self._name_prefix = name_prefix
        self._git_sha = git_sha
        self._threads = threads

    def commit(
        self, contract: DatasetContract, files: Sequence[Prepared], attempt: Attempt
    ) -> dict[str, LakeloopError]:
        """Commit the files; the errors of those that could not be, by event id.

        A group that is refused for good is halved until the refused file is alone.
        """
        error = attempt(lambda: self._commit(contract, files))
        if error is None:
            return {}
        if isinstance(error, PermanentError) and len(files) > 1:
            half = len(files) // 2
            return self.commit(contract, files[:half], attempt) | self.commit(contract, files[half:], attempt)
        error.subject = error.subject or listed(files)
        return {file.landed.event_id: error for file in files}

    def _commit(self, contract: DatasetContract, files: Sequence[Prepared]) -> None:
        repository = names.repository(self._name_prefix, contract.name)
        correlation_id = names.digest(*sorted(file.source.event_id for file in files), length=32)
        commit, rows = self._tried(repository, contract, files, correlation_id)
        self._publisher.publish(
            DataCommitted(
                dataset=contract.name,
                repository=repository,
                commit=commit,
                rows_committed=rows,
                correlation_id=correlation_id,
            )
        )
        logger.info("committed", extra={"repository": repository, "commit": commit, "rows": rows})

    def _tried(
        self, repository: str, contract: DatasetContract, files: Sequence[Prepared], correlation_id: str
    ) -> tuple[str, int]:
        """The first try that nobody else was quicker than."""
        ends = time.monotonic() + SECONDS_OF_TRIES
        while True:
            try:
                return self._try(repository, contract, files, correlation_id)
            except MergeConflictError as error:
                if time.monotonic() > ends:
                    raise
                logger.info("begins again", extra={"repository": repository, "why": str(error)})

    def _try(
        self, repository: str, contract: DatasetContract, files: Sequence[Prepared], correlation_id: str
    ) -> tuple[str, int]:
        self._turns.wait(repository)
        base = self._lake.head(repository)
        # Before the look at versions: whatever replaces a file after that look conflicts with this branch.
        with own_branch(self._lake, repository, correlation_id) as branch, scratch() as folder:
            contract = in_force(contract, Index(self._lake, repository, branch))
            shelf = Shelf(self._lake, repository, branch, contract, Path(folder), self._threads)
            return self._merged(shelf, base, files, correlation_id)

    def _merged(self, shelf: Shelf, base: str, files: Sequence[Prepared], correlation_id: str) -> tuple[str, int]:
        """The commit on main that has the files, and how many of its rows this delivery brought."""
        repository, branch = shelf.repository, shelf.branch
        index = Index(self._lake, repository, branch, self._threads)
        index.look_up(file.landed.source_id for file in files)
        # What an earlier delivery merged already is not counted a second time.
        contract = shelf.contract
        missing = [
            file for file in files if not file.is_on(index, contract.delivery) and not file.was_rolled_back(index)
        ]
        current = side_by_side(lambda file: is_current(self._landing, file.landed), missing, self._threads)
        fresh = list(compress(missing, current))
        delivered = deliver(contract, shelf, index, fresh) if fresh else Delivered()
        if not delivered.files:
            # The reader is told all the same: the delivery that merged may not have lived to say so.
            return self._lake.head(repository), 0
        metadata = self._metadata(contract, delivered, correlation_id)
        message = f"Ingest {', '.join(file.landed.key for file in delivered.files)}"
        committed = self._lake.commit(repository, branch, message, metadata)
        self._refuse_what_another_merged(repository, base, delivered.files)
        merged = self._lake.merge(repository, branch, message, committed.metadata)
        return merged.id, int(metadata["rows_committed"])

    def _refuse_what_another_merged(self, repository: str, base: str, files: Sequence[Prepared]) -> None:
        """The same rows merged twice at once are no conflict in lakeFS, but would be counted in both commits."""
        events = {file.landed.event_id for file in files}
        since = self._lake.log(repository, self._lake.head(repository))
        for commit in takewhile(lambda commit: commit.id != base, since):
            if events & {source.event_id for source in sources(commit)}:
                raise MergeConflictError(
                    f"commit {commit.id} of {repository} took the same file meanwhile: the next try leaves it out"
                )

    def _metadata(self, contract: DatasetContract, delivered: Delivered, correlation_id: str) -> dict[str, str]:
        sources = [asdict(file.source) for file in delivered.files]
        totals = {
            name: str(sum(source[name] for source in sources))
            for name in ("rows_in", "rows_committed", "rows_quarantined")
        }
        # By time, what is new lies behind the borders: nothing is learned from it before they move on.
        train = sum(file.result.counts.rows.get("train", 0) for file in delivered.files)
        return {
            "dataset": contract.name,
            "delivery": contract.delivery,
            "correlation_id": correlation_id,
            "git_sha": self._git_sha,
            "sources": json.dumps(sources),
            **totals,
            "rows_replaced": str(delivered.replaced),
            "rows_equal": str(delivered.equal),
            "rows_older": str(delivered.older),
            **({NEW_ROWS_KEY: str(train)} if laid(contract) else {}),
        }

"""Group commit: the files of one dataset become one commit on main, or those that may not are told apart."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from itertools import takewhile
from uuid import uuid4

from lakeloop import names
from lakeloop.errors import LakeloopError, PermanentError, TransientError
from lakeloop.ingest.ports import Landing, Publisher
from lakeloop.ingest.prepared import Prepared, is_current, listed
from lakeloop.lake.ports import Lake
from lakeloop.messages import DataCommitted
from lakeloop.observability import logger

Attempt = Callable[[Callable[[], None]], LakeloopError | None]
Again = Callable[[Prepared], Prepared]


class GroupCommit:
    """Commits groups of files. Each try has a branch of its own, so that two handlers never share one."""

    def __init__(self, *, landing: Landing, lake: Lake, publisher: Publisher, name_prefix: str, git_sha: str) -> None:
        self._landing = landing
        self._lake = lake
        self._publisher = publisher
        self._name_prefix = name_prefix
        self._git_sha = git_sha

    def commit(
        self, dataset: str, files: Sequence[Prepared], attempt: Attempt, again: Again
    ) -> dict[str, LakeloopError]:
        """Commit the files; the errors of those that could not be, by event id.

        A group that is refused for good is halved until the refused file is alone. Its files are gone by then, so
        `again` prepares them anew.
        """
        error = attempt(lambda: self._commit(dataset, files))
        if error is None:
            return {}
        if isinstance(error, PermanentError) and len(files) > 1:
            failures: dict[str, LakeloopError] = {}
            for half in (files[: len(files) // 2], files[len(files) // 2 :]):
                failures |= self._half(dataset, half, attempt, again)
            return failures
        error.subject = listed(files)
        return {file.landed.event_id: error for file in files}

    def _half(
        self, dataset: str, files: Sequence[Prepared], attempt: Attempt, again: Again
    ) -> dict[str, LakeloopError]:
        prepared: list[Prepared] = []
        error = attempt(lambda: prepared.extend(again(file) for file in files))
        if error:
            error.subject = listed(files)
            return {file.landed.event_id: error for file in files}
        return self.commit(dataset, prepared, attempt, again)

    def _commit(self, dataset: str, files: Sequence[Prepared]) -> None:
        repository = names.repository(self._name_prefix, dataset)
        correlation_id = names.digest(*sorted(file.source.event_id for file in files), length=32)
        branch = f"ingest-{correlation_id}-{uuid4().hex[:8]}"
        base = self._lake.head(repository)
        # Before the look at versions: whatever replaces a file after that look conflicts with this branch.
        self._lake.ensure_branch(repository, branch)
        try:
            commit, rows = self._merged(repository, branch, base, files, correlation_id)
        except Exception:
            self._drop(repository, branch)
            raise
        self._drop(repository, branch)
        self._publisher.publish(
            DataCommitted(
                dataset=dataset,
                repository=repository,
                commit=commit,
                rows_committed=rows,
                correlation_id=correlation_id,
            )
        )
        logger.info("committed", extra={"repository": repository, "commit": commit, "rows": rows})

    def _merged(
        self, repository: str, branch: str, base: str, files: Sequence[Prepared], correlation_id: str
    ) -> tuple[str, int]:
        """The commit on main that has the files, and how many of its rows this delivery brought."""
        current = [file for file in files if is_current(self._landing, file.landed)]
        for file in current:
            self._stage(repository, branch, file)
        changed = self._lake.uncommitted(repository, branch)
        # What an earlier delivery merged already is no change, and is not counted a second time.
        fresh = [file for file in current if changed & set(file.paths)]
        if not fresh:
            # The reader is told all the same: the delivery that merged may not have lived to say so.
            return self._lake.head(repository), 0
        metadata = self._metadata(fresh, correlation_id)
        message = f"Ingest {', '.join(file.landed.key for file in fresh)}"
        committed = self._lake.commit(repository, branch, message, metadata)
        self._refuse_what_another_merged(repository, base, fresh)
        merged = self._lake.merge(repository, branch, message, committed.metadata)
        return merged.id, int(metadata["rows_committed"])

    def _stage(self, repository: str, branch: str, file: Prepared) -> None:
        """Put the file's objects on the branch, and take away those that only an earlier version of it had."""
        for path in file.paths:
            if local := file.objects.get(path):
                self._lake.upload(repository, branch, path, local)
                local.unlink()
            else:
                for left in list(self._lake.objects(repository, branch, path)):
                    self._lake.delete(repository, branch, left.path)

    def _refuse_what_another_merged(self, repository: str, base: str, files: Sequence[Prepared]) -> None:
        """The same rows merged twice at once are no conflict in lakeFS, but would be counted in both commits."""
        events = {file.landed.event_id for file in files}
        since = self._lake.log(repository, self._lake.head(repository))
        for commit in takewhile(lambda commit: commit.id != base, since):
            if events & {source["event_id"] for source in json.loads(commit.metadata.get("sources", "[]"))}:
                raise TransientError(
                    f"commit {commit.id} of {repository} took the same file meanwhile: the next try leaves it out"
                )

    def _metadata(self, files: Sequence[Prepared], correlation_id: str) -> dict[str, str]:
        sources = [asdict(file.source) for file in files]
        totals = {
            name: str(sum(source[name] for source in sources))
            for name in ("rows_in", "rows_committed", "rows_quarantined")
        }
        return {
            "dataset": files[0].landed.dataset,
            "correlation_id": correlation_id,
            "git_sha": self._git_sha,
            "sources": json.dumps(sources),
            **totals,
        }

    def _drop(self, repository: str, branch: str) -> None:
        try:
            self._lake.delete_branch(repository, branch)
        except Exception:  # noqa: BLE001 what was merged is merged
            logger.exception("a branch is left behind", extra={"branch": branch})

"""Features of another recipe for rows that are on main already: made from the rows, without the landed files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from lakeloop import names
from lakeloop.contract import DatasetContract
from lakeloop.contract.digest import recipe_digest
from lakeloop.contract.ports import Contracts
from lakeloop.errors import PostponedError, TransientError, UnreadableObjectError
from lakeloop.ingest.features import features_frame
from lakeloop.ingest.parquet_parts import ParquetParts
from lakeloop.ingest.ports import Publisher
from lakeloop.ingest.ranges import slices
from lakeloop.lake.features import features_at, features_of
from lakeloop.lake.index import Index
from lakeloop.lake.ports import Lake, LakeObject
from lakeloop.messages import DataCommitted, FeaturesMissing, Message
from lakeloop.observability import logger
from lakeloop.scratch import scratch

# What is left of the function's time when no further object is begun: the largest takes some ten seconds.
SECONDS_TO_SPARE = 60


@dataclass(frozen=True)
class Work:
    """What is to be done: the features of a recipe for the rows of one commit of main."""

    contract: DatasetContract
    repository: str
    recipe: str
    commit: str

    @property
    def branch(self) -> str:
        """Where everything lies until it is merged, whoever works on it."""
        return f"{names.INGEST_BRANCH}{self.recipe}-features"


class RemakeService:
    """The work of `remake_features`.

    What was made stays on a branch of the recipe's own until all is there, so a function that was ended goes on where
    it stopped, and main gets everything in one merge. An object's name says what is in it: features of rows that were
    replaced meanwhile belong to nothing on main, and are read by nobody.
    """

    def __init__(
        self,
        *,
        contracts: Contracts,
        lake: Lake,
        publisher: Publisher,
        name_prefix: str,
        git_sha: str,
    ) -> None:
        self._contracts = contracts
        self._lake = lake
        self._publisher = publisher
        self._name_prefix = name_prefix
        self._git_sha = git_sha

    def handle(self, message: Message, seconds_left: Callable[[], float]) -> None:
        """Make what is missing on main, while there is time. Raises TransientError when there is more to do."""
        asked = FeaturesMissing.parse(message.body)
        contract = self._contracts.get(asked.dataset)
        repository = names.repository(self._name_prefix, contract.name)
        recipe = recipe_digest(contract)
        if recipe != asked.recipe:
            raise TransientError(
                f"features of recipe {asked.recipe} are asked for and the contract is {recipe}'s: an apply is "
                "under way, or its message is older than that",
                subject=f"lakefs://{repository}/{asked.commit}",
            )
        commit = self._lake.head(repository)
        work = Work(contract, repository, recipe, commit)
        index = Index(self._lake, repository, commit)
        if missing := features_at(self._lake, repository, commit, recipe, index).missing:
            self._lake.ensure_branch(repository, work.branch)
            self._stage(work, {features_of(entry, recipe): entry for entry in missing}, seconds_left)
            commit = self._merged(work, len(missing), asked.correlation_id)
        # Who merged may not have lived to do the rest, so it is done also where nothing is missing.
        self._lake.delete_branch(repository, work.branch)
        self._publisher.publish(
            DataCommitted(
                dataset=contract.name,
                repository=repository,
                commit=commit,
                rows_committed=0,
                correlation_id=asked.correlation_id,
            )
        )

    def _stage(self, work: Work, wanted: Mapping[str, LakeObject], seconds_left: Callable[[], float]) -> None:
        """Put what is wanted on the branch, as far as it is not there from an earlier try."""
        there = self._lake.uncommitted(work.repository, work.branch)
        for path in sorted(there - wanted.keys()):
            self._lake.delete(work.repository, work.branch, path)
        for done, (path, entry) in enumerate(wanted.items()):
            if path in there:
                continue
            if seconds_left() < SECONDS_TO_SPARE:
                raise PostponedError(
                    f"{done} of {len(wanted)} objects have features of recipe {work.recipe}: the next try goes on",
                    subject=f"lakefs://{work.repository}/{work.branch}",
                )
            with scratch() as folder:
                if file := self._features(work, entry, Path(folder)):
                    self._lake.upload(work.repository, work.branch, path, file)

    def _features(self, work: Work, entry: LakeObject, folder: Path) -> Path | None:
        """The features of one object of rows as a local file.

        The rows are those of the commit, whatever main has by now: by them the features are named.
        """
        rows, features = folder / "rows.parquet", ParquetParts(folder, "features")
        self._lake.download(work.repository, work.commit, entry.path, rows)
        try:
            for some in slices(rows):
                features.add(features_frame(work.contract, some), empty=True)
        except pl.exceptions.PolarsError as error:
            raise UnreadableObjectError(
                f"{entry.path} on main holds no rows of {work.contract.name}'s columns, and its features are missing: "
                "delete it on a branch and merge that",
                subject=f"lakefs://{work.repository}/main/{entry.path}",
            ) from error
        return features.finish()

    def _merged(self, work: Work, count: int, correlation_id: str) -> str:
        """Main's commit with what is on the branch."""
        message = f"Features of recipe {work.recipe}"
        metadata = {
            "dataset": work.contract.name,
            "correlation_id": names.digest(correlation_id, work.recipe, length=32),
            "git_sha": self._git_sha,
            "recipe": work.recipe,
            "objects": str(count),
            "rows_committed": "0",
        }
        committed = self._lake.commit(work.repository, work.branch, message, metadata)
        merged = self._lake.merge(work.repository, work.branch, message, committed.metadata)
        logger.info("features made", extra={"repository": work.repository, "commit": merged.id, **metadata})
        return merged.id

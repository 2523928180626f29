"""Taking bad data off the main of one dataset, as a person asks for it."""

import importlib.metadata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from lakeloop.adapters.s3 import S3Landing
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment
from lakeloop.client.errors import MistakenNameError
from lakeloop.client.replay import Landing
from lakeloop.reports import now
from lakeloop.rollback.service import By, Change, DataRollback, Staged
from lakeloop.rollback.target import NothingToRollBackError, Target, Targets

NAME_WHAT_BROUGHT_IT = "name the commit or the file that brought the rows; `lakeloop trace FILE` shows its commits"
# All tries of one call of lakeFS; rows are written anew, and whoever waits sees what for.
LAKE_SECONDS = 60


class DataRollbacks:
    """Finds what is meant, shows on a branch what becomes of main, and merges that."""

    def __init__(self, environment: Environment, dataset: Dataset) -> None:
        self._environment = environment
        self._dataset = dataset
        self._bucket = environment.outputs.landing_bucket
        self._service = DataRollback(
            lake=environment.lake_within(LAKE_SECONDS),
            landing=S3Landing(environment.s3, self._bucket),
            contract=dataset.contract,
            name_prefix=environment.outputs.name_prefix,
            release=importlib.metadata.version("lakeloop"),
        )

    def look(self) -> Targets:
        """What can be named on main as it is now."""
        return self._service.targets(self._bucket)

    @staticmethod
    def find(targets: Targets, named: str) -> Target:
        """The commit or file of that name."""
        try:
            return targets.find(named)
        except NothingToRollBackError as error:
            raise MistakenNameError(str(error), NAME_WHAT_BROUGHT_IT) from error

    @contextmanager
    def staged(self, targets: Targets, target: Target, reason: str) -> Iterator[Staged | None]:
        """What becomes of main, on a branch; None where nothing of the target is on main.

        Raises MergeConflictError where main changed meanwhile.
        """
        if target.gone and not target.files:
            yield None
            return
        by = By(who=self._environment.caller, at=now().isoformat(timespec="seconds"), reason=reason)
        with self._service.staged(target, targets.since(target.since), by) as staged:
            yield staged

    def read_again(self, change: Change) -> int:
        """Send files of which rows had been left out through the gate again; how many there were."""
        keys = [uri.removeprefix(f"s3://{self._bucket}/") for uri in change.read_again]
        files = self._landing.to_replay(0.0, *keys) if keys else []
        return max(self._landing.replay(files), default=0)

    @cached_property
    def _landing(self) -> Landing:
        return Landing(self._environment, self._dataset)

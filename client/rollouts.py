"""Which versions of the functions run, and back to those of a former apply."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from lakeloop.adapters.rollouts import S3Rollouts
from lakeloop.client.environment import Environment
from lakeloop.client.errors import AdvisedError, MistakenNameError
from lakeloop.rollout.record import Written, current, former

# The alias that Terraform makes of each function, and how long Lambda lets its description be.
ALIAS = "live"
LONGEST_DESCRIPTION = 256


@dataclass(frozen=True)
class Alias:
    """What runs of one function: its version, and what the one who moved it there last says."""

    version: str
    said: str
    revision: str


@dataclass(frozen=True)
class Way:
    """The functions that move, each to a version, for a former rollout to run."""

    to: Written
    moves: Mapping[str, str]


class Rollouts:
    """The functions of one environment, by the names AWS has."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._lambda = environment.lambda_

    @cached_property
    def kept(self) -> list[Written]:
        """What one can go back to, newest first. Raises AdvisedError where an earlier release was applied."""
        found = S3Rollouts(self._environment.s3, self._environment.outputs.artifacts_bucket).kept()
        if not found:
            raise AdvisedError(
                "the functions of this environment have no versions yet",
                "an apply of this release makes them: `terraform apply`, locally `lakeloop apply`",
            )
        return found

    @cached_property
    def live(self) -> dict[str, Alias]:
        return {one.name: self._alias(one.name) for one in self._environment.outputs.functions.values()}

    @property
    def versions(self) -> dict[str, str]:
        """What each function runs."""
        return {name: alias.version for name, alias in self.live.items()}

    @property
    def runs(self) -> Written | None:
        """The rollout that is live; None while functions are of several."""
        return current(self.kept, self.versions)

    @property
    def set_back(self) -> dict[str, str]:
        """The functions that are not at what was applied last, each with the version that was."""
        return self.kept[0].rollout.moves(self.versions)

    def way(self, to: str | None) -> Way:
        """To the rollout before, or to the one whose id begins so."""
        found = self._named(to) if to else former(self.kept, self.versions)
        if found is None:
            problem = "there is nothing before it" if self.runs else "functions of several applies run"
            raise AdvisedError(problem, "see `lakeloop functions`, and name one of them with --to")
        return Way(found, found.rollout.moves(self.versions))

    def go(self, way: Way, reason: str) -> None:
        """Move the aliases, each only if nobody has moved it since it was looked at."""
        for name, version in way.moves.items():
            alias = self.live[name]
            self._lambda.update_alias(
                FunctionName=name,
                Name=ALIAS,
                FunctionVersion=version,
                Description=f"From {alias.version} by {self._environment.caller}: {reason}"[:LONGEST_DESCRIPTION],
                RevisionId=alias.revision,
            )

    def _alias(self, name: str) -> Alias:
        found = self._lambda.get_alias(FunctionName=name, Name=ALIAS)
        return Alias(found["FunctionVersion"], found.get("Description", ""), found["RevisionId"])

    def _named(self, beginning: str) -> Written:
        found = [one for one in self.kept if one.id.startswith(beginning)]
        if len(found) != 1:
            raise MistakenNameError(
                f"{'no' if not found else 'more than one'} apply that is kept begins with {beginning!r}",
                "name one that `lakeloop functions` shows",
            )
        return found[0]

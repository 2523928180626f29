"""What follows from bad data for the models that learned from it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from lakeloop.lake.ports import LakeCommit
from lakeloop.lineage.bad_data import ROLLED_BACK, taken_back_since
from lakeloop.registry.lineage import DATA_COMMIT
from lakeloop.registry.ports import Approval, ModelVersion
from lakeloop.training.ports import TuningRun

BAD_DATA = "bad_data"
"""Metadata of a model version: the commit that brought what it should not have learned."""

SUPERSEDED = "superseded by version"
"""How the reason of a version begins that was rejected because another serves in its place."""


@dataclass(frozen=True)
class Consequences:
    """What is to become of models and jobs; versions are newest first.

    `serving` is the flagged version that answers requests now, `instead` the last good one, which takes its place.
    With none, a new model is to be trained, and the flagged one serves until then.
    """

    flagged: tuple[ModelVersion, ...] = ()
    stopped: tuple[str, ...] = ()
    serving: ModelVersion | None = None
    instead: ModelVersion | None = None

    @property
    def train(self) -> bool:
        return self.serving is not None and self.instead is None

    @property
    def rejected(self) -> tuple[ModelVersion, ...]:
        """All but one that must go on serving; the one that takes over is approved first."""
        return tuple(version for version in self.flagged if not (self.train and version == self.serving))


def consequences(
    versions: Iterable[ModelVersion],
    runs: Iterable[TuningRun],
    is_bad: Callable[[str], bool],
    *,
    serving: str,
) -> Consequences:
    """`is_bad` says of a data commit whether it has the bad data; `serving` is the ARN of the version that answers."""
    all_ = list(versions)
    flagged = tuple(version for version in all_ if is_bad(version.metadata.get(DATA_COMMIT, "")))
    bad = next((version for version in flagged if version.arn == serving), None)
    good = (version for version in all_ if version not in flagged and may_serve_again(version))
    instead = next(good, None) if bad else None
    stopped = tuple(run.name for run in runs if run.status == "InProgress" and is_bad(run.commit))
    return Consequences(flagged, stopped, bad, instead)


def may_serve_again(version: ModelVersion) -> bool:
    """Whether a version was good enough and nobody took it back since: one that lost its place to a better one is."""
    superseded = version.approval is Approval.REJECTED and version.why.startswith(SUPERSEDED)
    return BAD_DATA not in version.metadata and (version.approval is Approval.APPROVED or superseded)


def has_data_of(log: Iterable[LakeCommit], taken_back: Iterable[str], left: str = "") -> Callable[[str], bool]:
    """Whether a data commit has what these commits brought: they are among its ancestors, and what took it back is not.

    `left` is the commit with which it left main; empty while it is there.
    """
    rollback = LakeCommit("", {ROLLED_BACK: ",".join(taken_back)})
    line = [] if left else [rollback]
    for commit in log:
        line.append(replace(commit, metadata={}))
        if commit.id == left:
            line[-1] = replace(rollback, id=left, parents=commit.parents)
    return lambda data_commit: taken_back_since(line, data_commit) is not None

"""Which version of a model takes the place of the one that serves."""

from collections.abc import Sequence
from dataclasses import dataclass

from lakeloop.errors import PermanentError
from lakeloop.registry.ports import Approval, ModelVersion
from lakeloop.rollback.models import BAD_DATA, may_serve_again

PRUNED = "pruned"
"""Metadata of a version whose artifact was deleted: when, in ISO 8601."""


class NoSuchVersionError(PermanentError):
    """There is no such version, or none that may serve."""


@dataclass(frozen=True)
class Exchange:
    """What is rejected for good, and what is approved in its place."""

    back: tuple[ModelVersion, ...]
    to: ModelVersion


def exchange(versions: Sequence[ModelVersion], serving: str, to: int | None) -> Exchange:
    """Back to a version that served before, the last one unless another is named.

    `versions` are newest first, `serving` is the ARN of the one that answers. All that is approved beside the one that
    takes over is rejected too: an update that is under way would bring it.
    """
    now = [version for version in versions if version.arn == serving or version.approval is Approval.APPROVED]
    if not now:
        raise NoSuchVersionError("no version serves, and none is approved: there is nothing to roll back")
    chosen = _named(versions, to) if to is not None else _before(versions, now)
    if chosen.arn == serving and len(now) == 1:
        raise NoSuchVersionError(f"version {chosen.version} serves already")
    return Exchange(tuple(version for version in now if version != chosen), chosen)


def _before(versions: Sequence[ModelVersion], now: Sequence[ModelVersion]) -> ModelVersion:
    """What serves while an update brings another; else what lost its place last."""
    wish = max(now, key=lambda version: (version.settled, version.version))
    candidates = [version for version in versions if version != wish and is_ready(version)]
    if not candidates:
        raise NoSuchVersionError(
            f"no version served before version {wish.version} and is still good: approve one by hand, or train anew"
        )
    return max(candidates, key=lambda version: (version in now, version.settled, version.version))


def _named(versions: Sequence[ModelVersion], number: int) -> ModelVersion:
    found = next((version for version in versions if version.version == number), None)
    if found is None:
        raise NoSuchVersionError(f"there is no version {number}: `lakeloop models` lists those that there are")
    if not is_ready(found):
        raise NoSuchVersionError(f"version {number} does not serve again: {why_not(found)}")
    return found


def is_ready(version: ModelVersion) -> bool:
    return may_serve_again(version) and PRUNED not in version.metadata


def why_not(version: ModelVersion) -> str:
    """Why a version may not serve, as a sentence."""
    if PRUNED in version.metadata:
        return f"its artifact was deleted at {version.metadata[PRUNED]}"
    if BAD_DATA in version.metadata:
        return f"it learned from data that was taken back, of commit {version.metadata[BAD_DATA]}"
    return f"it is {version.approval}: {version.why}"

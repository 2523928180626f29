"""Which version should be served, and whether its approval still stands."""

from collections.abc import Iterable

from lakeloop.registry import lineage
from lakeloop.registry.ports import ModelVersion


def wished(approved: Iterable[ModelVersion]) -> ModelVersion | None:
    """The version that was approved last, whoever did.

    A person may approve an earlier one again; the version that serves stays approved until another serves in its place.
    """
    return max(approved, key=lambda version: (version.settled, version.version), default=None)


def is_stale(version: ModelVersion, serving: str) -> bool:
    """Whether the promotion rule has decided about a version beside another model than the one that serves.

    `serving` names that as `lineage.CHAMPION` does. What a person decided stands.
    """
    return not is_by_person(version) and version.metadata.get(lineage.CHAMPION, lineage.NOBODY) != serving


def is_by_person(version: ModelVersion) -> bool:
    """Whether somebody else than the promotion rule has decided about a version last, by command or in the console."""
    told = version.metadata
    return told.get(lineage.DECIDED_BY) != lineage.RULE or told.get(lineage.RULED) != version.approval

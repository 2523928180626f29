"""The three-way merge of trees: whole objects, never their content."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from lakeloop.local.lakefs.entries import Changes, Difference, Entry, same


class Strategy(StrEnum):
    """Who wins where both sides changed a path."""

    NONE = ""
    SOURCE_WINS = "source-wins"
    DEST_WINS = "dest-wins"


@dataclass(frozen=True)
class Merged:
    """What the destination has to change, and the paths on which the two sides disagree."""

    changes: Changes
    conflicts: list[str]


def three_way(
    source_changes: Iterable[Difference], destination_changes: Iterable[Difference], strategy: Strategy
) -> Merged:
    """Bring the source's changes since the base into a destination with changes of its own since the same base."""
    theirs = {change.path: change.right for change in destination_changes}
    changes: dict[str, Entry | None] = {}
    conflicts: list[str] = []
    for change in source_changes:
        path = change.path
        if path not in theirs or (strategy is Strategy.SOURCE_WINS and not same(change.right, theirs[path])):
            changes[path] = change.right
        elif strategy is Strategy.NONE and not same(change.right, theirs[path]):
            conflicts.append(path)
    return Merged(changes, conflicts)


class Kind(StrEnum):
    """What a difference is called in a listing of differences."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    CONFLICT = "conflict"


def kind_of(difference: Difference) -> Kind:
    if difference.left is None:
        return Kind.ADDED
    return Kind.REMOVED if difference.right is None else Kind.CHANGED


def pending(
    left_to_right: Iterable[Difference], base_to_left: Iterable[Difference], base_to_right: Iterable[Difference]
) -> list[tuple[Difference, Kind]]:
    """What merging right into left would change, and where it would conflict."""
    changed_left = {change.path for change in base_to_left}
    changed_right = {change.path for change in base_to_right}
    return [
        (difference, Kind.CONFLICT if difference.path in changed_left else kind_of(difference))
        for difference in left_to_right
        if difference.path in changed_right
    ]

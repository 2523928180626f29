"""Which features of a recipe lie beside the rows of a commit, and which are still to be made."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lakeloop.lake.index import Index
from lakeloop.lake.layout import (
    BY_HAND,
    SPLITS,
    features_folder,
    is_ours,
    is_read,
    name_of,
    place_of,
    rows_folder,
    twin_of,
)
from lakeloop.lake.ports import Lake, LakeObject


@dataclass(frozen=True)
class Features:
    """`made` are by split the objects that training reads; `missing` are rows with labels that have no features yet.

    `files_missing` and `files` count landed files, and what people put on main as one each.
    """

    made: Mapping[str, Sequence[LakeObject]]
    missing: Sequence[LakeObject]
    files_missing: int
    files: int

    @property
    def by_people(self) -> bool:
        """Whether somebody put rows on main, of which the index does not tell."""
        return any(
            not is_ours(name) or name.startswith(BY_HAND)
            for entries in self.made.values()
            for name in map(name_of, entries)
        )


def features_at(lake: Lake, repository: str, ref: str, recipe: str, index: Index) -> Features:
    """The features of a recipe at a commit, whose index it is.

    An object that the loop named is what its name says, so features whose rows are gone are nobody's: they were made
    while the rows were replaced.
    """
    made: dict[str, list[LakeObject]] = {}
    missing: list[LakeObject] = []
    for split in SPLITS:
        rows = {twin_of(entry): entry for entry in _read(lake, repository, ref, rows_folder(split))}
        there = {name_of(entry): entry for entry in _read(lake, repository, ref, features_folder(recipe, split))}
        made[split] = [entry for name, entry in there.items() if name in rows or not is_ours(name)]
        # A person may have brought features along with rows, under the same name.
        missing += [entry for name, entry in rows.items() if not there.keys() & {name, name_of(entry)}]
    entries = dict(index.entries())
    if missing:
        missing = _with_labels(missing, index)
    places = {place_of(name_of(entry)) for entry in missing}
    by_hand = sum(not is_ours(place) for place in places)
    ours = sum(not entry.place or entry.place in places for entry in entries.values()) if places else 0
    return Features(made, missing, ours + by_hand, len(entries) + by_hand)


def _with_labels(missing: Sequence[LakeObject], index: Index) -> list[LakeObject]:
    """Rows of which there are features to make: those without a label have none."""
    labelled: Counter[tuple[str, str]] = Counter()
    for _, entry in index.entries():
        labelled.update({(entry.place, split): count for split, count in entry.counts.labelled.items()})
    for place, counts in zip(index.writer.places, index.writer.counts, strict=True):
        labelled.update({(place, split): count for split, count in counts.labelled.items()})

    def has_labels(entry: LakeObject) -> bool:
        name = name_of(entry)
        return not is_ours(name) or labelled[place_of(name), entry.path.split("/")[1]] > 0

    return [entry for entry in missing if has_labels(entry)]


def features_of(entry: LakeObject, recipe: str) -> str:
    """The path of the features that belong to an object of rows."""
    return f"{features_folder(recipe, entry.path.split('/')[1])}{twin_of(entry)}"


def _read(lake: Lake, repository: str, ref: str, folder: str) -> Iterator[LakeObject]:
    return (entry for entry in lake.objects(repository, ref, folder) if is_read(name_of(entry)))

"""A landed file that has been judged, and what a commit says about it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lakeloop.contract import DatasetContract
from lakeloop.contract.digest import recipe_digest
from lakeloop.ingest.notification import LandedObject
from lakeloop.ingest.ports import Landing
from lakeloop.ingest.transform import TransformedFile
from lakeloop.lake import layout


@dataclass(frozen=True)
class Source:
    """What a commit says about one of the files in it."""

    event_id: str
    uri: str
    version: str
    sha256: str
    rows_in: int
    rows_committed: int
    rows_quarantined: int
    quarantine_uri: str
    notes: Mapping[str, int] = field(default_factory=dict)
    """What was done in silence, and how often: "comment lines", "unlisted values of payment"."""


@dataclass(frozen=True)
class Prepared:
    """A file that has been judged and is ready for its commit.

    `objects` are local files by their paths in the lake, gone once they are staged; `paths` are all that the source
    may have there.
    """

    landed: LandedObject
    source: Source
    objects: Mapping[str, Path]
    paths: Sequence[str]

    @property
    def size_bytes(self) -> int:
        return sum(path.stat().st_size for path in self.objects.values())


def prepared(contract: DatasetContract, landed: LandedObject, source: Source, result: TransformedFile) -> Prepared:
    """The judged file as objects of the lake."""
    recipe, id_ = recipe_digest(contract), landed.source_id
    rows = {layout.rows_path(split, id_): path for split, path in result.rows.items()}
    features = {layout.features_path(recipe, split, id_): path for split, path in result.features.items()}
    return Prepared(landed, source, rows | features, layout.paths_of(recipe, id_))


def listed(files: Iterable[Prepared]) -> str:
    return ", ".join(str(file.landed) for file in files)


def is_current(landing: Landing, landed: LandedObject) -> bool:
    """Whether a reader of the key gets this version. A newer one has an event of its own."""
    current = landing.current(landed.key)
    return current is not None and current.version == landed.version

"""Which file lies where on main, in the commit that put it there.

An entry lies in one of 256 objects, by the digest that names its file, so a file is found with one read however many
there are. Whoever takes a file in or out rewrites the object of its entry: lakeFS conflicts path by path, so two who
touch the same file, or files of one pack, cannot both be merged.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from lakeloop.errors import UnreadableObjectError
from lakeloop.lake.layout import BORDERS_PATH, INDEX, WRITER_PATH, index_path, is_index
from lakeloop.lake.ports import Lake
from lakeloop.side_by_side import THREADS, side_by_side

FORMAT = 2
"""The version of what is written; a reader refuses a later one."""


@dataclass(frozen=True)
class Counts:
    """Rows, those of them with a label, and the rows of each class, each by split."""

    rows: Mapping[str, int] = field(default_factory=dict)
    labelled: Mapping[str, int] = field(default_factory=dict)
    classes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.rows.values())

    @classmethod
    def summed(cls, counts: Iterable[Self]) -> Self:
        """All of them together."""
        rows: dict[str, int] = {}
        labelled: dict[str, int] = {}
        classes: dict[str, dict[str, int]] = {}
        for some in counts:
            _add(rows, some.rows)
            _add(labelled, some.labelled)
            for split, found in some.classes.items():
                _add(classes.setdefault(split, {}), found)
        return cls(rows, labelled, classes)


@dataclass(frozen=True)
class Entry:
    """One landed file on main.

    `landed` is when S3 took the version, in seconds since 1970. `place` names its objects, `ranges` are the numbers of
    a large file's. Under upsert both are empty: its rows lie among those of the same keys. `borders` are those of a
    split by time that its rows were put in their splits by, empty without one; `integers` are the columns whose numbers
    are whole by type.
    """

    uri: str
    version: str
    event_id: str
    sha256: str
    reading: str
    landed: float
    sequencer: str
    counts: Counts
    place: str = ""
    ranges: tuple[int, ...] = ()
    borders: tuple[str, ...] = ()
    integers: tuple[str, ...] = ()

    @property
    def content(self) -> str:
        """Of its rows as they lie, by type and in their splits: by it places are named."""
        return "|".join([self.identity, *self.borders, ",".join(self.integers)])

    @property
    def identity(self) -> str:
        """Of its rows: one version of the file, read one way."""
        return f"{self.event_id}:{self.reading}"

    @property
    def age(self) -> tuple[float, str, str]:
        """By which deliveries are ordered, the newest last; S3 tells time in whole seconds."""
        return self.landed, self.sequencer.rjust(32, "0"), self.uri

    def moved(self, place: str) -> Self:
        return replace(self, place=place)


@dataclass(frozen=True)
class RolledBack:
    """A version of a landed file that a person took off main; S3 has it still.

    Nobody brings it back unasked: who drops the file again, or replays it by name, does.
    """

    uri: str
    version: str
    landed: float
    sequencer: str

    @classmethod
    def of(cls, entry: Entry) -> Self:
        return cls(entry.uri, entry.version, entry.landed, entry.sequencer)


@dataclass(frozen=True)
class Writer:
    """What upsert and snapshot know of main as a whole: the file that is the snapshot, or the places of the keys.

    `borders` are by place those of a split by time.
    """

    snapshot: str = ""
    places: tuple[str, ...] = ()
    counts: tuple[Counts, ...] = ()
    borders: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Advanced:
    """Borders that main moved on to by itself, from those of the contract."""

    was: tuple[str, ...] = ()
    now: tuple[str, ...] = ()


class Index:
    """The index at one reference, read as it is needed, with the changes that are to be written."""

    def __init__(self, lake: Lake, repository: str, ref: str, threads: int = THREADS) -> None:
        self._lake = lake
        self._repository = repository
        self._ref = ref
        self._threads = threads
        self._read: dict[str, dict[str, Entry]] = {}
        self._gone: dict[str, dict[str, tuple[RolledBack, ...]]] = {}
        self._changed: set[str] = set()
        self._writer: Writer | None = None
        self._advanced: Advanced | None = None

    def get(self, source_id: str) -> Entry | None:
        return self._entries(index_path(source_id)).get(source_id)

    def put(self, source_id: str, entry: Entry) -> None:
        """Tell of a file; what was rolled back of it is forgotten once another delivery of it is on main."""
        path = index_path(source_id)
        there = self._entries(path).get(source_id)
        if there != entry:
            self._read[path][source_id] = entry
            self._changed.add(path)
        if there is None or there.event_id != entry.event_id:
            self._gone[path].pop(source_id, None)

    def remove(self, source_id: str) -> None:
        path = index_path(source_id)
        if self._entries(path).pop(source_id, None):
            self._changed.add(path)

    def roll_back(self, source_id: str, gone: RolledBack) -> None:
        """Remember that a person took a version off main, after the index tells what is there in its place."""
        path = index_path(source_id)
        self._entries(path)
        self._gone[path][source_id] = (*(had for had in self.rolled_back_of(source_id) if had != gone), gone)
        self._changed.add(path)

    def rolled_back_of(self, source_id: str) -> tuple[RolledBack, ...]:
        """The versions of a file that were rolled back since a delivery of it came to main, oldest first."""
        path = index_path(source_id)
        self._entries(path)
        return self._gone[path].get(source_id, ())

    def rolled_back(self) -> Iterator[RolledBack]:
        """All of them: at most 256 reads, which `entries` makes too."""
        paths = self._paths()
        self._read_all(paths)
        for path in paths:
            for gone in self._gone[path].values():
                yield from gone

    def entries(self) -> Iterator[tuple[str, Entry]]:
        """All of them with the ids of their files: at most 256 reads."""
        paths = self._paths()
        self._read_all(paths)
        for path in paths:
            yield from self._entries(path).items()

    def look_up(self, source_ids: Iterable[str]) -> None:
        """Read side by side what tells of these files, and nothing where nothing is told of them."""
        wanted = {index_path(id_) for id_ in source_ids}
        there = wanted.intersection(self._paths())
        for path in wanted - there - self._read.keys():
            self._read[path], self._gone[path] = {}, {}
        self._read_all(sorted(there))

    def _paths(self) -> list[str]:
        found = self._lake.objects(self._repository, self._ref, f"{INDEX}/")
        return [entry.path for entry in found if is_index(entry.path)]

    def _read_all(self, paths: Iterable[str]) -> None:
        side_by_side(self._entries, paths, self._threads)

    @property
    def writer(self) -> Writer:
        if self._writer is None:
            found = self._document(WRITER_PATH)
            self._writer = Writer(
                found.get("snapshot", ""),
                tuple(found.get("places", ())),
                tuple(Counts(**counts) for counts in found.get("counts", ())),
                tuple(tuple(borders) for borders in found.get("borders", ())),
            )
        return self._writer

    @writer.setter
    def writer(self, writer: Writer) -> None:
        self._writer = writer
        self._changed.add(WRITER_PATH)

    @property
    def advanced(self) -> Advanced:
        if self._advanced is None:
            found = self._document(BORDERS_PATH)
            self._advanced = Advanced(tuple(found.get("was", ())), tuple(found.get("now", ())))
        return self._advanced

    @advanced.setter
    def advanced(self, advanced: Advanced) -> None:
        self._advanced = advanced
        self._changed.add(BORDERS_PATH)

    def counts(self) -> Counts:
        """Of all that the loop committed."""
        return Counts.summed([*(entry.counts for _, entry in self.entries()), *self.writer.counts])

    def changes(self) -> Iterator[tuple[str, bytes | None]]:
        """What is to be written, by path; None where nothing is left to tell."""
        for path in sorted(self._changed):
            if path == WRITER_PATH:
                yield path, _written(asdict(self.writer))
            elif path == BORDERS_PATH:
                yield path, _written(asdict(self.advanced))
            elif self._read[path] or self._gone[path]:
                yield path, _written(self._told(path))
            else:
                yield path, None

    def _told(self, path: str) -> dict[str, object]:
        told: dict[str, object] = {"sources": {id_: asdict(entry) for id_, entry in self._read[path].items()}}
        if gone := self._gone[path]:
            told["rolled_back"] = {id_: [asdict(one) for one in some] for id_, some in gone.items()}
        return told

    def _entries(self, path: str) -> dict[str, Entry]:
        if path not in self._read:
            found = self._document(path)
            self._gone[path] = {
                id_: tuple(RolledBack(**one) for one in some) for id_, some in found.get("rolled_back", {}).items()
            }
            self._read[path] = {id_: _entry(written) for id_, written in found.get("sources", {}).items()}
        return self._read[path]

    def _document(self, path: str) -> dict[str, Any]:
        body = self._lake.read(self._repository, self._ref, path)
        if body is None:
            return {}
        found: dict[str, Any] = json.loads(body)
        if found["format"] > FORMAT:
            raise UnreadableObjectError(
                f"{path} is written in format {found['format']}, later than {FORMAT}: deploy the release that wrote it",
                subject=f"lakefs://{self._repository}/{self._ref}/{path}",
            )
        return found


def _entry(written: dict[str, Any]) -> Entry:
    counts = Counts(**written.pop("counts"))
    lists = {name: tuple(written.get(name, ())) for name in ("ranges", "borders", "integers")}
    return Entry(**{**written, "counts": counts, **lists})


def _written(content: Mapping[str, object]) -> bytes:
    return json.dumps({"format": FORMAT, **content}, separators=(",", ":"), sort_keys=True).encode()


def _add(to: dict[str, int], some: Mapping[str, int]) -> None:
    for name, count in some.items():
        to[name] = to.get(name, 0) + count

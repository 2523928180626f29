"""What a branch must be before main takes it: what the loop's own commits are by how they are made."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import polars as pl

from lakeloop.adapters.lakefs import LakeFS
from lakeloop.contract import DatasetContract
from lakeloop.contract.digest import recipe_digest
from lakeloop.contract.file import FileFormat
from lakeloop.contract.gate import Quality
from lakeloop.errors import ForeignObjectError, UnreadableObjectError
from lakeloop.ingest.features import features_frame
from lakeloop.ingest.transform import transform
from lakeloop.lake.borders import in_force
from lakeloop.lake.features import features_of
from lakeloop.lake.index import Index
from lakeloop.lake.layout import (
    ALL_SPLITS,
    BY_HAND,
    FEATURES,
    LANDED_COLUMN,
    SOURCE_COLUMN,
    SPLITS,
    features_folder,
    is_ours,
    is_read,
    name_of,
    place_of,
    rows_folder,
)
from lakeloop.lake.ports import LakeObject
from lakeloop.names import MAIN
from lakeloop.streams import ByteStream

# Of a column: what is said of whole files.
NOT_OF_A_ROW = {"header": None, "max_null_fraction": None}


@dataclass(frozen=True)
class Problem:
    """What is wrong with an object of the branch."""

    path: str
    what: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what}"


class BranchCheck:
    """Judges what a branch has and main has not."""

    def __init__(self, lake: LakeFS, contract: DatasetContract, repository: str, branch: str) -> None:
        self._lake = lake
        self._repository = repository
        self._branch = branch
        self._index = Index(lake, repository, branch)
        self._contract = in_force(contract, self._index)
        self._recipe = recipe_digest(self._contract)

    def problems(self) -> list[Problem]:
        if pending := sorted(self._lake.uncommitted(self._repository, self._branch)):
            return [Problem(path, "is not committed") for path in pending]
        try:
            return [*self._untold(), *self._strange_features(), *self._misfits()]
        except ForeignObjectError as error:
            return [Problem(error.subject or self._branch, str(error))]

    def make_features(self) -> int:
        """Write the features that new rows lack, or that are not theirs; how many objects that were."""
        if self._contract.problem is None:
            return 0
        made = 0
        for entry in self._new_rows():
            if entry.path.split("/")[1] not in SPLITS:
                continue
            with TemporaryDirectory() as folder:
                rows = features_frame(self._contract, pl.read_parquet(self._fetched(entry.path, Path(folder))))
                path = self._path_of_features(entry)
                if self._has(path, rows, Path(folder)):
                    continue
                file = Path(folder) / "made.parquet"
                rows.write_parquet(file, compression="zstd")
                self._lake.upload(self._repository, self._branch, path, file)
                made += 1
        return made

    def _misfits(self) -> Iterator[Problem]:
        """New rows that the gate would not take, or that lie in another split than their own."""
        plain = self._contract.model_copy(
            update={
                "quality": Quality(max_rejected_fraction=1),
                "file": FileFormat(unlisted_columns="ignore"),
                "columns": tuple(c.model_copy(update=NOT_OF_A_ROW) for c in self._contract.kept),
            }
        )
        for entry in self._new_rows():
            with TemporaryDirectory() as name:
                folder = Path(name)
                file = self._fetched(entry.path, folder)
                rows = pl.read_parquet(file).drop(SOURCE_COLUMN, LANDED_COLUMN, strict=False)
                rows.write_parquet(file)
                try:
                    result = transform(plain, partial(_opened, file), "rows.parquet", folder)
                except UnreadableObjectError as error:
                    yield Problem(entry.path, str(error))
                    continue
                for why in reasons(result.quarantine, "row", 1):
                    yield Problem(entry.path, f"{result.rows_quarantined} rows do not fit: {why}")
                split = entry.path.split("/")[1]
                if others := {name: count for name, count in result.counts.rows.items() if name != split and count}:
                    where = ", ".join(f"{count} in {name}" for name, count in sorted(others.items()))
                    yield Problem(entry.path, f"holds rows of other splits: {where}")

    def _untold(self) -> Iterator[Problem]:
        """Rows that the loop wrote and its index, which says which file lies where, must tell of; and the reverse."""
        told = {entry.place for _, entry in self._index.entries() if entry.place} | set(self._index.writer.places)
        rows = [entry for entry in self._objects(self._branch) if is_ours(name_of(entry))]
        for entry in rows:
            if place_of(name_of(entry)) not in told and not name_of(entry).startswith(BY_HAND):
                yield Problem(entry.path, "is called as the loop's own objects are, and index/ does not tell of it")
        there = {place_of(name_of(entry)) for entry in rows}
        for place in sorted(told - there - {""}):
            yield Problem(
                f"rows/*/{place}", "is gone and index/ still tells of it: `lakeloop branch write --replaces` takes both"
            )

    def _strange_features(self) -> Iterator[Problem]:
        """Features that are changed alone: they are made of rows, and of nothing else."""
        mine = {self._path_of_features(entry) for entry in self._new_rows()}
        rows = {self._path_of_features(entry) for entry in self._objects(self._branch)}
        main = {entry.physical_address for entry in self._features(MAIN)}
        for entry in self._features(self._branch):
            if entry.physical_address in main or entry.path in mine:
                continue
            if entry.path.split("/")[1] == self._recipe:
                why = "changed, and its rows are not" if entry.path in rows else "has no rows of its name"
                yield Problem(entry.path, f"{why}: features are made of rows")

    def _new_rows(self) -> Sequence[LakeObject]:
        main = {entry.physical_address for entry in self._objects(MAIN)}
        return [entry for entry in self._objects(self._branch) if entry.physical_address not in main]

    def _objects(self, ref: str) -> list[LakeObject]:
        folders = (rows_folder(split) for split in ALL_SPLITS)
        found = (entry for folder in folders for entry in self._lake.objects(self._repository, ref, folder))
        return [entry for entry in found if is_read(name_of(entry))]

    def _features(self, ref: str) -> Iterator[LakeObject]:
        return self._lake.objects(self._repository, ref, f"{FEATURES}/")

    def _path_of_features(self, entry: LakeObject) -> str:
        """By the name of the rows where such are there, else by what the loop calls them."""
        same = f"{features_folder(self._recipe, entry.path.split('/')[1])}{name_of(entry)}"
        there = next(self._lake.objects(self._repository, self._branch, same), None)
        return same if there is not None and there.path == same else features_of(entry, self._recipe)

    def _has(self, path: str, rows: pl.DataFrame, folder: Path) -> bool:
        file = folder / "there.parquet"
        return self._lake.download(self._repository, self._branch, path, file) and pl.read_parquet(file).equals(rows)

    def _fetched(self, path: str, folder: Path) -> Path:
        file = folder / "rows.parquet"
        self._lake.download(self._repository, self._branch, path, file)
        return file


def _opened(file: Path) -> ByteStream:
    return file.open("rb")


def reasons(quarantine: Path | None, by: Literal["row", "line"], most: int) -> tuple[str, ...]:
    """Why the first rows that were refused are not there, by their number among the rows or lines of the file."""
    if quarantine is None:
        return ()
    rows = pl.read_parquet(quarantine, columns=[by, "reasons"]).head(most)
    return tuple(
        f"{by} {number}: " + "; ".join(" ".join(filter(None, [why["column"], why["rule"]])) for why in whys)
        for number, whys in rows.iter_rows()
    )

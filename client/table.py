"""A dataset as data scientists use it: what it held at one commit, as frames, and what changed between two."""

import tempfile
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from lakeloop import names
from lakeloop.client.environment import Environment
from lakeloop.client.errors import MistakenNameError
from lakeloop.client.row_changes import RowChanges, row_changes
from lakeloop.client.versions import When, commit_at
from lakeloop.contract import DatasetContract
from lakeloop.lake.layout import (
    ALL_SPLITS,
    FEATURES,
    LANDED_COLUMN,
    SOURCE_COLUMN,
    features_folder,
    is_read,
    name_of,
    rows_folder,
)
from lakeloop.lake.ports import LakeCommit, LakeObject
from lakeloop.side_by_side import side_by_side

if TYPE_CHECKING:
    import pandas as pd


def data(dataset: str, at: When = names.MAIN) -> "Table":
    """A dataset of the environment that the `lakeloop` command would speak to, as it was `at` a branch, tag, commit or
    day (`"2026-11-01"` is its end, UTC).

    The commit is looked up once, so a table never changes while it is used. Raises MistakenNameError for names that
    are none, NotDeployedError where nothing is deployed.
    """
    return Table(Environment.load(), dataset, at)


class Table:
    """The rows of a dataset at one commit, read when they are asked for and kept for as long as the table is."""

    def __init__(self, environment: Environment, dataset: str, at: When) -> None:
        self.name = environment.require_dataset(dataset)
        self.repository = names.repository(environment.outputs.name_prefix, dataset)
        self.commit: LakeCommit = commit_at(environment.lake, self.repository, at)
        self._environment = environment

    def __repr__(self) -> str:
        return f"<lakeloop table {self.uri}>"

    @property
    def uri(self) -> str:
        """The commit as lakeFS addresses it, for tags and trackers."""
        return f"lakefs://{self.repository}/{self.commit.id}/"

    @cached_property
    def contract(self) -> DatasetContract:
        """The contract as deployed now."""
        return self._environment.contracts.get(self.name)

    @property
    def train(self) -> pl.DataFrame:
        return self.polars("train")

    @property
    def validation(self) -> pl.DataFrame:
        return self.polars("validation")

    @property
    def test(self) -> pl.DataFrame:
        return self.polars("test")

    def polars(self, split: str | None = None, *, origin: bool = False) -> pl.DataFrame:
        """The rows of one split, or of all; with `origin` also the file of each row and when that landed."""
        return self.scan(split, origin=origin).collect()

    def pandas(self, split: str | None = None, *, origin: bool = False) -> "pd.DataFrame":
        return self.polars(split, origin=origin).to_pandas()

    def scan(self, split: str | None = None, *, origin: bool = False) -> pl.LazyFrame:
        """The same, of which only the columns and rows are read that are asked for."""
        splits = ALL_SPLITS if split is None else (_known(split, ALL_SPLITS, "split"),)
        rows = _together([file for each in splits for file in self.files(rows_folder(each))])
        return rows if origin else rows.drop(SOURCE_COLUMN, LANDED_COLUMN, strict=False)

    def features(self, split: str, recipe: str | None = None) -> pl.DataFrame:
        """What a model reads of a split: the label first, numbers only; `recipe` where the commit holds several."""
        recipes = self._environment.lake.folders(self.repository, self.commit.id, f"{FEATURES}/")
        if recipe is None and len(recipes) > 1:
            raise MistakenNameError(f"{self.uri} holds features of {len(recipes)} recipes", f"name one: {recipes}")
        chosen = _known(recipe or "".join(recipes), recipes, "recipe")
        return _together(self.files(features_folder(chosen, _known(split, ALL_SPLITS, "split")))).collect()

    def objects(self, folder: str = "rows/") -> list[LakeObject]:
        """The Parquet objects below a folder of the commit, by path, with their addresses in S3."""
        found = self._environment.lake.objects(self.repository, self.commit.id, folder)
        return sorted((entry for entry in found if is_read(name_of(entry))), key=lambda entry: entry.path)

    def files(self, folder: str = "rows/") -> list[Path]:
        """Copies of these objects on this machine, byte for byte."""
        return side_by_side(self._fetched, self.objects(folder))

    def commits(self) -> Iterator[LakeCommit]:
        """The commits that led to this one, newest first, read as they are asked for."""
        return self._environment.lake.log(self.repository, self.commit.id)

    def diff(self, earlier: "Table | When", later: "Table | When | None" = None) -> RowChanges:
        """Which rows came, went and changed from one commit to another, or to this one."""
        before, after = self._at(earlier), self if later is None else self._at(later)
        # What both have is never written again: the rows of those objects are the same.
        same = _addresses(before) & _addresses(after)
        return row_changes(before._rows_without(same), after._rows_without(same), self.contract.row_key)

    def _rows_without(self, addresses: set[str]) -> pl.DataFrame:
        wanted = [entry for entry in self.objects() if entry.physical_address not in addresses]
        return _together(side_by_side(self._fetched, wanted)).drop(SOURCE_COLUMN, LANDED_COLUMN, strict=False).collect()

    def _at(self, at: "Table | When") -> "Table":
        return at if isinstance(at, Table) else Table(self._environment, self.name, at)

    @cached_property
    def _folder(self) -> "tempfile.TemporaryDirectory[str]":
        # Rows may be people's: they leave this machine's disk with the table.
        return tempfile.TemporaryDirectory(prefix="lakeloop-")

    def _fetched(self, entry: LakeObject) -> Path:
        file = Path(self._folder.name, entry.path)
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            self._environment.lake.download(self.repository, self.commit.id, entry.path, file)
        return file


def _addresses(table: Table) -> set[str]:
    return {entry.physical_address for entry in table.objects()}


def _together(files: list[Path]) -> pl.LazyFrame:
    """One table of them; columns that are younger than some rows are empty there."""
    if not files:
        return pl.LazyFrame()
    return pl.concat([pl.scan_parquet(file, glob=False) for file in files], how="diagonal_relaxed")


def _known(name: str, known: "tuple[str, ...] | list[str]", what: str) -> str:
    if name not in known:
        raise MistakenNameError(f"there is no {what} {name!r}", f"name one of {', '.join(known) or 'none'}")
    return name

"""The objects of one commit, on its branch: rows by split, and the features that recipes make of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import mkdtemp

from lakeloop.contract import DatasetContract
from lakeloop.contract.digest import recipe_digest
from lakeloop.ingest.ranges import Range
from lakeloop.lake import layout
from lakeloop.lake.index import Index
from lakeloop.lake.ports import Lake

WHOLE = (None,)


@dataclass(frozen=True)
class Shelf:
    """Puts objects on a branch, takes them away and reads them; `folder` is for local files that are on their way."""

    lake: Lake
    repository: str
    branch: str
    contract: DatasetContract
    folder: Path

    def put(self, place: str, part: Range, number: int | None = None) -> None:
        recipe = recipe_digest(self.contract)
        for split, file in part.rows.items():
            self._upload(layout.below(layout.rows_folder(split), place, number), file)
        for split, file in part.features.items():
            self._upload(layout.below(layout.features_folder(recipe, split), place, number), file)

    def drop(self, place: str, ranges: Sequence[int] = ()) -> None:
        """Take a place away, with what every recipe ever made of it."""
        for folder in self._folders:
            for number in ranges or WHOLE:
                self.lake.delete(self.repository, self.branch, layout.below(folder, place, number))

    def rows(self, place: str) -> Iterator[tuple[str, Path]]:
        """The rows of a place that has no ranges, as local files by split."""
        folder = self.new_folder()
        for split in layout.ALL_SPLITS:
            path, file = layout.below(layout.rows_folder(split), place, None), folder / f"{split}.parquet"
            if self.lake.download(self.repository, self.branch, path, file):
                yield split, file

    def write(self, index: Index) -> None:
        """The changes of the index."""
        file = self.new_folder() / "index.json"
        for path, body in index.changes():
            if body is None:
                self.lake.delete(self.repository, self.branch, path)
            else:
                file.write_bytes(body)
                self._upload(path, file)

    def new_folder(self) -> Path:
        return Path(mkdtemp(dir=self.folder))

    def _upload(self, path: str, file: Path) -> None:
        self.lake.upload(self.repository, self.branch, path, file)

    @cached_property
    def _folders(self) -> list[str]:
        recipes = self.lake.folders(self.repository, self.branch, f"{layout.FEATURES}/")
        return [
            *map(layout.rows_folder, layout.ALL_SPLITS),
            *(layout.features_folder(recipe, split) for recipe in recipes for split in layout.SPLITS),
        ]

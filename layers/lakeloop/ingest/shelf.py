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
from lakeloop.side_by_side import THREADS, side_by_side

WHOLE = (None,)


@dataclass(frozen=True)
class Shelf:
    """Puts objects on a branch, takes them away and reads them; `folder` is for local files that are on their way."""

    lake: Lake
    repository: str
    branch: str
    contract: DatasetContract
    folder: Path
    threads: int = THREADS

    def put(self, place: str, part: Range, number: int | None = None) -> None:
        recipe = recipe_digest(self.contract)
        rows = ((layout.rows_folder(split), file) for split, file in part.rows.items())
        features = ((layout.features_folder(recipe, split), file) for split, file in part.features.items())
        self._upload([(layout.below(folder, place, number), file) for folder, file in (*rows, *features)])

    def drop(self, place: str, ranges: Sequence[int] = ()) -> None:
        """Take a place away, with what every recipe ever made of it."""
        self._delete([layout.below(folder, place, number) for folder in self._folders for number in ranges or WHOLE])

    def rows(self, place: str, number: int | None = None) -> Iterator[tuple[str, Path]]:
        """The rows of a place, or of one of its ranges where it has some, as local files by split."""
        files = {split: self.new_folder() / f"{split}.parquet" for split in layout.ALL_SPLITS}

        def fetched(split: str) -> bool:
            path = layout.below(layout.rows_folder(split), place, number)
            return self.lake.download(self.repository, self.branch, path, files[split])

        there = side_by_side(fetched, files, self.threads)
        return ((split, file) for (split, file), is_there in zip(files.items(), there, strict=True) if is_there)

    def write(self, index: Index) -> None:
        """The changes of the index."""
        folder, changed = self.new_folder(), dict(index.changes())
        files = {path: folder / path.rpartition("/")[2] for path, body in changed.items() if body is not None}
        for path, file in files.items():
            file.write_bytes(changed[path] or b"")
        self._delete([path for path, body in changed.items() if body is None])
        self._upload(list(files.items()))

    def new_folder(self) -> Path:
        return Path(mkdtemp(dir=self.folder))

    def _upload(self, files: Sequence[tuple[str, Path]]) -> None:
        def upload(pair: tuple[str, Path]) -> None:
            self.lake.upload(self.repository, self.branch, *pair)

        side_by_side(upload, files, self.threads)

    def _delete(self, paths: Sequence[str]) -> None:
        side_by_side(lambda path: self.lake.delete(self.repository, self.branch, path), paths, self.threads)

    @cached_property
    def _folders(self) -> list[str]:
        recipes = self.lake.folders(self.repository, self.branch, f"{layout.FEATURES}/")
        return [
            *map(layout.rows_folder, layout.ALL_SPLITS),
            *(layout.features_folder(recipe, split) for recipe in recipes for split in layout.SPLITS),
        ]

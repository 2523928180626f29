"""The rows of one split of a commit, test rows by default: the same ones in the same order for whoever reads them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from lakeloop.contract import DatasetContract
from lakeloop.ingest.features import label_code
from lakeloop.ingest.ranges import SLICE_ROWS
from lakeloop.lake.layout import is_read, name_of, rows_folder
from lakeloop.lake.ports import Lake, LakeObject
from lakeloop.scratch import scratch

SPLIT = "test"
# More rows tell a difference of 0.001 no better than it matters, and each is paid for; objects are named by digests, so
# that the first of them are any. Of wide tables fewer, so that a function's time and disk hold them.
MOST_ROWS = 1_000_000
MOST_CELLS = 50_000_000


def most_rows(contract: DatasetContract) -> int:
    """How many rows a model of the contract is judged by at most."""
    return min(MOST_ROWS, MOST_CELLS // max(len(contract.features) + len(contract.derive), 1))


class HeldOut:
    """Rows of a split that have a label of the contract's classes; of many, the first `most` by the objects' names."""

    def __init__(
        self, lake: Lake, repository: str, commit: str, contract: DatasetContract, most: int, *, split: str = SPLIT
    ) -> None:
        self._lake = lake
        self._repository = repository
        self._commit = commit
        self._contract = contract
        self._most = most
        self._split = split

    def blocks(self, columns: Sequence[str] = ()) -> Iterator[tuple[LakeObject, pl.DataFrame]]:
        """Some rows at a time with the object they lie in; of the columns those that are there, or all."""
        left = self._most
        with scratch() as folder:
            file = Path(folder) / "rows.parquet"
            for entry in objects_at(self._lake, self._repository, self._commit, self._split):
                self._lake.download(self._repository, self._commit, entry.path, file)
                for rows in self._read(file, columns):
                    if left <= 0:
                        return
                    yield entry, rows[:left]
                    left -= min(left, rows.height)

    def _read(self, file: Path, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        scan = pl.scan_parquet(file, glob=False)
        there = scan.collect_schema().names()
        known = label_code(self._contract).is_not_null()
        for start in range(0, scan.select(pl.len()).collect().item(), SLICE_ROWS):
            rows = scan.slice(start, SLICE_ROWS).filter(known)
            yield rows.select([name for name in columns if name in there] if columns else there).collect()


def objects_at(lake: Lake, repository: str, ref: str, split: str = SPLIT) -> Iterator[LakeObject]:
    """The objects of a split's rows at a reference, by their names."""
    found = lake.objects(repository, ref, rows_folder(split))
    return iter(sorted((entry for entry in found if is_read(name_of(entry))), key=name_of))

"""Rows of one file that have the same key."""

from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from lakeloop.contract import DatasetContract
from lakeloop.ingest.cells import NONE_REFUSED
from lakeloop.ingest.gate import PLACE, refused
from lakeloop.ingest.keys import SeenKeys, hashed
from lakeloop.ingest.parquet_parts import ParquetParts
from lakeloop.ingest.ranges import slices

EARLIER = "unique: an earlier row has this key"
LATER = "unique: a later row has this key, and the last one holds"
# Keys that are compared at a time, when the hashes of the whole file are forgotten: some hundred megabytes.
COMPARED_ROWS = 2_000_000


class Repeats:
    """Says which rows are set aside because their key stands in the file again.

    `superseded` are the numbers of those rows that have a later one, where the last one holds. Keys are told apart by
    hashes of one seed; at the end of the file `mistaken` compares the keys themselves where hashes met.
    """

    def __init__(self, contract: DatasetContract, superseded: pl.Series | None, folder: Path, seed: int) -> None:
        self._contract = contract
        self._superseded = superseded
        self._seed = seed
        self._seen = SeenKeys()
        self._set_aside = ParquetParts(folder, "repeats")

    def among(self, good: pl.DataFrame, keys: pl.Series, rows: pl.Series) -> pl.DataFrame:
        """The refusals (REFUSALS) among good rows, whose keys these are.

        `rows` are the numbers of the block's rows by place.
        """
        if good.is_empty() or self._contract.repeated == "keep":
            return NONE_REFUSED
        hashes = hashed(keys, self._seed)
        if self._superseded is not None:
            again, rule = rows.gather(good[PLACE]).is_in(self._superseded.implode()), LATER
        else:
            again, rule = ~self._seen.first_of_each(hashes), EARLIER
        if not again.any():
            return NONE_REFUSED
        self._set_aside.add(pl.DataFrame({"hash": hashes, "key": keys}).filter(again))
        told = self._contract.row_key and self._contract.sensitive.isdisjoint(self._contract.row_key)
        return refused(
            good[PLACE].filter(again),
            rule,
            column=", ".join(self._contract.row_key),
            values=keys.filter(again).str.replace_all("\0", ", ", literal=True) if told else None,
        )

    def mistaken(self, kept: Callable[[], Iterator[pl.Series]]) -> bool:
        """Whether a row was set aside for the hash of another key; `kept` are the keys of the rows that were not."""
        self._seen = SeenKeys()
        file = self._set_aside.finish()
        if file is None:
            return False
        found = any(self._differ(some.unique(), kept()) for some in slices(file, COMPARED_ROWS))
        file.unlink()
        return found

    def _differ(self, again: pl.DataFrame, kept: Iterator[pl.Series]) -> bool:
        """Whether any of the keys has the hash of another one."""
        if again["hash"].n_unique() < again.height:
            return True
        there = (pl.DataFrame({"hash": hashed(keys, self._seed), "kept": keys}) for keys in kept)
        return any(again.join(keys, on="hash").select((pl.col("key") != pl.col("kept")).any()).item() for keys in there)


class LastRows:
    """Gathers the keys of a whole file, 16 bytes a row, to tell which rows have a later one of their key."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._keys = [pl.DataFrame(schema={"key": pl.UInt64, "row": pl.UInt64})]

    def add(self, good: pl.DataFrame, keys: pl.Series, rows: pl.Series) -> None:
        """Good rows of a block with their keys; `rows` are the numbers of all its rows by place."""
        self._keys.append(pl.DataFrame({"key": hashed(keys, self._seed), "row": rows.gather(good[PLACE])}))

    def superseded(self) -> pl.Series:
        keys = pl.concat(self._keys)
        return keys.filter(pl.col("row") != pl.col("row").max().over("key"))["row"]

"""Rows of one file that have the same key."""

import polars as pl

from lakeloop.contract import DatasetContract
from lakeloop.ingest.cells import NONE_REFUSED
from lakeloop.ingest.gate import PLACE, refused
from lakeloop.ingest.keys import SeenKeys

EARLIER = "unique: an earlier row has this key"
LATER = "unique: a later row has this key, and the last one holds"


class Repeats:
    """Says which rows are set aside because their key stands in the file again.

    `superseded` are the numbers of those rows that have a later one, where the last one holds.
    """

    def __init__(self, contract: DatasetContract, superseded: pl.Series | None) -> None:
        self._contract = contract
        self._superseded = superseded
        self._seen = SeenKeys()

    def among(self, good: pl.DataFrame, keys: pl.Series, rows: pl.Series) -> pl.DataFrame:
        """The refusals (REFUSALS) among good rows, whose keys these are.

        `rows` are the numbers of the block's rows by place.
        """
        if good.is_empty() or self._contract.repeated == "keep":
            return NONE_REFUSED
        if self._superseded is not None:
            again, rule = rows.gather(good[PLACE]).is_in(self._superseded.implode()), LATER
        else:
            again, rule = ~self._seen.first_of_each(keys), EARLIER
        if not again.any():
            return NONE_REFUSED
        told = self._contract.row_key and self._contract.sensitive.isdisjoint(self._contract.row_key)
        return refused(
            good[PLACE].filter(again),
            rule,
            column=", ".join(self._contract.row_key),
            values=keys.filter(again).str.replace_all("\0", ", ", literal=True) if told else None,
        )


class LastRows:
    """Gathers the keys of a whole file, 16 bytes a row, to tell which rows have a later one of their key."""

    def __init__(self) -> None:
        self._keys = [pl.DataFrame(schema={"key": pl.UInt64, "row": pl.UInt64})]

    def add(self, good: pl.DataFrame, keys: pl.Series, rows: pl.Series) -> None:
        """Good rows of a block with their keys; `rows` are the numbers of all its rows by place."""
        self._keys.append(pl.DataFrame({"key": keys.hash(), "row": rows.gather(good[PLACE])}))

    def superseded(self) -> pl.Series:
        keys = pl.concat(self._keys)
        return keys.filter(pl.col("row") != pl.col("row").max().over("key"))["row"]

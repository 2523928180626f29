"""What is known of each test row beside what models say of it."""

import re
from collections.abc import Sequence

import polars as pl

from lakeloop import names
from lakeloop.contract import DatasetContract
from lakeloop.evaluation.held_out import HeldOut, objects_at
from lakeloop.evaluation.scored import FEEDBACK, KEY, LABEL, NEW, SLICE, WEIGHT
from lakeloop.ingest.features import label_code
from lakeloop.lake.index import Index
from lakeloop.lake.layout import SOURCE_COLUMN
from lakeloop.lake.ports import Lake, LakeObject


class Earlier:
    """What was on main at an earlier commit already: by file where the loop committed it, else by object."""

    def __init__(self, lake: Lake, repository: str, commit: str, now: Index) -> None:
        there = {entry.event_id for _, entry in Index(lake, repository, commit).entries()}
        self._files = [entry.uri for _, entry in now.entries() if entry.event_id in there]
        self._objects = {entry.physical_address for entry in objects_at(lake, repository, commit)}

    def has_not(self, entry: LakeObject) -> pl.Expr:
        """Of each row of an object whether it is new. A row of a later version of a file is."""
        if entry.physical_address in self._objects:
            return pl.lit(value=False)
        return ~pl.col(SOURCE_COLUMN).is_in(self._files).fill_null(value=False)


def known_rows(
    rows: HeldOut, contract: DatasetContract, slices: Sequence[str], earlier: Earlier | None
) -> pl.DataFrame:
    """Key, label, weight, slices, whether a row came back from callers, and whether it is new since an earlier commit.

    In the order of the rows.
    """
    wanted = [contract.label_column.name, SOURCE_COLUMN, *slices, *filter(None, [contract.weight])]
    blocks = (_known(entry, block, contract, slices, earlier) for entry, block in rows.blocks(wanted))
    return pl.concat([pl.DataFrame(schema=_schema(contract, slices, earlier)), *blocks]).with_row_index(KEY)


def _known(
    entry: LakeObject, block: pl.DataFrame, contract: DatasetContract, slices: Sequence[str], earlier: Earlier | None
) -> pl.DataFrame:
    # A person's rows may lack columns that the loop writes, and old ones those that are younger.
    lacking = {SOURCE_COLUMN, *slices} - set(block.columns)
    present = block.with_columns(pl.lit(None, pl.String).alias(name) for name in sorted(lacking))
    columns = {LABEL: label_code(contract).cast(pl.Float64), FEEDBACK: came_back(contract.name)}
    if contract.weight:
        columns[WEIGHT] = pl.col(contract.weight).cast(pl.Float64)
    if earlier:
        columns[NEW] = earlier.has_not(entry)
    columns |= {f"{SLICE}{name}": pl.col(name).cast(pl.String) for name in slices}
    return present.select(expression.alias(name) for name, expression in columns.items())


def came_back(dataset: str) -> pl.Expr:
    """Of each row whether callers gave its label: by the file that it came in, a person's own rows have none."""
    folder = re.escape(names.feedback_folder(dataset))
    return pl.col(SOURCE_COLUMN).str.contains(f"^s3://[^/]+/{folder}").fill_null(value=False)


def _schema(contract: DatasetContract, slices: Sequence[str], earlier: Earlier | None) -> dict[str, type[pl.DataType]]:
    schema: dict[str, type[pl.DataType]] = {LABEL: pl.Float64, FEEDBACK: pl.Boolean}
    if contract.weight:
        schema[WEIGHT] = pl.Float64
    if earlier:
        schema[NEW] = pl.Boolean
    return schema | {f"{SLICE}{name}": pl.String for name in slices}

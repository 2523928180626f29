"""A column of files: its distinct cells, how often each stands, and what a type would refuse of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from lakeloop.contract import Column, FileFormat
from lakeloop.inference.sample import text_of
from lakeloop.ingest.cells import ColumnReader
from lakeloop.ingest.typed import without_value
from lakeloop.tables import Form
from lakeloop.values.canonical import canonical

LOOK = 200
"""So many distinct cells are asked before all of them are."""


@dataclass(frozen=True)
class Read:
    """What became of cells under a type: how many cells of rows, and the first texts, are refused."""

    refused: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Profile:
    """One column. `cells` has a cell for each row, null where nothing stands."""

    place: int
    header: str
    name: str
    form: Form
    file: FileFormat
    cells: pl.Series

    @cached_property
    def counts(self) -> pl.DataFrame:
        """`cell` and `count`, each distinct cell once, in the order in which they come first."""
        cells = self.cells.drop_nulls()
        if self.form == Form.TYPED and without_value(cells) is not None:
            return pl.DataFrame(schema={"cell": pl.String, "count": pl.UInt32})
        counts = cells.alias("cell").to_frame().group_by("cell", maintain_order=True).len("count")
        if self.form == Form.TYPED and cells.dtype.is_float():
            counts = counts.filter(pl.col("cell").is_not_nan())
        return counts

    @cached_property
    def texts(self) -> dict[str, int]:
        """Canonical texts and how often each stands."""
        found: dict[str, int] = {}
        for cell, count in self.counts.iter_rows():
            text = canonical(text_of(cell, self.form))
            if text:
                found[text] = found.get(text, 0) + count
        return found

    @property
    def filled(self) -> int:
        """Rows that have a cell."""
        return sum(self.texts.values())

    @property
    def structured(self) -> bool:
        """Whether cells hold what no column can: lists, structures, durations."""
        if self.form == Form.JSON:
            return any(text.startswith(("{", "[")) for text in self.texts)
        return self.form == Form.TYPED and without_value(self.cells) is not None

    def read(self, settings: Mapping[str, Any], missing: Iterable[str], *, feature: bool = True) -> Read:
        """What a column with these settings refuses; `missing` are the file's words for no value."""
        column = Column.model_validate({"name": "column", "nullable": True, **settings}, by_name=True)
        file = self.file.model_copy(update={"na_values": tuple(missing)})
        reader = ColumnReader(column, file, feature=feature)
        counts = self.counts
        if counts.height > 2 * LOOK:
            some = reader.read(counts["cell"].head(LOOK), self.form).refusals
            if some["place"].n_unique() > LOOK / 2:
                return Read(self.cells.len())
        refusals = reader.read(counts["cell"], self.form).refusals.unique("place", maintain_order=True)
        examples = tuple(str(value) for value in refusals["value"].head(3))
        return Read(int(counts["count"].gather(refusals["place"]).sum()), examples)


def profiles(frame: pl.DataFrame, form: Form, file: FileFormat, names: Mapping[int, tuple[str, str]]) -> list[Profile]:
    """A profile for each column; `names` are header and name by place."""
    return [
        Profile(place, *names[place], form, file, _stripped(frame[str(place)], form)) for place in range(frame.width)
    ]


def _stripped(cells: pl.Series, form: Form) -> pl.Series:
    if form != Form.TEXT:
        return cells
    stripped = cells.str.strip_chars(" \t")
    return pl.select(pl.when(pl.lit(stripped) != "").then(pl.lit(stripped))).to_series()

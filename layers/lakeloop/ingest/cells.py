"""The cells of one column, read in bulk.

`lakeloop.values` defines what a text means. A compiled cast reads those that are vouched for; each other text is read
once by that definition, however often it stands in a block.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

import polars as pl

from lakeloop.contract import Column, FileFormat
from lakeloop.contract.columns import NUMERIC
from lakeloop.ingest.typed import without_value
from lakeloop.ingest.vouching import spellings, vouched
from lakeloop.tables import Form
from lakeloop.values import RefusedValueError, Value
from lakeloop.values.canonical import cut
from lakeloop.values.reading import CellReader

DTYPES: dict[str, pl.DataType] = {
    "float": pl.Float64(),
    "integer": pl.Int64(),
    "boolean": pl.Boolean(),
    "category": pl.String(),
    "string": pl.String(),
    "date": pl.Date(),
    "timestamp": pl.Datetime("us", "UTC"),
}
"""Types of `rows/`, by the contract's."""

# Texts that were read are remembered between blocks, so many at most.
MOST_REMEMBERED = 10_000
# So few are asked for one by one, though some may be equal.
FEW_ASKED = 500

REFUSALS = pl.Schema({"place": pl.UInt32(), "column": pl.String(), "rule": pl.String(), "value": pl.String()})
NONE_REFUSED = REFUSALS.to_frame()


@dataclass(frozen=True)
class ReadColumn:
    """`values` are typed, null where there is none; `refusals` has a row (REFUSALS) for each cell that is refused.

    `notes` count what was done to cells that were taken.
    """

    values: pl.Series
    refusals: pl.DataFrame
    notes: Mapping[str, int] = field(default_factory=dict)


Answer = tuple[Value | None, str | None]
"""A value, or the rule by which there is none."""


class ColumnReader:
    """Reads one column of the contract, block by block; a file has one form.

    Of a block first `known` is asked, which is an expression so that all columns are looked at side by side.
    """

    def __init__(self, column: Column, file: FileFormat, *, feature: bool) -> None:
        self._column = column
        self._reader = CellReader(column, file, feature=feature)
        self._dtype = DTYPES[column.type]
        self._remembered: dict[object, Answer] = {}
        self._vouched = vouched(column, file, {word: self._judged(word, Form.TEXT)[0] for word in spellings(column)})

    def known(self, cells: pl.Expr, dtype: pl.DataType, form: Form) -> pl.Expr:
        """The values of the cells that are vouched for at little cost, null elsewhere."""
        if not self._vouches(dtype, form):
            return pl.repeat(None, pl.len(), dtype=self._dtype)
        return self._vouched[0](cells if dtype == pl.String else cells.cast(pl.String))

    def read(self, cells: pl.Series, form: Form, known: pl.Series | None = None) -> ReadColumn:
        """Cells as a table gives them in this form, null where nothing stands; `known`, where it was asked before."""
        if form == Form.TYPED and (strange := without_value(cells)) is not None:
            return self._apart(cells, strange)
        if known is None:
            known = cells.to_frame("cell").select(self.known(pl.col("cell"), cells.dtype, form)).to_series()
        return self._read(cells, form, known.alias(self._column.name))

    def _vouches(self, dtype: pl.DataType, form: Form) -> bool:
        if not self._vouched:
            return False
        numeric = self._column.type in NUMERIC
        match form:
            case Form.TEXT:
                return True
            case Form.JSON:
                return numeric
            case Form.TYPED:
                return numeric and dtype.is_numeric()

    def _apart(self, cells: pl.Series, strange: pl.Series) -> ReadColumn:
        """Typed cells, of which some make no value."""
        left = pl.DataFrame({"cell": cells}).select(pl.when(~pl.lit(strange)).then("cell"))["cell"]
        # Nulls of a structure are read as nulls of any type are.
        left = left if left.count() else pl.repeat(None, len(left), dtype=pl.String, eager=True)
        read = self.read(left, Form.TYPED)
        places = strange.arg_true().cast(pl.UInt32)
        refused = pl.DataFrame({"place": places}).with_columns(
            column=pl.lit(self._column.name),
            rule=pl.lit(f"type: {self._column.type}"),
            value=pl.lit(None, pl.String),
        )
        others = read.refusals.filter(~pl.col("place").is_in(places.implode()))
        return replace(read, refusals=pl.concat([others, refused]))

    def _looked_again(self, cells: pl.Series, form: Form, known: pl.Series) -> pl.Series:
        """With the values of those cells that are vouched for at some cost."""
        if not self._vouches(cells.dtype, form):
            return known
        for vouch in self._vouched[1:]:
            places = (known.is_null() & cells.is_not_null()).arg_true()
            if len(places):
                texts = cells.gather(places).cast(pl.String)
                known = known.scatter(places, pl.select(vouch(pl.lit(texts))).to_series())
        return known

    def _read(self, cells: pl.Series, form: Form, known: pl.Series) -> ReadColumn:
        name = self._column.name
        # What is not there needs no answer where that is allowed.
        empty = cells.null_count() if self._answer(None, form) == (None, None) else 0
        if known.null_count() > empty:
            known = self._looked_again(cells, form, known)
        if known.null_count() == empty:
            return ReadColumn(known, NONE_REFUSED)
        unknown = known.is_null()
        places = (unknown & cells.is_not_null() if empty else unknown).arg_true()
        asked = pl.DataFrame({"place": places, "cell": cells.gather(places)})
        if form == Form.TEXT:
            stripped = pl.col("cell").str.strip_chars(" \t")
            asked = asked.with_columns(pl.when(stripped != "").then(stripped).alias("cell"))
        if len(places) <= FEW_ASKED:
            answered = asked.drop("cell").hstack(self._answers(asked["cell"], form))
        else:
            answers = self._answers(asked["cell"].unique(maintain_order=True), form)
            answered = asked.join(answers, on="cell", how="left", nulls_equal=True, maintain_order="left")
        refused = answered.filter(pl.col("rule").is_not_null())
        return ReadColumn(
            known.scatter(places, answered["value"]),
            refused.select(
                pl.col("place").cast(pl.UInt32),
                pl.lit(name).alias("column"),
                "rule",
                pl.col("cell").cast(pl.String, strict=False).alias("value"),
            ),
            self._notes(answered),
        )

    def _notes(self, answered: pl.DataFrame) -> dict[str, int]:
        name = self._column.name
        counts = {f"invisible characters cut in {name}": int(answered["cut"].sum())}
        if self._column.unlisted != "reject":
            unlisted = answered["value"].is_not_null() & ~answered["value"].is_in(self._column.allowed)
            counts[f"unlisted values of {name}"] = int((unlisted | answered["unlisted"]).sum())
        return {note: count for note, count in counts.items() if count}

    def _answers(self, cells: pl.Series, form: Form) -> pl.DataFrame:
        answers = [self._answer(cell, form) for cell in cells]
        return pl.DataFrame(
            {
                "cell": cells,
                "value": pl.Series([value for value, _ in answers], dtype=self._dtype),
                "rule": pl.Series([rule for _, rule in answers], dtype=pl.String),
                "cut": [isinstance(cell, str) and bool(cut(cell)) for cell in cells],
                "unlisted": [
                    isinstance(cell, str) and value is None and rule is None and not self._reader.is_missing(cell)
                    for cell, (value, rule) in zip(cells, answers, strict=True)
                ],
            }
        )

    def _answer(self, cell: object, form: Form) -> Answer:
        if (known := self._remembered.get(cell)) is not None:
            return known
        answer = self._judged(cell, form)
        if len(self._remembered) < MOST_REMEMBERED:
            self._remembered[cell] = answer
        return answer

    def _judged(self, cell: object, form: Form) -> Answer:
        try:
            return self._asked(cell, form), None
        except RefusedValueError as error:
            return None, error.rule

    def _asked(self, cell: object, form: Form) -> Value | None:
        if isinstance(cell, str) and form == Form.TEXT:
            return self._reader.text(cell)
        if isinstance(cell, str) and form == Form.JSON:
            return self._reader.json(json.loads(cell, parse_int=Decimal, parse_float=Decimal))
        return self._reader.json(cell)

"""The cells of one column, read in bulk.

`lakeloop.values` defines what a text means. Here a pattern vouches for those spellings that every reader takes alike,
and a compiled cast reads them; each other text is read once by that definition, however often it stands in a block.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

import polars as pl

from lakeloop.contract import Column, FileFormat
from lakeloop.contract.columns import NUMERIC
from lakeloop.ingest.typed import without_value
from lakeloop.tables import Form
from lakeloop.values import RefusedValueError, Value
from lakeloop.values.canonical import canonical, cut
from lakeloop.values.numbers import NumberRules, missing_numbers
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

# At most fifteen digits: a double holds them all, so it is the number that was written.
FLOAT = r"^-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?(?:[eE][+-]?[0-9]{1,2})?$"
INTEGER = r"^(?:0|-?[1-9][0-9]{0,14})(?:\.0)?$"
LARGEST = 1e15
# Compiled casts know a year 0 and a 61st second, the definition of a value does not.
DATE = r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}$"
TIMESTAMP = r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-5][0-9]Z?$"
TEXT = r"^[!-~](?:[ -~]*[!-~])?$"
# What spreadsheets make of codes: 8.80E+12, ="00123", '00123.
SPREADSHEET = r"^(?:[='].*|[+-]?[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]+)$"
# Texts that were read are remembered between blocks, so many at most.
MOST_REMEMBERED = 10_000

REFUSALS = pl.Schema({"place": pl.UInt32(), "column": pl.String(), "rule": pl.String(), "value": pl.String()})


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
    """Reads one column of the contract, block by block; a file has one form."""

    def __init__(self, column: Column, file: FileFormat, *, feature: bool) -> None:
        self._column = column
        self._reader = CellReader(column, file, feature=feature)
        self._dtype = DTYPES[column.type]
        self._vouched = _vouched(column, file)
        self._remembered: dict[object, Answer] = {}

    def read(self, cells: pl.Series, form: Form) -> ReadColumn:
        """Cells as a table gives them in this form, null where nothing stands."""
        match form:
            case Form.TEXT:
                stripped = cells.str.strip_chars(" \t")
                return self._read(pl.select(pl.when(pl.lit(stripped) != "").then(pl.lit(stripped))).to_series(), form)
            case Form.TYPED if (strange := without_value(cells)).any():
                return self._apart(cells, strange)
            case _:
                return self._read(cells, form)

    def _apart(self, cells: pl.Series, strange: pl.Series) -> ReadColumn:
        """Typed cells, of which some make no value."""
        left = pl.DataFrame({"cell": cells}).select(pl.when(~pl.lit(strange)).then("cell"))["cell"]
        # Nulls of a structure are read as nulls of any type are.
        read = self._read(left if left.count() else pl.repeat(None, len(left), dtype=pl.String, eager=True), Form.TYPED)
        places = strange.arg_true().cast(pl.UInt32)
        refused = pl.DataFrame({"place": places}).with_columns(
            column=pl.lit(self._column.name),
            rule=pl.lit(f"type: {self._column.type}"),
            value=pl.lit(None, pl.String),
        )
        others = read.refusals.filter(~pl.col("place").is_in(places.implode()))
        return replace(read, refusals=pl.concat([others, refused]))

    def _known(self, cells: pl.Series, form: Form) -> pl.Series:
        """The values of the cells that are vouched for, null elsewhere."""
        numeric = self._column.type in NUMERIC
        if self._vouched is not None and (form == Form.TEXT or (form == Form.JSON and numeric)):
            return pl.select(self._vouched(pl.lit(cells))).to_series()
        if self._vouched is not None and numeric and cells.dtype.is_numeric():
            return pl.select(self._vouched(pl.lit(cells.cast(pl.String)))).to_series()
        return pl.repeat(None, len(cells), dtype=self._dtype, eager=True)

    def _read(self, cells: pl.Series, form: Form) -> ReadColumn:
        name = self._column.name
        known = self._known(cells, form).alias(name)
        places = known.is_null().arg_true()
        if places.is_empty():
            return ReadColumn(known, REFUSALS.to_frame())
        asked = pl.DataFrame({"place": places, "cell": cells.gather(places)})
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
        try:
            answer: Answer = (self._asked(cell, form), None)
        except RefusedValueError as error:
            answer = (None, error.rule)
        if len(self._remembered) < MOST_REMEMBERED:
            self._remembered[cell] = answer
        return answer

    def _asked(self, cell: object, form: Form) -> Value | None:
        if isinstance(cell, str) and form == Form.TEXT:
            return self._reader.text(cell)
        if isinstance(cell, str) and form == Form.JSON:
            return self._reader.json(json.loads(cell, parse_int=Decimal, parse_float=Decimal))
        return self._reader.json(cell)


Vouch = Callable[[pl.Expr], pl.Expr]


def _vouched(column: Column, file: FileFormat) -> Vouch | None:
    """What reads the cells that need no second look; None for a column whose cells all do."""
    match column.type:
        case "float" | "integer":
            return _numbers(column, file)
        case "string":
            return _texts(column, file)
        case "date":
            return _dates(column, file)
        case "timestamp":
            return _timestamps(column, file)
        case _:
            return None


def _numbers(column: Column, file: FileFormat) -> Vouch | None:
    thousands = file.thousands if column.thousands is None else column.thousands
    plain = (column.decimal or file.decimal) == "." and not thousands
    if not plain or column.pattern or any((*column.prefix, *column.suffix)):
        return None
    missing = [float(number) for number in missing_numbers(_words(column, file), NumberRules.of(column, file))]
    low = -LARGEST if column.min is None else max(column.min, -LARGEST)
    high = LARGEST if column.max is None else min(column.max, LARGEST)
    integer = column.type == "integer"

    def read(text: pl.Expr) -> pl.Expr:
        digits = text.str.strip_suffix(".0") if integer else text
        number = digits.cast(pl.Int64 if integer else pl.Float64, strict=False)
        sure = text.str.contains(INTEGER if integer else FLOAT) & number.is_between(low, high, closed="both")
        # A zero with a sign is read as any other zero, but not by a cast.
        sure &= ~((number == 0) & text.str.starts_with("-"))
        if missing:
            sure &= ~number.cast(pl.Float64).is_in(missing)
        return pl.when(sure).then(number)

    return read


def _words(column: Column, file: FileFormat) -> list[str]:
    """The words for no value."""
    return [canonical(word) for word in (file.na_values if column.na_values is None else column.na_values)]


def _texts(column: Column, file: FileFormat) -> Vouch | None:
    if column.pattern:
        return None
    missing = _words(column, file)

    def read(text: pl.Expr) -> pl.Expr:
        sure = text.str.contains(TEXT) & ~text.str.contains(SPREADSHEET)
        return pl.when(sure & ~text.is_in(missing)).then(text)

    return read


def _dates(column: Column, file: FileFormat) -> Vouch | None:
    if column.format not in (None, "iso") or column.pattern:
        return None
    missing = _words(column, file)

    def read(text: pl.Expr) -> pl.Expr:
        sure = text.str.contains(DATE) & ~text.is_in(missing)
        return pl.when(sure).then(text.str.to_date("%Y-%m-%d", strict=False))

    return read


def _timestamps(column: Column, file: FileFormat) -> Vouch | None:
    if column.format not in (None, "iso") or column.pattern or column.timezone not in (None, "UTC"):
        return None
    missing = _words(column, file)

    def read(text: pl.Expr) -> pl.Expr:
        sure = text.str.contains(TIMESTAMP) & ~text.is_in(missing)
        plain = text.str.replace("T", " ", literal=True).str.strip_suffix("Z")
        moment = plain.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)
        return pl.when(sure).then(moment.dt.replace_time_zone("UTC"))

    return read

"""The verdict on the rows of one block: typed rows where all is well, every reason where it is not.

Nothing here knows a file, a thread or the rows before, so that another engine can ask it block by block.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from lakeloop.contract import Column, DatasetContract
from lakeloop.ingest.cells import NONE_REFUSED, REFUSALS, ColumnReader, ReadColumn
from lakeloop.ingest.headers import LONGEST_NAME, Matched, by_position, claimed, folded, match
from lakeloop.ingest.typed import as_texts
from lakeloop.tables import Block, Form
from lakeloop.values.canonical import canonical

PLACE = "_place"
"""The row's place in its block. No column of a contract begins with an underscore."""

NO_WEIGHT = "weight: above 0"
MOST_NAMED = 3
FEWEST_UNITS = 2
UNITS = "a row: the line looks like units or a second header, which `file: {skip_after_header: 1}` leaves out"


@dataclass(frozen=True)
class JudgedBlock:
    """`good` are typed rows with their PLACE; `refusals` (REFUSALS) has one row for each reason against a row.

    `notes` count what was done to cells, good and bad rows alike.
    """

    good: pl.DataFrame
    refusals: pl.DataFrame
    notes: Mapping[str, int] = field(default_factory=dict)


class Gate:
    """Judges blocks under one contract."""

    def __init__(self, contract: DatasetContract) -> None:
        self._contract = contract
        self._exact, self._loose = claimed(contract)
        learned = {*(column.name for column in contract.features), contract.label}
        self._readers = {
            column.name: ColumnReader(column, contract.file, feature=column.name in learned) for column in contract.kept
        }

    def matched(self, names: Sequence[str] | None, *, complete: bool = True) -> Matched:
        """Which column is which; None stands for a file without a header."""
        return by_position(self._contract) if names is None else match(self._contract, names, complete=complete)

    def wants(self, key: str) -> bool:
        """Whether a column claims a key of JSON."""
        return canonical(key) in self._exact or folded(key) in self._loose

    def judge(self, block: Block, matched: Matched) -> JudgedBlock:
        read = self._read(block, matched)
        rows = pl.DataFrame([column.values for column in read]).with_row_index(PLACE)
        of_rows = [*self._keys(block, matched), *self._weights(rows)]
        some = [refusals for refusals in (*(column.refusals for column in read), *of_rows) if refusals.height]
        refusals = pl.concat(some) if some else NONE_REFUSED
        good = rows.filter(~pl.col(PLACE).is_in(refusals["place"].unique().implode())) if some else rows
        notes: Counter[str] = Counter()
        if self._contract.file.unlisted_columns == "ignore":
            notes.update(f"ignored column: {name[:LONGEST_NAME]}" for names in block.others for name in names)
            for place, name in matched.unlisted.items():
                if present := _present(block.frame[str(place)]):
                    notes[f"ignored column: {name[:LONGEST_NAME]}"] = present
        for column in read:
            notes.update(column.notes)
        return JudgedBlock(good, refusals, notes)

    def _keys(self, block: Block, matched: Matched) -> Iterator[pl.DataFrame]:
        """Keys of JSON that no or several columns claim cost the rows that have them; a header was judged before."""
        if block.form != Form.JSON:
            return
        for clash in matched.clashes:
            present = block.frame.select(pl.sum_horizontal(pl.col(map(str, clash.places)).is_not_null())).to_series()
            yield refused((present > min(len(clash.places) - 1, 1)).arg_true(), clash.rule_of_keys)
        if self._contract.file.unlisted_columns == "reject":
            unknown = {place: names for place, names in enumerate(block.others) if names}
            rules = [f"unknown column: {_few(names)}" for names in unknown.values()]
            yield refused(pl.Series(list(unknown), dtype=pl.UInt32), "").with_columns(
                rule=pl.Series(rules, dtype=pl.String)
            )

    def _weights(self, rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """A row may not stand for none or fewer."""
        if (name := self._contract.weight) is not None:
            light = rows.filter(pl.col(name) <= 0)
            yield refused(light[PLACE], NO_WEIGHT, column=name, values=light[name].cast(pl.String))

    def _read(self, block: Block, matched: Matched) -> list[ReadColumn]:
        """Every column: those cells that need no second look all together, the others column by column."""
        columns = {column.name: self._column(column, block, matched) for column in self._contract.kept}
        cells = pl.DataFrame([column.alias(name) for name, (column, _) in columns.items()])
        known = cells.select(
            self._readers[name].known(pl.col(name), column.dtype, form).alias(name)
            for name, (column, form) in columns.items()
        )
        return [self._readers[name].read(cells[name], form, known[name]) for name, (_, form) in columns.items()]

    def _column(self, column: Column, block: Block, matched: Matched) -> tuple[pl.Series, Form]:
        """The cells of a column that stands in one place, in several or in none, and what they are."""
        places = matched.places[column.name]
        if not places:
            return pl.repeat(None, block.frame.height, dtype=pl.String, eager=True), Form.TEXT
        parts = [self._cells(place, block, matched) for place in places]
        if len(parts) == 1:
            return parts[0], block.form
        texts = [as_texts(part, block.form).str.strip_chars() for part in parts]
        return pl.select(pl.concat_str(texts, separator=" ")).to_series(), Form.TEXT

    @staticmethod
    def _cells(place: int, block: Block, matched: Matched) -> pl.Series:
        """Those of one column; keys of JSON may spell it otherwise from row to row."""
        spellings = next((clash.places for clash in matched.clashes if clash.places[0] == place), (place,))
        if block.form != Form.JSON or len(spellings) == 1:
            return block.frame[str(place)]
        return block.frame.select(pl.coalesce(map(str, spellings))).to_series()


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(f"`{name[:LONGEST_NAME]}`" for name in names[:MOST_NAMED]) + more


def _present(cells: pl.Series) -> int:
    """How many cells hold anything."""
    return int((cells != "").sum()) if cells.dtype == pl.String else cells.count()


def refused(places: pl.Series, rule: str, *, column: str = "", values: pl.Series | None = None) -> pl.DataFrame:
    """Reasons against these rows, in the form of REFUSALS."""
    return pl.DataFrame(
        {
            "place": places.cast(pl.UInt32),
            "column": pl.repeat(column, len(places), dtype=pl.String, eager=True),
            "rule": pl.repeat(rule, len(places), dtype=pl.String, eager=True),
            "value": values if values is not None else pl.repeat(None, len(places), dtype=pl.String, eager=True),
        },
        schema=REFUSALS,
    )


def units_named(first: JudgedBlock) -> JudgedBlock:
    """The verdict on a file's first rows, where the first may be no row but units or a second header.

    No cell of such a line is what its column wants, and none holds a digit.
    """
    against = first.refusals.filter(pl.col("place") == 0)
    texts = against["value"].drop_nulls()
    if against.height < FEWEST_UNITS or len(texts) < against.height or texts.str.contains("[0-9]").any():
        return first
    others = first.refusals.filter(pl.col("place") != 0)
    return replace(first, refusals=pl.concat([refused(against["place"].head(1), UNITS), others]))

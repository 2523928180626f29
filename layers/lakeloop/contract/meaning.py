"""What a changed contract means for the rows that are committed, files that were dropped, the model and the splits.

Two digests stand behind it: of the reading, from text to typed rows, and of the recipe, from typed rows to the numbers
of a model. Where the recipe alone changes, or the reading only widens, features are made again from `rows/` and no
file is read again.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from lakeloop.contract.changes import CodeChange, recipe_changes, split_changes
from lakeloop.contract.dataset import DatasetContract
from lakeloop.contract.digest import reading_digest
from lakeloop.contract.reading import WEIGHT, ReadingChange, reading_changes

Kind = Literal["nothing", "recipe", "widened", "changed"]

NO_DATA = (
    *("description", "delivery_unit", "min_kept_fraction", "on_delete", "quality", "training", "retrain", "promotion"),
    *("monitor", "serving", "capture", "tracking", "expect_every"),
)
"""Sections that neither a row nor a feature depends on."""


@dataclass(frozen=True)
class Meaning:
    """All that differs between two contracts of one dataset."""

    reading: tuple[ReadingChange, ...]
    recipe: tuple[CodeChange, ...]
    others: tuple[str, ...]
    """Keys that change neither rows nor features."""
    moves_rows: bool
    """Whether a row may change its split."""
    moves_borders: bool = False
    """Whether the borders of a split by time move, with the rows on main."""

    @cached_property
    def kind(self) -> Kind:
        """The furthest-reaching change: none of data, of the recipe alone, a wider reading, or another one."""
        if self.reading:
            return "widened" if all(change.wider for change in self.reading) else "changed"
        return "recipe" if self.recipe else "nothing"

    @property
    def touches_rows(self) -> bool:
        """Whether there may be committed rows that would read otherwise."""
        return any(change.rows != "no" for change in self.reading)

    def consequences(self) -> dict[str, str]:
        """A sentence each on committed rows, files of before, the model that is served, and splits."""
        return {
            "rows": ROWS[self.kind] if self.kind != "changed" or self.touches_rows else ROWS["widened"],
            "features": "made again from rows/, under a name of their own" if self.recipe else "stay as they are",
            "files": FILES[self.kind],
            "model": MODEL if self.kind != "nothing" else "goes on as it is",
            "splits": MOVED if self.moves_rows else BORDERS if self.moves_borders else "no row changes split",
        }


def meaning(old: DatasetContract, new: DatasetContract) -> Meaning:
    """What it means that a dataset's contract is no longer the old one."""
    reading = tuple(reading_changes(old, new))
    deciding = _deciding(old) | _deciding(new)
    # Another weight may cost a row, which stays where it is otherwise.
    moved = any(not change.wider and change.column in deciding and change.path != WEIGHT for change in reading)
    splits = [change.remade for change in split_changes(old, new)]
    return Meaning(
        reading,
        tuple(recipe_changes(old, new)),
        tuple(_others(old, new)),
        moves_rows=moved or not all(splits),
        moves_borders=any(splits),
    )


def _deciding(contract: DatasetContract) -> set[str]:
    """The columns whose values decide in which split a row is."""
    kept = {column.name for column in contract.kept}
    if contract.splits.by == "values":
        return kept - set(contract.row_key)
    return set(contract.splits.columns) or set(contract.row_key) or kept


def _others(old: DatasetContract, new: DatasetContract) -> list[str]:
    columns = {column.name: column for column in old.columns}
    described = [
        f"columns.{column.name}.{key}"
        for column in new.columns
        for key in ("description", "max_null_fraction", "public", "sensitive")
        if column.name in columns and getattr(columns[column.name], key) != getattr(column, key)
    ]
    return [key for key in NO_DATA if getattr(old, key) != getattr(new, key)] + described


ROWS = {
    "nothing": "stay as they are",
    "recipe": "stay as they are",
    "widened": "stay as they are: they would be read as the same values",
    "changed": "some may be read otherwise, or not be taken again",
}
FILES = {
    "nothing": "are read as before",
    "recipe": "are read as before",
    "widened": "whatever was taken is taken again, as the same values",
    "changed": "some may be read otherwise, or not fit any more",
}
MODEL = "answers by the contract that it was trained with, until one of the new contract is served"
BORDERS = "rows on main move to where the new borders put them; training waits until advance_splits is done"
MOVED = "rows may change split: a new model would be judged by rows that an old one has learned from"


def readings_kept(old: DatasetContract | None, new: DatasetContract, kept: frozenset[str]) -> frozenset[str]:
    """The readings, by digest, whose rows the new contract reads as the same values; `kept` are those of the old."""
    if old is None:
        return frozenset()
    if meaning(old, new).kind == "changed":
        return frozenset()
    return (kept | {reading_digest(old)}) - {reading_digest(new)}

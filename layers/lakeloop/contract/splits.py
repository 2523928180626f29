"""How rows are split, so that a row never changes split and nothing leaks from one into another."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from lakeloop.contract.base import Broken, ContractModel
from lakeloop.contract.columns import ColumnName

PartOfRows = Annotated[float, Field(gt=0, lt=1)]
Duration = Annotated[
    str, Field(pattern=r"^[1-9][0-9]*(s|min|h|d)$", description="a whole number of s, min, h or d, such as 7d")
]
VALUES = "values"
"""`by: values`: rows that are equal in every column but the key share a split."""


class Fractions(ContractModel):
    """Parts of the rows, 1 together."""

    train: PartOfRows = 0.7
    """Part of the rows that is learned from."""
    validation: PartOfRows = 0.15
    """Part that chooses the model."""
    test: PartOfRows = 0.15
    """Part that judges it."""

    def broken_rules(self) -> Iterator[Broken]:
        total = self.train + self.validation + self.test
        if abs(total - 1) > 1e-9:
            yield Broken((), "train, validation and test to be 1 together", f"{total:.15g}")


class Borders(ContractModel):
    """The first moment, day or number that no longer belongs to a split; what is later than both is test."""

    train: str
    """What is earlier is train."""
    validation: str
    """What is earlier, and not train, is validation; the rest is test."""


class Blocks(ContractModel):
    """Whole blocks of a time or number column, by hash (`every`), or the earlier before the later (`until`)."""

    column: ColumnName
    """The date, timestamp or number that decides."""
    every: Duration | Annotated[float, Field(gt=0)] | None = None
    """The length of a block: such as 7d, or a number for a column of numbers."""
    until: Borders | None = None
    """Where train and validation end."""
    gap: Duration | Annotated[float, Field(ge=0)] | None = None
    """Rows so near behind a border of `until` are in no split."""

    def broken_rules(self) -> Iterator[Broken]:
        if (self.every is None) == (self.until is None):
            yield Broken((), "either every or until", "both" if self.every is not None else "neither")
        if self.gap is not None and self.until is None:
            yield Broken(("gap",), "until beside it", "none")


def _kind_of_groups(value: object) -> str:
    if value == VALUES:
        return "word"
    return "mapping" if isinstance(value, dict | Blocks) else "list"


def _as_columns(value: object) -> object:
    return [value] if isinstance(value, str) else value


Columns = Annotated[
    tuple[ColumnName, ...], Field(min_length=1), BeforeValidator(_as_columns, json_schema_input_type=list[ColumnName])
]

Groups = Annotated[
    Annotated[Literal["values"], Tag("word")] | Annotated[Columns, Tag("list")] | Annotated[Blocks, Tag("mapping")],
    Discriminator(_kind_of_groups),
]
"""The word `values`, columns or blocks: only the one that was meant is judged."""


class Splits(ContractModel):
    """Which rows are learned from, which choose the model and which judge it."""

    fractions: Fractions = Fractions()
    """Parts of the rows; they may stand in `splits` alone."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Another one deals the rows anew."""
    by: Groups | None = None
    """Left out: the key."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns whose values decide, beside those of the key."""
        if isinstance(self.by, Blocks):
            return (self.by.column,)
        return self.by if isinstance(self.by, tuple) else ()


def _fractions_alone(value: object) -> object:
    if isinstance(value, dict) and {"train", "validation", "test"} & set(value) and "fractions" not in value:
        return {"fractions": value}
    return value


SplitsSection = Annotated[Splits, BeforeValidator(_fractions_alone, json_schema_input_type=Splits | Fractions)]
"""The fractions may stand alone: {train: 0.7, validation: 0.15, test: 0.15}."""

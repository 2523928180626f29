"""The columns of a landed file."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from lakeloop.contract.base import Broken, ContractModel

ColumnType = Literal["float", "integer", "boolean", "category", "string"]
NUMERIC = ("float", "integer")

ColumnName = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9_]{0,62}$",
        description="a name of at most 63 lower-case letters, digits and underscores, a letter first",
    ),
]


class Column(ContractModel):
    """One column of the landed file."""

    name: ColumnName
    type: ColumnType
    description: str
    nullable: bool = False
    min: float | None = None
    max: float | None = None
    allowed: tuple[str, ...] = ()

    def broken_rules(self) -> Iterator[Broken]:
        if self.type == "category" and not self.allowed:
            yield Broken(("allowed",), "the values of the category", "nothing")
        if self.type != "category" and self.allowed:
            yield Broken(("allowed",), f"no values for a column of type {self.type}", ", ".join(self.allowed[:3]))
        for value in sorted({value for value in self.allowed if self.allowed.count(value) > 1}):
            yield Broken(("allowed",), "each value once", f"{value} twice")
        for key, limit in (("min", self.min), ("max", self.max)):
            if limit is not None and self.type not in NUMERIC:
                yield Broken((key,), f"no limit for a column of type {self.type}", f"{limit:.15g}")
        if self.min is not None and self.max is not None and self.min > self.max:
            yield Broken(("min",), f"at most max, which is {self.max:.15g}", f"{self.min:.15g}")

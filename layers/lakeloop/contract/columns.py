"""The columns of a landed file."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lakeloop.contract.base import ContractModel

ColumnType = Literal["float", "integer", "boolean", "category", "string"]


class Column(ContractModel):
    """One column of the landed file."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
    type: ColumnType
    description: str
    nullable: bool = False
    min: float | None = None
    max: float | None = None
    allowed: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _limits_fit_the_type(self) -> Self:
        if (self.type == "category") != bool(self.allowed):
            raise ValueError(f"column {self.name}: `allowed` lists the values of a category column, and only of one")
        if len(set(self.allowed)) != len(self.allowed):
            raise ValueError(f"column {self.name}: `allowed` names a value twice")
        numeric = self.type in ("float", "integer")
        if not numeric and (self.min is not None or self.max is not None):
            raise ValueError(f"column {self.name}: `min` and `max` are for float and integer columns")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"column {self.name}: `min` {self.min} is greater than `max` {self.max}")
        return self

"""How rows are split, and which files are set aside whole."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from lakeloop.contract.base import ContractModel, Fraction


class Splits(ContractModel):
    """Fractions of the rows, by a hash of the row key."""

    train: Annotated[float, Field(gt=0, lt=1)]
    validation: Annotated[float, Field(gt=0, lt=1)]
    test: Annotated[float, Field(gt=0, lt=1)]

    @model_validator(mode="after")
    def _sum_to_one(self) -> Self:
        total = self.train + self.validation + self.test
        if abs(total - 1) > 1e-9:
            raise ValueError(f"splits: train + validation + test must be 1, not {total:g}")
        return self


class Quality(ContractModel):
    """A file that breaks one of these limits is quarantined whole."""

    max_rejected_fraction: Fraction
    min_rows: Annotated[int, Field(ge=1)] = 1

"""How rows are split, and which files are set aside whole."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from lakeloop.contract.base import Broken, ContractModel, Fraction

PartOfRows = Annotated[float, Field(gt=0, lt=1)]


class Splits(ContractModel):
    """Fractions of the rows, by a hash of the row key."""

    train: PartOfRows
    validation: PartOfRows
    test: PartOfRows

    def broken_rules(self) -> Iterator[Broken]:
        total = self.train + self.validation + self.test
        if abs(total - 1) > 1e-9:
            yield Broken((), "train, validation and test to be 1 together", f"{total:.15g}")


class Quality(ContractModel):
    """A file that breaks one of these limits is quarantined whole."""

    max_rejected_fraction: Fraction
    min_rows: Annotated[int, Field(ge=1)] = 1

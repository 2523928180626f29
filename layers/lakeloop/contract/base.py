"""What every section of a contract is."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Fraction = Annotated[float, Field(ge=0, le=1)]


class ContractModel(BaseModel):
    """Unknown keys are typing errors in a contract, so they are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

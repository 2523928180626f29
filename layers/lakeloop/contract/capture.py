"""What is kept of the predictions that were answered."""

from typing import Annotated, Literal

from pydantic import Field

from lakeloop.contract.base import ContractModel


class Capturing(ContractModel):
    """Answered predictions are kept, so that labels that come later make rows of them."""

    enabled: bool = True
    """Whether predictions are kept at all."""
    fraction: Annotated[float, Field(gt=0, le=1)] = 1.0
    """The share that is kept, for those who have too many; an inference id says whether its prediction is."""
    sensitive: Literal["omit", "hash"] = "omit"
    """What is kept of the columns that are `sensitive`: nothing, or an HMAC under a key of the environment, by which
    equal values can be told and none be read."""
    join_days: Annotated[int, Field(ge=1, le=365)] = 30
    """Days within which a label counts for its prediction; later ones are refused."""

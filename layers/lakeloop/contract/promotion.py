"""When a new model may take the place of the one that serves."""

from typing import Annotated, Literal

from pydantic import Field

from lakeloop.contract.base import ContractModel
from lakeloop.contract.columns import ColumnName
from lakeloop.contract.training import Metric

Loss = Annotated[float, Field(ge=0)]


class Slice(ContractModel):
    """Rows that have one value in a column, for each of its values."""

    column: ColumnName
    """A category or boolean that is not sensitive."""
    max_loss: Loss = 0.05
    """What the metric may lose on the rows of a value; fewer than 30 are shown and do not decide."""


class Promotion(ContractModel):
    """What a new model must show on test rows before it is served; the first one must beat the best constant answer."""

    approval: Literal["automatic", "manual"] = "automatic"
    """Whether a better model is approved at once, or waits for a person."""
    undecided: Literal["reject", "pending"] = "reject"
    """What becomes of a model where the test rows are too few to tell: `pending` waits for a person, as a first model
    always does."""
    metric: Metric | None = None
    """What models are compared by; left out, that of `training`."""
    min_gain: Annotated[float, Field(gt=0)] = 0.005
    """What the metric must gain on the test rows since the champion's commit; of rmse and mae, this and the losses are
    shares of the champion's: 0.005 is half a percent."""
    max_loss: Loss = 0.01
    """What the metric may lose on all test rows, and on those that are not feedback."""
    slices: Annotated[tuple[Slice, ...], Field(max_length=10)] = ()
    """Columns whose values must each not lose more than their limit."""

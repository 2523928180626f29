"""When what is predicted is said to drift or to decay, and what follows."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from lakeloop.contract.base import Broken, ContractModel
from lakeloop.contract.splits import Duration


class Monitor(ContractModel):
    """How what is predicted is watched; a limit counts where it is wider than what chance reaches, which a simulation
    of the model's own training rows says."""

    on_drift: Literal["retrain", "alarm"] = "retrain"
    """Whether drift and decay ask for training, or raise an alarm alone."""
    min_rows: Annotated[int, Field(ge=100)] = 500
    """Predictions of a window; fewer give no verdict."""
    min_reference_rows: Annotated[int, Field(ge=100)] = 2000
    """Rows that the model must have learned from; of fewer, chance looks like drift."""
    min_labels: Annotated[int, Field(ge=30)] = 100
    """Predictions with a label that live quality is told from."""
    psi: Annotated[float, Field(gt=0)] = 0.1
    """Population stability index of a feature beyond which it drifts; 0.1 is a small shift, 0.25 a large one."""
    ks: Annotated[float, Field(gt=0, le=1)] = 0.1
    """Largest distance between the distributions of a number beyond which it drifts."""
    new_values: Annotated[float, Field(gt=0, le=1)] = 0.05
    """Share of values that no training row had beyond which a category drifts."""
    max_decay: Annotated[float, Field(ge=0)] = 0.05
    """What the metric may be worse on labelled predictions than on the test rows; of rmse and mae a share."""
    alarm_windows: Annotated[int, Field(ge=1, le=20)] = 2
    """Windows of the last `of_windows` that must drift before anything follows."""
    of_windows: Annotated[int, Field(ge=1, le=20)] = 3
    """Windows that are looked back on."""
    season: Duration | None = None
    """A window spans so long at least, such as 1d or 7d, where callers differ by hour or weekday; left out, it ends
    with the hour in which it has enough rows."""
    labels_within: Duration = "30d"
    """Labels of predictions of so long are asked for live quality."""

    def broken_rules(self) -> Iterator[Broken]:
        if self.alarm_windows > self.of_windows:
            yield Broken(("alarm_windows",), f"at most of_windows, which is {self.of_windows}", f"{self.alarm_windows}")

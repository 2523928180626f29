"""Which tracker of experiments shows what becomes of a dataset."""

from typing import Literal

Tracking = Literal["mlflow", "wandb", "both", "none"]

IN_MLFLOW: tuple[Tracking, ...] = ("mlflow", "both")
IN_WANDB: tuple[Tracking, ...] = ("wandb", "both")

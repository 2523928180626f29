"""The dataset contract: one schema for transform, training and serving, written in `datasets/<name>.yaml`."""

from lakeloop.contract.columns import Column, ColumnType
from lakeloop.contract.dataset import DatasetContract
from lakeloop.contract.gate import Quality, Splits
from lakeloop.contract.rules import Problem
from lakeloop.contract.serving import Instances, Serverless, Serving
from lakeloop.contract.training import Range, Retrain, Training

__all__ = [
    "Column",
    "ColumnType",
    "DatasetContract",
    "Instances",
    "Problem",
    "Quality",
    "Range",
    "Retrain",
    "Serverless",
    "Serving",
    "Splits",
    "Training",
]

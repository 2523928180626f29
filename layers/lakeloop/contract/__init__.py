"""The dataset contract: one schema for transform, training and serving, read from `datasets/<name>.yaml`."""

from lakeloop.contract.columns import Column, ColumnType
from lakeloop.contract.dataset import DatasetContract, Problem
from lakeloop.contract.gate import Quality, Splits
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

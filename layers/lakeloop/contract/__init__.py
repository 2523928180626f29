"""The dataset contract: one schema for transform, training and serving, written in `datasets/<name>.yaml`."""

from lakeloop.contract.columns import Column, ColumnType
from lakeloop.contract.dataset import DatasetContract
from lakeloop.contract.derive import Derived
from lakeloop.contract.file import FileFormat
from lakeloop.contract.gate import Quality
from lakeloop.contract.monitor import Monitor
from lakeloop.contract.promotion import Promotion, Slice
from lakeloop.contract.rules import Problem
from lakeloop.contract.serving import Instances, Serverless, Serving, Traffic
from lakeloop.contract.splits import Blocks, Borders, Fractions, Splits
from lakeloop.contract.training import Choices, Range, Retrain, Training

__all__ = [
    "Blocks",
    "Borders",
    "Choices",
    "Column",
    "ColumnType",
    "DatasetContract",
    "Derived",
    "FileFormat",
    "Fractions",
    "Instances",
    "Monitor",
    "Problem",
    "Promotion",
    "Quality",
    "Range",
    "Retrain",
    "Serverless",
    "Serving",
    "Slice",
    "Splits",
    "Traffic",
    "Training",
]

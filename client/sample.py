"""One row that a contract accepts, to try the prediction API with before anyone has one of their own at hand."""

from collections.abc import Mapping

from lakeloop.client.predictions import Feature
from lakeloop.contract import Column, DatasetContract


def sample_features(contract: DatasetContract) -> Mapping[str, Feature]:
    """A value for each feature: the first of a category, the middle of a number's limits."""
    return {column.name: sample_value(column) for column in contract.features}


def sample_value(column: Column) -> Feature:
    match column.type:
        case "category":
            return column.allowed[0]
        case "boolean":
            return True
        case "integer":
            return round(middle(column.min, column.max))
        case "float":
            return middle(column.min, column.max)
        case _:
            return ""


def middle(low: float | None, high: float | None) -> float:
    """Between two limits; with one of them, the number itself; without any, 1."""
    if low is not None and high is not None:
        return (low + high) / 2
    return next((limit for limit in (low, high) if limit is not None), 1.0)

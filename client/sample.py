"""One row that a contract accepts, to try the prediction API with before anyone has one of their own at hand."""

from collections.abc import Mapping
from datetime import UTC, datetime

from lakeloop.client.predictions import Feature
from lakeloop.contract import Column, DatasetContract
from lakeloop.values.codes import asked_columns

MOMENT = datetime(2024, 3, 1, tzinfo=UTC)
ISO = {"date": "%Y-%m-%d", "timestamp": "%Y-%m-%dT%H:%M:%S"}


def sample_features(contract: DatasetContract) -> Mapping[str, Feature]:
    """A value for each column that a request gives, features and what derived ones are made of.

    The first of a category, the middle of a number's limits, a day in the column's own format.
    """
    return {column.name: sample_value(column) for column in asked_columns(contract)}


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
        case "date" | "timestamp":
            return MOMENT.strftime(ISO[column.type] if column.format in (None, "iso") else str(column.format))
        case _:
            # Nobody can tell what a pattern takes.
            return None if column.nullable else "text"


def middle(low: float | None, high: float | None) -> float:
    """Between two limits; with one of them, the number itself; without any, 1."""
    if low is not None and high is not None:
        return (low + high) / 2
    return next((limit for limit in (low, high) if limit is not None), 1.0)

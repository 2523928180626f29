"""Digests of a contract: of all of it, of how its files are read, and of what a model is given."""

import hashlib
import json
from typing import Any

from lakeloop.contract.columns import Column
from lakeloop.contract.dataset import DatasetContract

DESCRIBING = ("description", "max_null_fraction", "sensitive")
"""What of a column changes neither its values nor the numbers made of them."""
LENGTH = 12


def contract_digest(contract: DatasetContract) -> str:
    """SHA-256 of the contract as it is kept beside its models."""
    return hashlib.sha256(contract.model_dump_json().encode()).hexdigest()


def reading_digest(contract: DatasetContract) -> str:
    """Of all that turns text into typed rows and puts them into splits."""
    columns = [column.model_dump(exclude={*DESCRIBING, "feature", "encode"}) for column in contract.columns]
    fields = {"file", "row_key", "repeats", "splits"}
    return _digest({"columns": columns, **contract.model_dump(mode="json", include=fields)})


def recipe_digest(contract: DatasetContract) -> str:
    """Of all that turns typed rows into the numbers of a model; it names the folder of the features."""
    return _digest(
        {
            "label": [contract.label, list(contract.classes)],
            "features": [_encoding(column) for column in contract.features],
            "derive": [derived.model_dump() for derived in contract.derive],
            # What a derived feature is made of counts too, where it is no feature itself.
            "columns": {column.name: _encoding(column) for column in contract.kept} if contract.derive else {},
        }
    )


def _encoding(column: Column) -> list[Any]:
    other = column.unlisted == "other" and column.encode == "onehot"
    return [column.name, column.type, column.encode, list(column.allowed), column.timezone, other]


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:LENGTH]

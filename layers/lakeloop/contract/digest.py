"""Digests of a contract: of all of it, and of what a model is given.

A key that has its default is left out, as if it were not written: a release that knows more keys gives the same digests
to the contracts of before, so that an upgrade reads no file again and trains no model. So a default never changes; a
test records them.
"""

import hashlib
import json

from lakeloop.contract.columns import NUMERIC, Column
from lakeloop.contract.dataset import DatasetContract
from lakeloop.values.codes import derivations, vector_names

LENGTH = 12

READING = ("row_key", "repeats", "delivery", "newest", "splits", "quality")
NOT_OF_THE_READING = ("description", "encode", "feature", "public", "sensitive")


def kept(contract: DatasetContract) -> bytes:
    """A contract as it is kept beside its models."""
    return contract.model_dump_json(exclude_defaults=True).encode()


def contract_digest(contract: DatasetContract) -> str:
    """SHA-256 of the contract as it is kept beside its models."""
    return hashlib.sha256(kept(contract)).hexdigest()


def reading_digest(contract: DatasetContract) -> str:
    """Of all by which the text of a file becomes typed rows, each in its split; read anew, a file gives the same.

    The borders of a split by time are left out: rows are moved by them as they lie.
    """
    reading = contract.model_dump(mode="json", include={"file", "columns", *READING}, exclude_defaults=True)
    by = reading.get("splits", {}).get("by")
    if isinstance(by, dict) and "until" in by:
        reading["splits"]["by"] = {"column": by["column"]}
    for column in reading["columns"]:
        for name in NOT_OF_THE_READING:
            column.pop(name, None)
    if contract.weight is not None:
        reading["weight"] = contract.weight
    return hashlib.sha256(json.dumps(reading, sort_keys=True).encode()).hexdigest()[:LENGTH]


def recipe_digest(contract: DatasetContract) -> str:
    """Of all that turns typed rows into the numbers of a model; it names the folder of the features.

    What may change while data is on main is left out, or training would look for that data elsewhere: a value at the
    end of a list keeps the codes of those before, a whole number is a number (`lakeloop.contract.changes`).
    """
    derived = derivations(contract)
    operands = {name for derivation in derived.values() for name in derivation.operands}
    recipe = {
        "label": [contract.label, contract.classes],
        "features": [_feature(column) for column in contract.features],
        "derive": [[part.name, part.expression] for part in contract.derive],
        "operands": [_operand(contract.column(name)) for name in sorted(operands)],
    }
    return hashlib.sha256(json.dumps(recipe).encode()).hexdigest()[:LENGTH]


def _feature(column: Column) -> list[object]:
    # A word that is let in has the number of all others until it is listed.
    listed = [column.allowed] if column.unlisted == "other" else []
    return [_kind(column), vector_names(column), *listed]


def _kind(column: Column) -> str:
    return "number" if column.type in NUMERIC else column.type


def _operand(column: Column) -> list[object]:
    return [column.name, _kind(column), column.allowed, column.timezone]

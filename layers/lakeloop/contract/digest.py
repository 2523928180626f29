"""A contract's digest, by which a model names the one it was trained with."""

import hashlib

from lakeloop.contract.dataset import DatasetContract


def contract_digest(contract: DatasetContract) -> str:
    """SHA-256 of the contract as it is kept beside its models."""
    return hashlib.sha256(contract.model_dump_json().encode()).hexdigest()

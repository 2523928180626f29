"""Which dataset a request is for."""

from lakeloop import names
from lakeloop.contract import DatasetContract
from lakeloop.contract.ports import Contracts
from lakeloop.errors import UnknownDatasetError, UnlearnedDatasetError


def learned(contracts: Contracts, dataset: str) -> DatasetContract:
    """The contract of a dataset that models learn from. Raises UnknownDatasetError or UnlearnedDatasetError."""
    # What breaks the pattern is no dataset, and may be no key of S3 either.
    if not names.DATASET_NAME.fullmatch(dataset):
        raise UnknownDatasetError("no contract may be called so")
    contract = contracts.get(dataset)
    if contract.problem is None:
        raise UnlearnedDatasetError(dataset)
    return contract

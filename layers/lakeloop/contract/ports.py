"""Where contracts are read from."""

from typing import Protocol

from lakeloop.contract.dataset import DatasetContract


class Contracts(Protocol):
    def get(self, dataset: str) -> DatasetContract:
        """Raises UnknownDatasetError when no contract of that name is deployed."""


class DeployedContracts(Contracts, Protocol):
    """The deployed contracts, and whose there are."""

    @property
    def names(self) -> list[str]: ...

"""The contracts of this folder: compiled, and compared with those that are deployed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lakeloop import names
from lakeloop.client.errors import AdvisedError
from lakeloop.compiler.build import COMPILED, CONTRACTS, WrongContractsError, build
from lakeloop.contract import DatasetContract
from lakeloop.contract.changes import CodeChange, code_changes

if TYPE_CHECKING:
    from lakeloop.client.environment import Environment

WAYS_OUT = (
    "take the change back, or append new values at the end of `allowed`; or give the changed contract a new name "
    "(datasets/<name>.yaml and `name:`) and drop the files there: the old dataset goes on as it is"
)


@dataclass(frozen=True)
class Difference:
    """One dataset's contract here, against the one that is deployed."""

    dataset: str
    what: str
    """new, changed or gone."""
    code_changes: tuple[CodeChange, ...] = ()
    """What gives the numbers of data that is on main another meaning."""
    holds_data: bool = False


def build_contracts(folder: Path = CONTRACTS, into: Path = COMPILED) -> dict[str, DatasetContract]:
    """Compile the contracts, or say everything that is wrong with them."""
    try:
        return build(folder, into)
    except WrongContractsError as error:
        raise AdvisedError(str(error), "correct each line; `lakeloop contract check` judges them again") from error


def differences(environment: "Environment", here: Mapping[str, DatasetContract]) -> Iterator[Difference]:
    """What an apply would change, by dataset; equal ones are left out."""
    deployed = environment.contracts
    for dataset in sorted({*deployed.names, *here}):
        if dataset not in deployed.names:
            yield Difference(dataset, "new")
        elif dataset not in here:
            yield Difference(dataset, "gone")
        elif (old := deployed.get(dataset)) != here[dataset]:
            changes = tuple(code_changes(old, here[dataset]))
            yield Difference(dataset, "changed", changes, bool(changes) and holds_data(environment, dataset))


def holds_data(environment: "Environment", dataset: str) -> bool:
    return environment.lake.holds_data(names.repository(environment.outputs.name_prefix, dataset))


def refuse_code_changes(environment: "Environment", here: Mapping[str, DatasetContract]) -> None:
    """Raises AdvisedError when data on main would be read as something else than it was written as."""
    refused = [found for found in differences(environment, here) if found.code_changes and found.holds_data]
    if refused:
        listed = "\n".join(f"  {found.dataset}.yaml: {change}" for found in refused for change in found.code_changes)
        raise AdvisedError(
            f"the data on main would mean something else under the changed contract:\n{listed}", WAYS_OUT
        )

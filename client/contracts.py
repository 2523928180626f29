"""The contracts of this folder: compiled, and compared with those that are deployed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lakeloop import names
from lakeloop.client.errors import AdvisedError
from lakeloop.compiler.build import COMPILED, CONTRACTS, WrongContractsError, build
from lakeloop.contract import DatasetContract
from lakeloop.contract.changes import WAYS_OUT, CodeChange, MisreadDataError, code_changes, refuse_misreading

if TYPE_CHECKING:
    from lakeloop.client.environment import Environment


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
    try:
        refuse_misreading(environment.contracts.of(here), here, lambda dataset: holds_data(environment, dataset))
    except MisreadDataError as error:
        raise AdvisedError(str(error), WAYS_OUT) from error

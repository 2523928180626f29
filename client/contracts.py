"""The contracts of this folder: compiled, and compared with those that are deployed."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lakeloop import names
from lakeloop.client.errors import AdvisedError
from lakeloop.compiler.build import COMPILED, CONTRACTS, WrongContractsError, build
from lakeloop.contract import DatasetContract
from lakeloop.contract.changes import WAYS_OUT, CodeChange, MisreadDataError, code_changes, refuse_misreading
from lakeloop.contract.meaning import Kind, Meaning, meaning
from lakeloop.contract.reading import ReadingChange
from lakeloop.lake.layout import ROWS

if TYPE_CHECKING:
    from lakeloop.client.environment import Environment


@dataclass(frozen=True)
class Difference:
    """One dataset's contract here, against the one that is deployed or that a model was trained with."""

    dataset: str
    what: str
    """new, changed or gone."""
    kind: Kind = "nothing"
    reading: tuple[ReadingChange, ...] = ()
    code_changes: tuple[CodeChange, ...] = ()
    """What gives the numbers of data that is on main another meaning."""
    others: tuple[str, ...] = ()
    """Keys that change no data."""
    consequences: Mapping[str, str] = field(default_factory=dict)
    holds_data: bool = False
    rows_on_main: int = 0
    rows_touched: int = 0
    """Of those on main, how many may read otherwise: for them files are to be dropped again."""

    @property
    def misread(self) -> bool:
        """Whether a change gives rows another meaning, which no data on main may meet."""
        return any(not change.remade for change in self.code_changes)


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
            yield difference(environment, old, here[dataset])


def differences_from(
    environment: "Environment", old: DatasetContract, here: Mapping[str, DatasetContract]
) -> Iterator[Difference]:
    """What is other here than in the contract of a model."""
    if old.name not in here:
        yield Difference(old.name, "gone")
    elif old != here[old.name]:
        yield difference(environment, old, here[old.name])


def difference(environment: "Environment", old: DatasetContract, new: DatasetContract) -> Difference:
    """What the change of one dataset's contract means, for the rows that are on main too."""
    found, changes = meaning(old, new), tuple(code_changes(old, new))
    holds = (bool(changes) or found.touches_rows) and holds_data(environment, new.name)
    on_main, touched = rows_touched(environment, new, found) if holds and found.touches_rows else (0, 0)
    return Difference(
        new.name,
        "changed",
        found.kind,
        found.reading,
        changes,
        found.others,
        found.consequences(),
        holds,
        on_main,
        touched,
    )


def rows_touched(environment: "Environment", new: DatasetContract, found: Meaning) -> tuple[int, int]:
    """The rows on main, and how many of them the new contract may read otherwise."""
    # polars takes long to import and is asked for rows only.
    import polars as pl  # noqa: PLC0415

    from lakeloop.ingest.rereading import columns_needed, touched  # noqa: PLC0415

    repository = names.repository(environment.outputs.name_prefix, new.name)
    rows = count = 0
    for entry in environment.lake.objects(repository, names.MAIN, f"{ROWS}/"):
        bucket, _, key = entry.physical_address.removeprefix("s3://").partition("/")
        content = environment.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        there = pl.read_parquet_schema(io.BytesIO(content))
        needed = [name for name in columns_needed(found) if name in there]
        frame = pl.read_parquet(io.BytesIO(content), columns=needed or [next(iter(there))])
        rows, count = rows + frame.height, count + touched(new, found, frame)
    return rows, count


def holds_data(environment: "Environment", dataset: str) -> bool:
    return environment.lake.holds_data(names.repository(environment.outputs.name_prefix, dataset))


def refuse_code_changes(environment: "Environment", here: Mapping[str, DatasetContract]) -> None:
    """Raises AdvisedError when data on main would be read as something else than it was written as."""
    try:
        refuse_misreading(environment.contracts.of(here), here, lambda dataset: holds_data(environment, dataset))
    except MisreadDataError as error:
        raise AdvisedError(str(error), WAYS_OUT) from error

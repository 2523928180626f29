"""The borders of a split by time: where they are, which rows on main lie by earlier ones, and where they go next.

Rows of an earlier contract may hold whole numbers by type where the contract has any number now: they are told of here
too, because the same work brings them up to it.

The contract says where they begin. With `retrain.advance` main moves them on by itself and remembers that beside its
index, until the contract names others.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import cast

from lakeloop.contract import Blocks, Borders, DatasetContract
from lakeloop.lake.index import Entry, Index
from lakeloop.values import Value
from lakeloop.values.splits import border, borders, seconds


def laid(contract: DatasetContract) -> tuple[str, ...]:
    """Where train and validation end, and the gap behind them, as the contract writes them; nothing without a split by
    time."""
    by = contract.splits.by
    if not isinstance(by, Blocks) or by.until is None:
        return ()
    return by.until.train, by.until.validation, str(by.gap or "")


def integers(contract: DatasetContract) -> tuple[str, ...]:
    """The columns whose numbers are whole by type."""
    return tuple(sorted(column.name for column in contract.kept if column.type == "integer"))


def outgrown(contract: DatasetContract, entry: Entry) -> set[str]:
    """Columns that a file's rows hold as whole numbers and the contract as any number."""
    return set(entry.integers) & {column.name for column in contract.kept if column.type == "float"}


def moved_to(contract: DatasetContract, train: str, validation: str) -> DatasetContract:
    """The contract with other borders."""
    by = contract.splits.by
    if not isinstance(by, Blocks):
        raise TypeError(f"the rows of {contract.name} are not split by time")
    until = by.model_copy(update={"until": Borders(train=train, validation=validation)})
    return contract.model_copy(update={"splits": contract.splits.model_copy(update={"by": until})})


def in_force(contract: DatasetContract, index: Index) -> DatasetContract:
    """The contract with the borders that rows are split by now."""
    own = laid(contract)
    if not own or index.advanced.was != own:
        return contract
    return moved_to(contract, *index.advanced.now)


@dataclass(frozen=True)
class Behind:
    """What lies on main by earlier borders or types: files by id, under upsert the numbers of the places of keys."""

    files: dict[str, Entry]
    places: tuple[int, ...]

    def __bool__(self) -> bool:
        return bool(self.files or self.places)


def behind(contract: DatasetContract, index: Index) -> Behind:
    """What is to be written anew until all rows on main lie by the borders in force, and numbers are of one type."""
    now = laid(in_force(contract, index))
    files = {
        id_: entry
        for id_, entry in index.entries()
        if entry.place and ((now and entry.borders != now) or outgrown(contract, entry))
    }
    known = dict(enumerate(index.writer.borders))
    places = (n for n, where in enumerate(index.writer.places) if now and where and known.get(n, ()) != now)
    return Behind(files, tuple(places))


def only_train(contract: DatasetContract, entry: Entry) -> bool:
    """Whether all rows of a file are learned from, under its borders and so under later ones too."""
    by = contract.splits.by
    if not entry.borders or not isinstance(by, Blocks) or set(entry.counts.rows) - {"train"}:
        return False
    if outgrown(contract, entry):
        return False
    was, now = (
        cast("float", border(text, contract.column(by.column))) for text in (entry.borders[0], laid(contract)[0])
    )
    return was <= now


def unmoved(contract: DatasetContract, index: Index) -> str:
    """Why training has to wait until `advance_splits` is done; empty when all rows lie by the borders in force."""
    found = behind(contract, index)
    now = laid(in_force(contract, index))
    # Features are of one type whatever the rows are.
    if not now or not found:
        return ""
    train, validation, _ = now
    what = f"{len(found.files):,} files" if found.files else f"{len(found.places):,} parts of the keys"
    return (
        f"the rows of {what} lie by earlier borders than {train} and {validation}: advance_splits moves them, "
        "and training waits"
    )


def advanced(contract: DatasetContract, newest: Value, now: datetime) -> DatasetContract | None:
    """The contract with its borders moved on by whole steps of `retrain.advance`, None while it is too early.

    Behind them the rows up to the newest must still span as much time for the test as there is for validation. A
    newest row beyond `now` is a mistake of somebody's clock.
    """
    by = contract.splits.by
    if contract.retrain.advance is None or not isinstance(by, Blocks) or by.until is None:
        return None
    step = timedelta(seconds=seconds(contract.retrain.advance))
    train, validation, end = _moments(by, contract)
    latest = min(_moment(newest), now)
    steps = (latest - end - (validation - train)) // step
    if steps < 1:
        return None
    to_date = isinstance(newest, date) and not isinstance(newest, datetime)
    texts = [(at + steps * step).date() if to_date else at + steps * step for at in (train, validation)]
    return moved_to(contract, *(text.isoformat() for text in texts))


def _moments(by: Blocks, contract: DatasetContract) -> Iterator[datetime]:
    """Where train ends, where validation ends, and where the test begins."""
    train, _, validation, test = borders(by, contract.column(by.column))
    return map(_moment, (train, validation, test))


def _moment(value: Value) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    raise TypeError(f"{value!r} is no moment")

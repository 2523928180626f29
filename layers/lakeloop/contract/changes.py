"""What a changed contract does to the data that is in the lake already.

The lake holds typed rows, each in the split that its key falls into, and features: numbers in the order of the columns,
a category as its place in `allowed`. Other features of the same rows are made anew under the name of their recipe;
what gives the rows themselves another meaning must not meet data of the old one.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest

from lakeloop.contract.columns import NUMERIC, Column
from lakeloop.contract.dataset import DatasetContract
from lakeloop.contract.splits import Blocks, Splits
from lakeloop.errors import PermanentError
from lakeloop.values.codes import derivations, vector_names

NONE = "nothing"

WAYS_OUT = (
    "take the change back; or give the changed contract a new name "
    "(datasets/<name>.yaml and `name:`) and drop the files there: the old dataset goes on as it is"
)

Contracts = Mapping[str, DatasetContract]
"""Contracts by dataset."""


class MisreadDataError(PermanentError):
    """Contracts under which data on main would mean something else."""


@dataclass(frozen=True)
class CodeChange:
    """A change after which the numbers on main mean something else."""

    path: str
    was: str
    now: str
    why: str
    remade: bool = False
    """Whether it is made anew from the rows on main, by `remake_features` or `advance_splits`; else no data may be
    there."""

    def __str__(self) -> str:
        return f"{self.path}: was {self.was}, is {self.now}; {self.why}"


def code_changes(old: DatasetContract, new: DatasetContract) -> list[CodeChange]:
    """Nothing when data that was committed under the old contract reads the same under the new one."""
    return [*recipe_changes(old, new), *split_changes(old, new), *_types(old, new), *_delivery(old, new)]


def recipe_changes(old: DatasetContract, new: DatasetContract) -> list[CodeChange]:
    """Nothing when typed rows are the same numbers to a model under both."""
    return [*_vector(old, new), *_features(old, new), *_derived(old, new), *_label(old, new)]


def refused_changes(old: DatasetContract, new: DatasetContract) -> list[CodeChange]:
    """Of all changes those that must not meet data on main."""
    return [change for change in code_changes(old, new) if not change.remade]


def refuse_misreading(old: Contracts, new: Contracts, holds_data: Callable[[str], bool]) -> None:
    """Raises MisreadDataError with all changes of datasets that have data on main which cannot be made anew."""
    changes = {name: refused_changes(old[name], contract) for name, contract in new.items() if name in old}
    lines = [
        f"  {name}.yaml: {change}" for name, found in changes.items() if found and holds_data(name) for change in found
    ]
    if lines:
        listed = "\n".join(lines)
        raise MisreadDataError(f"the data on main would mean something else under the changed contract:\n{listed}")


def _remade(path: str, was: str, now: str, why: str) -> CodeChange:
    return CodeChange(path, was, now, why, remade=True)


def _vector(old: DatasetContract, new: DatasetContract) -> Iterator[CodeChange]:
    was, now = ([column.name for column in contract.features] for contract in (old, new))
    for name in [name for name in was if name not in now]:
        yield _remade(f"columns.{name}", "a feature", NONE, "features on main have it")
    for name in [name for name in now if name not in was]:
        yield _remade(f"columns.{name}", NONE, "a feature", "features on main do not have it")
    kept_was, kept_now = [n for n in was if n in now], [n for n in now if n in was]
    if kept_was != kept_now:
        first, second = next((a, b) for a, b in zip(kept_was, kept_now, strict=True) if a != b)
        yield _remade("columns", f"{first} first", f"{second} first", "features are told apart by their order")


def _features(earlier: DatasetContract, new: DatasetContract) -> Iterator[CodeChange]:
    before = {column.name: column for column in earlier.features}
    for column in new.features:
        old = before.get(column.name)
        if old is None:
            continue
        yield from _type(old, column)
        if old.type == column.type:
            yield from _codes(old, column)


def _codes(old: Column, new: Column) -> Iterator[CodeChange]:
    path = f"columns.{new.name}"
    if old.encode != new.encode:
        yield _remade(f"{path}.encode", old.encode, new.encode, "features are other numbers on main")
    elif new.encode == "onehot":
        if parted := _parted(old.allowed, new.allowed):
            yield _remade(f"{path}.allowed", *parted, "each value is a feature of its own")
        elif vector_names(old) != vector_names(new):
            yield _remade(f"{path}.unlisted", old.unlisted, new.unlisted, "other values are a feature of their own")
    elif (old.unlisted == "other") != (new.unlisted == "other"):
        why = "a value that is not listed and yet let in is a number of its own, 0"
        yield _remade(f"{path}.unlisted", old.unlisted, new.unlisted, why)
    elif new.unlisted == "other" and (parted := _parted(old.allowed, new.allowed)):
        yield _remade(f"{path}.allowed", *parted, "rows on main may hold it as one of the others, which are 0")
    elif parted := _parted(old.allowed, new.allowed[: len(old.allowed)]):
        yield _remade(f"{path}.allowed", *parted, "a value's number is its place in the list")


def _derived(old: DatasetContract, new: DatasetContract) -> Iterator[CodeChange]:
    was, now = ("; ".join(f"{d.name}: {d.expression}" for d in contract.derive) for contract in (old, new))
    if was != now:
        yield _remade("derive", was or NONE, now or NONE, "rows on main have other features")
        return
    names = {name for derivation in derivations(new).values() for name in derivation.operands}
    for name in sorted(names & {column.name for column in old.kept}):
        yield from _operand(old.column(name), new.column(name))


def _operand(old: Column, new: Column) -> Iterator[CodeChange]:
    """Of a column that derived features are made of, as far as it is no matter of its own codes."""
    path = f"columns.{new.name}"
    if old.timezone != new.timezone:
        why = "a derived feature reads its clock"
        yield _remade(f"{path}.timezone", old.timezone or NONE, new.timezone or NONE, why)
    appended = old.allowed == new.allowed[: len(old.allowed)] and "onehot" not in (old.encode, new.encode)
    if appended and (parted := _parted(old.allowed, new.allowed)):
        yield _remade(f"{path}.allowed", *parted, "a derived feature counts all values of the list")


def _type(old: Column, new: Column) -> Iterator[CodeChange]:
    if old.type != new.type and not {old.type, new.type} <= set(NUMERIC):
        why = "its values on main are numbers of the old type"
        yield CodeChange(f"columns.{new.name}.type", old.type, new.type, why)


def _parted(was: tuple[str, ...], now: tuple[str, ...]) -> tuple[str, str] | None:
    """Where two lists part."""
    for place, pair in enumerate(zip_longest(was, now), start=1):
        if pair[0] != pair[1]:
            old, new = (NONE if value is None else value for value in pair)
            return f"{old} at place {place}", f"{new} at place {place}"
    return None


def _label(old: DatasetContract, new: DatasetContract) -> Iterator[CodeChange]:
    if old.label != new.label:
        yield CodeChange("label", old.label or NONE, new.label or NONE, "the label on main is the old column")
        return
    if old.problem != new.problem:
        yield CodeChange(
            "problem", old.problem or NONE, new.problem or NONE, "the label on main is a number for the old problem"
        )
        return
    yield from _type(old.label_column, new.label_column)
    if parted := _parted(old.classes, new.classes):
        why = "a class's number is its place among the classes, the positive one last"
        yield CodeChange("label", *parted, why, remade=set(old.classes) <= set(new.classes))


def split_changes(old: DatasetContract, new: DatasetContract) -> Iterator[CodeChange]:
    """Nothing when every row stays in its split."""
    why = "rows on main would stand in another split than the same rows dropped again"
    if old.row_key != new.row_key:
        was, now = (", ".join(contract.row_key) or NONE for contract in (old, new))
        yield CodeChange("row_key", was, now, why)
    fractions = (old.splits.fractions, new.splits.fractions)
    was, now = (f"{s.train:.15g}/{s.validation:.15g}/{s.test:.15g}" for s in fractions)
    if was != now:
        yield CodeChange("splits", was, now, why)
    if old.splits.seed != new.splits.seed:
        yield CodeChange("splits.seed", str(old.splits.seed), str(new.splits.seed), why)
    if old.splits.by != new.splits.by:
        if borders := _borders(old.splits, new.splits):
            yield _remade("splits.by.until", *borders, "advance_splits moves rows on main")
        else:
            yield CodeChange("splits.by", _by(old.splits), _by(new.splits), why)


def _borders(old: Splits, new: Splits) -> tuple[str, str] | None:
    """The borders and gaps where nothing else of the splits differs."""
    was, now = old.by, new.by
    if not isinstance(was, Blocks) or not isinstance(now, Blocks) or was.column != now.column:
        return None
    if was.until is None or now.until is None:
        return None
    said = [
        f"{by.until.train} and {by.until.validation}" + (f", gap {by.gap}" if by.gap else "")
        for by in (was, now)
        if by.until
    ]
    return said[0], said[1]


def _types(old: DatasetContract, new: DatasetContract) -> Iterator[CodeChange]:
    """Of columns that are no feature in both, and of numbers where rows on main are written anew."""
    told = {column.name for column in old.features} & {column.name for column in new.features} | {new.label}
    before = {column.name: column for column in old.kept}
    for column in new.kept:
        was = before.get(column.name, column)
        numbers = {was.type, column.type} <= set(NUMERIC)
        if was.type == column.type or (not numbers and column.name in told):
            continue
        if not numbers or new.delivery == "upsert":
            yield CodeChange(f"columns.{column.name}.type", was.type, column.type, "rows on main have the old type")


def _delivery(old: DatasetContract, new: DatasetContract) -> Iterator[CodeChange]:
    if old.delivery != new.delivery:
        yield CodeChange("delivery", old.delivery, new.delivery, "rows on main lie as the old delivery puts them")


def _by(splits: Splits) -> str:
    match splits.by:
        case None:
            return "the key"
        case Blocks() as blocks:
            return blocks.model_dump_json(exclude_none=True)
        case str(word):
            return word
        case names:
            return ", ".join(names)

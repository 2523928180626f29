"""Whether the rows of a commit hold anything to learn: data of one class makes every trial fail."""

from collections.abc import Collection, Mapping, Sequence

from lakeloop.contract import DatasetContract
from lakeloop.lake.index import Counts
from lakeloop.lake.layout import SPLITS
from lakeloop.lake.ports import LakeObject
from lakeloop.training.ports import Labels

# At least two classes in each, or the metric is undefined.
JUDGED = ("train", "validation")
# Labels are read from 64 MiB at most; a class that rare is left to the trials to judge.
MOST_BYTES = 67_108_864
# Of splits and classes that lack rows.
MOST_TOLD = 5


def lacking(contract: DatasetContract, splits: Mapping[str, Sequence[LakeObject]], labels: Labels) -> str:
    """What is missing before training makes sense, as a sentence; empty when nothing is.

    Labels are read from the objects themselves: sums over commits would count rows that were replaced since. Reading
    ends with the second class of a split, so it costs one object a split as a rule.
    """
    for split in JUDGED:
        if not splits[split]:
            return f"no rows in {split} yet: more data is needed"
    if not contract.classes:
        return ""
    found = {split: _classes(contract, splits[split], labels) for split in JUDGED}
    short = {split: classes for split, classes in found.items() if classes is not None and len(classes) < 2}
    if not short:
        return ""
    alike: dict[frozenset[str], list[str]] = {}
    for split, classes in short.items():
        alike.setdefault(frozenset(classes), []).append(split)
    return "; ".join(_short(contract, seen, splits) for seen, splits in alike.items())


def too_few(contract: DatasetContract, counts: Counts) -> str:
    """The classes of which a split has fewer rows than the contract asks for, as a sentence; empty when none."""
    asked = contract.training.min_rows_per_class.model_dump()
    short = [
        f"{counts.classes.get(split, {}).get(name, 0)} of {asked[split]} rows of `{name}` in {split}"
        for split in SPLITS
        for name in contract.classes
        if counts.classes.get(split, {}).get(name, 0) < asked[split]
    ]
    if not short:
        return ""
    told = "; ".join(short[:MOST_TOLD]) + (f"; and {len(short) - MOST_TOLD} more" if len(short) > MOST_TOLD else "")
    return (
        f"too few rows to learn and judge from: {told}. Drop more of them, choose another splits.seed before any data "
        "is on main, or lower training.min_rows_per_class"
    )


def _short(contract: DatasetContract, seen: Collection[str], splits: Sequence[str]) -> str:
    """What splits lack that have the same one class."""
    wanted = [name for name in contract.classes if name not in seen]
    one_of = "one of " if len(wanted) > 1 else ""
    return f"only {_quoted(sorted(seen))} so far in {' and '.join(splits)}: {one_of}{_quoted(wanted)} is needed"


def _classes(contract: DatasetContract, objects: Sequence[LakeObject], labels: Labels) -> set[str] | None:
    """The classes of a split, as far as needed to tell one from several; None where that would take too long."""
    seen: set[str] = set()
    read = 0
    for entry in sorted(objects, key=lambda found: found.size_bytes):
        read += entry.size_bytes
        if read > MOST_BYTES:
            return None
        seen |= {contract.classes[code] for code in labels.codes(entry.physical_address)}
        if len(seen) > 1:
            return seen
    return seen


def _quoted(values: Sequence[str]) -> str:
    return ", ".join(f"`{value}`" for value in values)

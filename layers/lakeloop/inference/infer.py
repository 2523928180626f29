"""A contract from files: read, guess, let the gate judge the guess, write it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lakeloop.contract import DatasetContract
from lakeloop.errors import UnreadableObjectError
from lakeloop.inference.draft import Draft
from lakeloop.inference.guess import Ask, Guess, Rank
from lakeloop.inference.landed import Landed
from lakeloop.inference.names import column_names, dataset_name
from lakeloop.inference.profile import profiles
from lakeloop.inference.roles import Wishes, give_delivery, give_roles
from lakeloop.inference.sample import Sample
from lakeloop.inference.several import together
from lakeloop.inference.text import Section
from lakeloop.inference.trial import fitting, give_splits
from lakeloop.inference.types import type_guess

NO_WISHES = Wishes()


@dataclass(frozen=True)
class Inferred:
    """A contract and its text, its columns with their reasons, what to ask, and what is said beside."""

    contract: DatasetContract
    text: str
    guesses: tuple[Guess, ...]
    asks: tuple[Ask, ...]
    rows: int
    notes: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    """What is said of the table as a whole: label, key, splits; without its name."""


def infer(files: Sequence[Landed], wishes: Wishes = NO_WISHES) -> Inferred:
    """A contract that the judge takes, under which the gate takes the files.

    Raises UnreadableObjectError where a file is no table or the wishes name no column of it.
    """
    read = together(files)
    draft = _columns(read.sample, wishes, files)
    give_roles(draft, wishes, read.file_of)
    give_delivery(draft, read.file_of)
    good = fitting(draft, read.file_of)
    give_splits(draft, good)
    return Inferred(
        contract=draft.contract(),
        text=draft.text(),
        guesses=tuple(draft.guesses),
        asks=tuple(draft.worst_asks),
        rows=read.sample.frame.height,
        notes=tuple(_notes(draft)),
        sections=tuple(draft.sections()[1:]),
    )


def _columns(sample: Sample, wishes: Wishes, files: Sequence[Landed]) -> Draft:
    if not sample.frame.width:
        raise UnreadableObjectError(
            f"{files[0].name} has no columns to look at: the first line names them, rows follow"
        )
    known = sample.names is not None
    headers = sample.headers if known else [f"column {place + 1}" for place in range(sample.frame.width)]
    names = dict(enumerate(zip(headers, column_names(headers), strict=True)))
    guesses = [type_guess(profile) for profile in profiles(sample.frame, sample.form, sample.file, names)]
    if all(guess.type == "skip" for guess in guesses):
        raise UnreadableObjectError(f"{files[0].name} holds lists and structures alone: write their parts as columns")
    words = tuple(dict.fromkeys(word for guess in guesses for word in guess.missing))
    sample = replace(sample, file=sample.file.model_copy(update={"na_values": words}))
    draft = Draft(wishes.name or dataset_name(files[0].name), sample, guesses)
    named = ", ".join(landed.name for landed in files)
    seen = f"{sample.frame.height} rows, {len(guesses)} columns"
    draft.head = f"Inferred from {named}: {seen}. Answer each `ask`, then delete it."
    return draft


def _notes(draft: Draft) -> Iterator[str]:
    sample = draft.sample
    if sample.reason:
        yield sample.reason
    if sample.first_damaged:
        first = f"line {sample.first_damaged.line}: {sample.first_damaged.rule}"
        yield f"lines that cannot be read and will be quarantined: {sample.damaged}, the first is {first}"
    if not sample.whole:
        yield f"{sample.frame.height} rows were looked at, not all: the file is large"
    if draft.label is None and not any(ask.rank == Rank.NO_TABLE for ask in draft.asks):
        yield (
            "no label: none stands beside another column that a model can read, so nothing is learned, and the "
            "dataset is judged and versioned only; name one by `--label`"
        )
    if draft.delivery_reason and not draft.delivery:
        yield f"delivery: {draft.delivery_reason}"
    if draft.few_groups:
        yield f"fewer than 3 {draft.few_groups} are in a split: what it says rests on very few"
    if draft.short:
        yield f"no seed of 0 to 99 gives each class its rows in each split: {draft.short}"

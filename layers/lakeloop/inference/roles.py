"""What the columns are for: key, label, groups, and what a later file does to earlier rows."""

from dataclasses import dataclass

import polars as pl

from lakeloop.errors import UnreadableObjectError
from lakeloop.inference.draft import NAMED, Draft
from lakeloop.inference.guess import Ask, Guess, Rank
from lakeloop.inference.keys import as_codes, as_names, group_guess, key_guess, without_counters
from lakeloop.inference.labels import label_guess, leaks
from lakeloop.inference.several import delivery_guess
from lakeloop.inference.shapes import no_table


@dataclass(frozen=True)
class Wishes:
    """What a person said beforehand; names are those of the contract or of the file."""

    name: str | None = None
    label: str | None = None
    key: tuple[str, ...] = ()


def give_roles(draft: Draft, wishes: Wishes, file_of: pl.Series) -> None:
    """Key, label, groups, and what of them is to be asked."""
    key = tuple(_named(draft, name) for name in wishes.key)
    label = _named(draft, wishes.label) if wishes.label else None
    if label in key:
        raise UnreadableObjectError(f"{label} is named as label and as key: what names a row is nothing to predict")
    draft.guesses = without_counters(draft.guesses, (*key, *([label] if label else [])))
    strange = list(no_table(draft.guesses))
    draft.asks += strange
    draft.key, draft.key_reason = key, NAMED
    if not key:
        # A key that is found first is no label; a label that is named is no key.
        draft.key, draft.key_reason, asks = key_guess(draft.guesses, label, file_of)
        draft.asks += asks
    group = group_guess(draft.guesses, draft.key, label)
    kept = (*draft.key, *([group.name] if group else []), *([label] if label else []))
    draft.guesses = as_codes(draft.guesses, kept)
    others = [guess for guess in draft.guesses if guess.name not in draft.key and guess is not group]
    draft.label = None if strange and label is None else label_guess(others, label)
    _group(draft, group)
    if draft.label:
        draft.asks += [*draft.label.asks, *leaks([guess for guess in others if guess.type != "skip"], draft.label)]
    draft.guesses = [
        draft.label.guess if draft.label and guess.name == draft.label.name else guess for guess in draft.guesses
    ]
    draft.guesses = as_names(draft.guesses, (*draft.key, *draft.by))


def _named(draft: Draft, name: str) -> str:
    """The column that a person means, by its name in the contract or in the file."""
    for guess in draft.guesses:
        if name in (guess.name, guess.profile.header):
            return guess.name
    known = ", ".join(guess.profile.header or guess.name for guess in draft.guesses)
    raise UnreadableObjectError(f"no column is called {name}: the file has {known}")


def _group(draft: Draft, group: Guess | None) -> None:
    if group is None:
        return
    draft.by = (group.name,)
    draft.by_reason = f"rows of one {group.name} stay together"
    rows = group.profile.cells.len() / len(group.profile.texts)
    draft.asks.append(
        Ask(
            Rank.GROUPS,
            f"splits: do rows of one {group.name} stay together? Guessed yes, {rows:.1f} rows each; or take out `by`",
        )
    )


def give_delivery(draft: Draft, file_of: pl.Series) -> None:
    key = [guess for guess in draft.guesses if guess.name in draft.key]
    delivery, draft.delivery_reason = delivery_guess(key, file_of)
    if delivery not in ("", "append"):
        draft.delivery = delivery
        draft.asks.append(Ask(Rank.KEY, f"delivery: is it {delivery}? Guessed so, {draft.delivery_reason}"))

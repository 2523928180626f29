"""What is learned: the label, the problem, and columns that tell the label alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import polars as pl

from lakeloop.contract import Problem
from lakeloop.contract.columns import NUMERIC
from lakeloop.errors import UnreadableObjectError
from lakeloop.inference.guess import Ask, Guess, Rank
from lakeloop.inference.keys import named_key
from lakeloop.inference.names import tokens
from lakeloop.inference.types import spellings
from lakeloop.inference.words import CLASSES, LABELS, POSITIVE, TIMES

MOST_CLASSES = 20
ROWS_OF_A_CLASS = 14
"""What training asks of each class: 10 rows to learn from, 2 to choose by and 2 to judge by."""
FEWEST_AMOUNTS = 10
FEW_CODES = 5
ROWS_PER_VALUE = 5
SAME = 0.99999
MOST_MISSED = 0.01
MOST_OF_CHANCE = 0.1
"""Of the rows that are told wrongly by the most frequent label."""
WORTH_CLASSES, WORTH_AMOUNTS = 3, 2
UNLEARNED = ("date", "timestamp", "skip")


@dataclass(frozen=True)
class Label:
    """The label as its column is written, the problem, and why."""

    guess: Guess
    problem: Problem
    positive: str | None = None
    asks: tuple[Ask, ...] = ()

    @property
    def name(self) -> str:
        return self.guess.name


def label_guess(guesses: Sequence[Guess], named: str | None) -> Label | None:
    """The label that is `named`, else the one that names and classes speak for; None where nothing can be learned.

    Raises UnreadableObjectError where the named one holds nothing that can be learned.
    """
    if named is not None:
        return _label(_learnable(next(guess for guess in guesses if guess.name == named)), "it was named")
    possible = [guess for guess in guesses if _can_be_learned(guess)]
    if not possible or len([guess for guess in guesses if _can_be_feature(guess)]) < 2:
        return None
    last = max(guess.profile.place for guess in guesses)
    best = max(possible, key=lambda guess: _rank(guess, last))
    later = [guess for guess in possible if guess.profile.place > best.profile.place]
    why = "its name says so" if _named(best) else _likeliest(best) if later else "the last column that can be learned"
    label = _label(best, why)
    if _named(best):
        return label
    ask = Ask(Rank.LABEL, f"label: is {best.name} what you want to predict? Guessed as {why}; else name another column")
    return Label(label.guess, label.problem, label.positive, (ask, *label.asks))


def _likeliest(guess: Guess) -> str:
    """Why a column is the likeliest label though others stand behind it."""
    if _worth(guess) == WORTH_CLASSES:
        return f"the last of {ROWS_OF_A_CLASS} rows or more of each class"
    return "the last of amounts" if _worth(guess) == WORTH_AMOUNTS else "the likeliest by its values"


def _learnable(guess: Guess) -> Guess:
    if guess.type in UNLEARNED or len(_values(guess)) < 2:
        what = f"{guess.name}, a {guess.type}, is no label"
        raise UnreadableObjectError(f"{what}: name a column of different numbers or words")
    return guess


def _can_be_feature(guess: Guess) -> bool:
    return guess.type in (*NUMERIC, "boolean", "category") and guess.settings.get("feature") is not False


def _can_be_learned(guess: Guess) -> bool:
    values = len(_values(guess))
    words = guess.type == "string" and _named(guess) and values <= MOST_CLASSES
    return values > 1 and (words or _can_be_feature(guess))


def _values(guess: Guess) -> dict[str, int]:
    """The texts of a column that are values, and how often each stands."""
    missing = {*guess.missing, *guess.settings.get("na_values", ())}
    return {text: count for text, count in guess.profile.texts.items() if text not in missing}


def _named(guess: Guess) -> bool:
    return guess.name in LABELS or tokens(guess.name)[-1] in ("label", "target", "class")


def _rank(guess: Guess, last: int) -> tuple[bool, bool, bool, int, int]:
    """A name first, then the last column, then classes with enough rows each, then amounts; of equals the last."""
    likely = not named_key(guess) and tokens(guess.name)[-1] not in TIMES
    worth = _worth(guess)
    return _named(guess), likely, worth > 1 and guess.profile.place == last, worth, guess.profile.place


def _worth(guess: Guess) -> int:
    """Classes of enough rows are better to learn than amounts, and these than anything else."""
    values = _values(guess)
    classes = guess.type in ("category", "boolean") or len(values) == 2
    if classes and 2 <= len(values) <= MOST_CLASSES and min(values.values()) >= ROWS_OF_A_CLASS:
        return WORTH_CLASSES
    return WORTH_AMOUNTS if guess.type in NUMERIC and len(values) >= FEWEST_AMOUNTS else 1


def _label(guess: Guess, why: str) -> Label:
    values = _values(guess)
    if guess.type in NUMERIC and not _are_codes(guess, values):
        return Label(guess.but(f"label, {why}: amounts, {guess.reason}"), "regression")
    allowed, aliases = _classes(guess, values)
    settings: dict[str, Any] = {key: guess.settings[key] for key in ("nullable", "na_values") if key in guess.settings}
    given = {**dict.fromkeys(guess.settings), **settings, "type": "category", "allowed": allowed, "aliases": aliases}
    if len(allowed) != 2:
        return Label(
            guess.but(f"label, {why}: {len(allowed)} classes", **given), "multiclass", None, _too_few(guess, values)
        )
    positive, asks = _positive(guess, allowed, values)
    return Label(guess.but(f"label, {why}: two classes", *asks, **given), "binary", positive, ())


def _are_codes(guess: Guess, values: dict[str, int]) -> bool:
    """Whether numbers are classes: two of them, or a few that count on from 0 or 1."""
    if not all(map(_is_whole, values)):
        return False
    numbers = sorted({float(text) for text in values})
    if len(numbers) == 2:
        return True
    named = guess.name in CLASSES or tokens(guess.name)[-1] in CLASSES
    most = MOST_CLASSES if named else FEW_CODES
    return (
        len(numbers) <= most and numbers == [numbers[0] + step for step in range(len(numbers))] and numbers[0] in (0, 1)
    )


def _is_whole(text: str) -> bool:
    try:
        return float(text).is_integer()
    except ValueError:
        return False


def _classes(guess: Guess, values: dict[str, int]) -> tuple[list[str], dict[str, list[str]] | None]:
    """The classes in order, and other spellings of them."""
    if guess.type in NUMERIC:
        return [f"{number:.15g}" for number in sorted({float(text) for text in values})], None
    allowed, aliases = spellings(values)
    return allowed, aliases or None


def _positive(guess: Guess, allowed: Sequence[str], values: dict[str, int]) -> tuple[str, tuple[Ask, ...]]:
    known = [value for value in allowed if value.casefold().rstrip(".") in POSITIVE]
    if len(known) == 1:
        return known[0], ()
    rarer = min(allowed, key=lambda value: values.get(value, 0))
    text = f"positive_class: is {rarer} what you look for? Guessed as the rarer class of {guess.name}"
    return rarer, (Ask(Rank.VALUES, text),)


def _too_few(guess: Guess, values: dict[str, int]) -> tuple[Ask, ...]:
    few = [text for text, count in values.items() if count < ROWS_OF_A_CLASS]
    if not few:
        return ()
    said = f"{len(few)} of {len(values)} classes have less than {ROWS_OF_A_CLASS} rows, {few[0]} has {values[few[0]]}"
    return (
        Ask(
            Rank.LABEL, f"label: is {guess.name} meant? {said}: training waits for more of each, or name another label"
        ),
    )


def leaks(guesses: Sequence[Guess], label: Label) -> Iterator[Ask]:
    """Columns that tell the label alone: each of their values stands beside one label only."""
    target = label.guess.profile.cells.cast(pl.String)
    for guess in guesses:
        moment = guess.type in ("date", "timestamp")
        if guess.name == label.name or not (moment or _can_be_feature(guess)):
            continue
        if how := _leak(guess, label, target):
            yield Ask(Rank.LEAK, f"{guess.name}: is it known before {label.name} is? {how}; if not, say `type: skip`")


def _leak(guess: Guess, label: Label, target: pl.Series) -> str:
    """How a column tells the label; empty where it does not."""
    cells = guess.profile.cells.cast(pl.String)
    told = _told(cells, target)
    if told == 1 or (label.problem == "regression" and _same(guess, label)):
        return "It tells it alone"
    if told:
        return f"It tells {int(100 * told)} % of it alone"
    return "It is there for one class alone" if _told(cells.is_null().cast(pl.String), target) == 1 else ""


def _told(cells: pl.Series, target: pl.Series) -> float:
    """The share of rows whose label is the most frequent one beside their cell; 0 where it is not nearly all, or where
    the most frequent label alone says nearly as much.
    """
    pairs = pl.DataFrame({"cell": cells, "target": target}).drop_nulls()
    values = pairs["cell"].n_unique()
    if values < 2 or pairs["target"].n_unique() < 2 or pairs.height < ROWS_PER_VALUE * values:
        return 0
    told = pairs.group_by("cell", "target").len().group_by("cell").max()["len"].sum()
    missed = pairs.height - int(told)
    by_chance = pairs.height - cast("int", pairs["target"].value_counts()["count"].max())
    nearly = missed <= MOST_MISSED * pairs.height and missed <= MOST_OF_CHANCE * by_chance
    return 1 - missed / pairs.height if nearly else 0


def _same(guess: Guess, label: Label) -> bool:
    """Whether two columns of numbers are one but for a factor and a constant."""
    if guess.type not in NUMERIC:
        return False
    pairs = pl.DataFrame(
        {
            "a": guess.profile.cells.cast(pl.Float64, strict=False),
            "b": label.guess.profile.cells.cast(pl.Float64, strict=False),
        }
    ).drop_nulls()
    correlation = pairs.select(pl.corr("a", "b")).item() if pairs.height > ROWS_PER_VALUE else None
    return correlation is not None and abs(correlation) > SAME

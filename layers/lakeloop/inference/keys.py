"""Which columns tell rows apart, and what a row belongs to."""

from collections.abc import Iterator, Sequence
from itertools import permutations

import polars as pl

from lakeloop.inference.guess import Ask, Guess, Rank
from lakeloop.inference.names import tokens
from lakeloop.inference.types import string
from lakeloop.inference.words import CODES, COUNTERS, GROUPS, IDS, TIMES

KEYS = ("integer", "string", "category", "date", "timestamp")
FEWEST_ROWS = 3
FEWEST_GROUPS = 6
ROWS_PER_GROUP = 1.5
LONGEST_NAME = 60
FEWEST_CODES = 20
MOST_CANDIDATES = 8


def without_counters(guesses: Sequence[Guess], kept: Sequence[str]) -> list[Guess]:
    """With running numbers skipped, which programs write in front of the rows; those in `kept` stay."""
    counters = {
        guess.name for place, guess in enumerate(guesses) if guess.name not in kept and _is_counter(guess, place)
    }
    if all(guess.name in counters or guess.type == "skip" for guess in guesses):
        return list(guesses)
    return [
        guess.but("a running number, which tells nothing of a row", **_skip(guess)) if guess.name in counters else guess
        for guess in guesses
    ]


def _skip(guess: Guess) -> dict[str, object]:
    return {**dict.fromkeys(guess.settings), "type": "skip"}


def _is_counter(guess: Guess, place: int) -> bool:
    """Whole numbers that grow from row to row, without a name or with one that programs give them."""
    if guess.type != "integer" or guess.nullable or guess.settings.keys() - {"type"}:
        return False
    nameless = not guess.profile.header or guess.name in COUNTERS
    in_front = place == 0 or guess.name.startswith("unnamed")
    return nameless and in_front and _grows(guess) and (not guess.profile.header or _counts(guess))


def _grows(guess: Guess) -> bool:
    numbers = _integers(guess)
    return bool((numbers.diff().drop_nulls() > 0).all())


def _counts(guess: Guess) -> bool:
    numbers = _integers(guess)
    return len(numbers) > 0 and numbers[0] in (0, 1) and bool((numbers.diff().drop_nulls() == 1).all())


def _integers(guess: Guess) -> pl.Series:
    return guess.profile.cells.cast(pl.String).str.strip_suffix(".0").cast(pl.Int64, strict=False)


def key_guess(
    guesses: Sequence[Guess], label: str | None, file_of: pl.Series
) -> tuple[tuple[str, ...], str, tuple[Ask, ...]]:
    """The columns of the key, none where no column tells the rows of a file apart; why; and what to ask."""
    possible = [guess for guess in guesses if guess.type in KEYS and not guess.nullable and guess.name != label]
    rows = len(file_of)
    single = [guess for guess in possible if _is_key(guess, guesses) and _unique([guess], file_of)]
    if single and rows >= FEWEST_ROWS:
        best = max(single, key=lambda guess: (named_key(guess), -guess.profile.place))
        return (best.name,), f"{best.name} is different in all rows", tuple(_doubts(best))
    for pair in _pairs(possible):
        if rows >= FEWEST_ROWS and _unique(pair, file_of):
            names = (pair[0].name, pair[1].name)
            ask = Ask(
                Rank.KEY,
                f"row_key: do {names[0]} and {names[1]} together name a row? Guessed yes, no two rows share them",
            )
            return names, f"{names[0]} and {names[1]} together are different in all rows", (ask,)
    return (), "no column or pair of columns names a row, so its values do", ()


def _is_key(guess: Guess, guesses: Sequence[Guess]) -> bool:
    """Whether distinct values are more than chance: a name of keys, a day, or short words in front."""
    if named_key(guess):
        return True
    if guess.type in ("date", "timestamp"):
        return True
    first = next(other for other in guesses if other.type != "skip")
    return guess.type == "string" and guess is first and max(map(len, guess.profile.texts)) <= LONGEST_NAME


def named_key(guess: Guess) -> bool:
    return tokens(guess.name)[-1] in IDS or (guess.name.endswith("id") and guess.type != "date")


def _doubts(guess: Guess) -> Iterator[Ask]:
    if guess.type == "integer" and _counts(guess):
        yield Ask(
            Rank.KEY,
            f"row_key: does {guess.name} name one row in all files? It counts from {_integers(guess)[0]}; if each file "
            f"counts anew, take `row_key` away and say `type: skip`",
        )
    elif guess.type == "string" and not named_key(guess):
        yield Ask(
            Rank.KEY,
            f"row_key: does {guess.name} name a row in all files? Guessed yes, it is different in all rows; if not, "
            "take `row_key` away",
        )


def _pairs(possible: Sequence[Guess]) -> Iterator[tuple[Guess, Guess]]:
    """A thing and a time or a place in its order, as (station, hour) and (order_no, line)."""
    some = [guess for guess in possible if guess.type != "float"]
    things = [
        guess for guess in some if named_key(guess) or _names_group(guess) or guess.type in ("string", "category")
    ]
    times = [guess for guess in some if guess.type in ("date", "timestamp") or tokens(guess.name)[-1] in TIMES]
    for thing, time in permutations(things[:MOST_CANDIDATES] + times[:MOST_CANDIDATES], 2):
        if thing in things and time in times and thing is not time:
            yield thing, time


def _unique(key: Sequence[Guess], file_of: pl.Series) -> bool:
    """Whether no two rows of one file have the same cells."""
    cells = pl.DataFrame([file_of, *(guess.profile.cells.alias(guess.name) for guess in key)])
    return not cells.is_duplicated().any()


def _names_group(guess: Guess) -> bool:
    return bool(GROUPS & set(tokens(guess.name))) or (guess.name.endswith("id") and named_key(guess))


def group_guess(guesses: Sequence[Guess], key: Sequence[str], label: str | None) -> Guess | None:
    """The column whose rows belong together: a name of persons or places, on two rows or more each."""
    groups = [
        guess
        for guess in guesses
        if guess.type in ("integer", "string", "category")
        and not guess.nullable
        and guess.name != label
        and key != (guess.name,)
        and _names_group(guess)
        and FEWEST_GROUPS <= len(guess.profile.texts) <= guess.profile.cells.len() / ROWS_PER_GROUP
    ]
    return min(groups, key=lambda guess: len(guess.profile.texts), default=None)


def as_codes(guesses: Sequence[Guess], kept: Sequence[str]) -> list[Guess]:
    """With whole numbers that are codes as no feature; those in `kept` stay."""
    return [_as_code(guess) if guess.name not in kept and _is_code(guess) else guess for guess in guesses]


def _is_code(guess: Guess) -> bool:
    codes = guess.type == "integer" and tokens(guess.name)[-1] in CODES and "feature" not in guess.settings
    return codes and len(guess.profile.texts) >= FEWEST_CODES


def _as_code(guess: Guess) -> Guess:
    ask = Ask(
        Rank.VALUES,
        f"{guess.name}: is it an amount? Guessed no, a code that the model does not see; if so, take out `feature`",
    )
    return guess.but("codes, no amounts: its name says so", ask, feature=False)


def as_names(guesses: Sequence[Guess], names: Sequence[str]) -> list[Guess]:
    """With columns of keys and groups as text where they were words of a list, which new rows would not be in."""
    return [
        string(guess.but(guess.reason, type="string", allowed=None, aliases=None), guess.missing)
        if guess.name in names and guess.type == "category"
        else guess
        for guess in guesses
    ]

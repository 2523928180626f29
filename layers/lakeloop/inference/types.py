"""What type a column is: the narrowest under which the gate itself takes its cells."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from lakeloop.inference.guess import Ask, Guess, Rank
from lakeloop.inference.moments import moment_guess
from lakeloop.inference.numbers import DECORATED, are_thousands, far_nines, number_settings, sentinel
from lakeloop.inference.profile import Profile
from lakeloop.inference.words import BOOLEANS, NULL_MOMENTS, NULLS, NULLS_AMONG_NUMBERS, SIGNS
from lakeloop.tables import Form

MOST_CATEGORIES = 100
ROWS_PER_CATEGORY = 2
MOST_REFUSED = 0.005
"""Of the rows; more cells than that, and the column is of another type."""
FEWEST_ROWS = 100
LARGE = 2**53
CODE = re.compile(r"[A-Z]{2,3}")
FEWEST_CODES = 10
EVERYTHING = "(?s).*"
FEWEST_SAME = 20
NEARLY_ALL = 0.99
MOST_MIXED = 20
"""Different texts, most of them numbers, that may be classes."""
LONGEST_CATEGORY = 40
"""Characters on average: what is longer is sentences."""

Settings = Mapping[str, Any]


def type_guess(profile: Profile) -> Guess:
    """The guess for one column by itself; its part in the whole contract may change it."""
    if profile.structured:
        return Guess(profile, {"type": "skip"}, "holds lists or structures")
    words = [text for text in profile.texts if text in NULLS and not _is_code(text, profile)]
    left = [text for text in profile.texts if text not in words]
    if not left:
        return Guess(profile, {"type": "string", "nullable": True}, "holds no value yet", missing=tuple(words))
    guess = _boolean(profile, left, words) or _number(profile, left, words) or _moment(profile, left, words)
    return _with_nulls(_with_constant(guess or _words(profile, left, words)), words)


def _is_code(word: str, profile: Profile) -> bool:
    """Whether a word for no value stands among codes that all look like it, as NA among countries."""
    others = [text for text in profile.texts if text not in NULLS]
    return len(others) >= FEWEST_CODES and all(CODE.fullmatch(text) and len(text) == len(word) for text in others)


def _with_constant(guess: Guess) -> Guess:
    """With the value that nearly all rows have, in the reason."""
    counts, rows = guess.profile.texts, guess.profile.cells.len()
    most = max(counts, key=counts.__getitem__)
    if (guess.type == "category" and len(counts) == 1) or counts[most] < max(FEWEST_SAME, NEARLY_ALL * rows):
        return guess
    share = "all rows" if counts[most] == rows else f"{counts[most]} of {rows} rows"
    return guess.but(f"{guess.reason}; {most} in {share}")


def _with_nulls(guess: Guess, words: list[str]) -> Guess:
    profile = guess.profile
    filled = profile.filled - sum(profile.texts[word] for word in words if word in profile.texts)
    own = guess.settings.get("na_values", ())
    filled -= sum(profile.texts.get(word, 0) for word in own if word not in words)
    if filled < profile.cells.len() or words or own:
        guess = guess.but(guess.reason, nullable=True)
    return Guess(profile, guess.settings, guess.reason, guess.asks, guess.refused, tuple(words))


def taken(profile: Profile, settings: Settings, words: Iterable[str], *, feature: bool = True) -> int | None:
    """How many rows such a column costs; None where they are too many."""
    read = profile.read(settings, words, feature=feature)
    rows = profile.cells.len()
    most = max(1, int(MOST_REFUSED * rows)) if rows >= FEWEST_ROWS else 0
    return read.refused if read.refused <= most else None


def _boolean(profile: Profile, texts: list[str], words: list[str]) -> Guess | None:
    folded = {text.casefold() for text in texts}
    for true, false in BOOLEANS:
        if len(folded) > 1 and folded <= {true, false}:
            spelled = {text.casefold(): text for text in reversed(texts)}
            settings: dict[str, Any] = {"type": "boolean"}
            if true != "true":
                settings |= {"true_values": [spelled[true]], "false_values": [spelled[false]]}
            return Guess(profile, settings, f"each value is {spelled[true]} or {spelled[false]}")
    if profile.form == Form.TYPED and profile.cells.dtype == pl.Boolean:
        return Guess(profile, {"type": "boolean"}, "boolean in the file")
    return None


def _number(profile: Profile, texts: list[str], words: list[str]) -> Guess | None:
    """The reading that costs fewest rows; of equals whole numbers before others, plain ones before decorated."""
    best: Guess | None = None
    for extra, missing in _readings(texts, words):
        for settings, reason in number_settings(texts, missing):
            for kind in ("integer", "float"):
                guess = _as_number(profile, {"type": kind, **settings, **extra}, reason, missing)
                if guess and (best is None or guess.refused < best.refused):
                    best = guess
                if best and not best.refused:
                    return _limited(best, texts, [*best.settings.get("na_values", words)])
    return _limited(best, texts, [*best.settings.get("na_values", words)]) if best else None


def _as_number(profile: Profile, settings: Settings, reason: str, missing: list[str]) -> Guess | None:
    if (refused := taken(profile, settings, missing)) is not None:
        return Guess(profile, settings, f"{_article(settings['type'])}{reason}", refused=refused)
    if settings["type"] == "integer" and taken(profile, settings, missing, feature=False) == 0:
        return Guess(profile, {**settings, "feature": False}, "whole numbers beyond 2^53: ids, no amounts")
    return None


def _article(kind: str) -> str:
    return "whole numbers" if kind == "integer" else "numbers"


def _readings(texts: list[str], words: list[str]) -> Iterator[tuple[Settings, list[str]]]:
    """Without further words for no value, then with those that stand among numbers only."""
    yield {}, words
    among = [text for text in texts if text in NULLS_AMONG_NUMBERS or text in NULL_MOMENTS]
    unread = [text for text in texts if text not in among and not any(letter.isdigit() for letter in text)]
    if len(unread) == 1:
        among.append(unread[0])
    if among and len(texts) - len(among) >= 2:
        yield {"na_values": [*words, *among]}, [*words, *among]


def _limited(guess: Guess, texts: list[str], missing: list[str]) -> Guess:
    """With what the numbers themselves tell: a number that means missing, words among them, a few odd cells."""
    asks = []
    if own := [word for word in guess.settings.get("na_values", ()) if word not in NULLS]:
        asks.append(_ask_words(guess, own))
    if code := sentinel(guess.profile.texts):
        words = [*guess.settings.get("na_values", missing), code]
        asks.append(
            Ask(
                Rank.MISSING,
                f"{guess.name}: does {code} mean missing? Guessed yes, all others are positive; if not, take "
                "it out of `na_values`",
            )
        )
        return guess.but(f"{guess.reason}; {code} means missing", *asks, na_values=words)
    if nines := far_nines({text: guess.profile.texts[text] for text in texts if text not in missing}):
        code, largest = nines
        asks.append(
            Ask(
                Rank.MISSING,
                f"{guess.name}: does {code} mean missing? Guessed yes, all others are at most {largest:.15g}; if not, "
                "take it out of `na_values`",
            )
        )
        return guess.but(f"{guess.reason}; {code} means missing", *asks, na_values=[*missing, code])
    if _could_be_thousands(guess, texts):
        asks.append(
            Ask(
                Rank.DAYS,
                f"{guess.name}: is {texts[0]} one, or a thousand? Guessed one; if a thousand, say "
                '`type: integer, thousands: ["."], decimal: ","`',
            )
        )
    if guess.refused:
        odd = ", ".join(guess.profile.read(guess.settings, missing).examples)
        asks.append(
            Ask(
                Rank.VALUES,
                f"{guess.name}: is {odd} a mistake? Guessed yes, it costs its row; if it means missing: `na_values`",
            )
        )
    return guess.but(guess.reason, *asks)


def _could_be_thousands(guess: Guess, texts: Sequence[str]) -> bool:
    """Where semicolons part the fields, commas are mostly decimal, and points may part thousands."""
    plain = guess.type == "float" and not guess.settings.keys() & {"decimal", "thousands"}
    return plain and guess.profile.file.delimiter == ";" and are_thousands(texts)


def _ask_words(guess: Guess, words: list[str]) -> Ask:
    named = ", ".join(words)
    return Ask(
        Rank.MISSING, f"{guess.name}: does {named} mean missing? Guessed yes; if not, take it out of `na_values`"
    )


def _moment(profile: Profile, texts: list[str], words: list[str]) -> Guess | None:
    for extra, missing in _readings(texts, words):
        for found in moment_guess(profile, [text for text in texts if text not in missing]):
            given = {**found.settings, **extra}
            if (refused := taken(profile, given, missing)) is not None:
                guess = Guess(profile, given, found.reason, found.asks, refused)
                own = [word for word in extra.get("na_values", ()) if word not in NULLS]
                return guess.but(guess.reason, *([_ask_words(guess, own)] if own else []))
    return None


def _words(profile: Profile, texts: list[str], words: list[str]) -> Guess:
    filled = sum(profile.texts[text] for text in texts)
    listed = len(spellings(texts)[0])
    short = sum(map(len, texts)) <= LONGEST_CATEGORY * len(texts)
    odd = [text for text in texts if not DECORATED.fullmatch(text)]
    rows = sum(profile.texts[text] for text in odd)
    mixed = 2 * rows < filled and listed > MOST_MIXED
    if short and not mixed and listed <= MOST_CATEGORIES and ROWS_PER_CATEGORY * listed <= filled:
        return _category(profile, texts, words)
    reason = f"text, {len(texts)} different in {filled} rows"
    if odd and mixed:
        reason = f"{rows} rows are no numbers, as {odd[0]}, so all is text"
    if any(text in NULLS for text in texts):
        return string(Guess(profile, {"type": "string", "na_values": []}, reason), words)
    if any(len(text) > 1 and text.isdigit() and text.startswith("0") for text in texts):
        reason = "leading zeros: codes, no numbers"
    return string(Guess(profile, {"type": "string"}, reason), words)


def string(guess: Guess, words: Iterable[str]) -> Guess:
    """With a pattern where the gate takes texts for what a spreadsheet made of them."""
    profile = guess.profile
    if not (refused := profile.read(guess.settings, words).refused):
        return guess
    wider = {**guess.settings, "pattern": EVERYTHING}
    if profile.read(wider, words).refused == refused:
        return guess
    odd = profile.read(guess.settings, words).examples[0]
    ask = Ask(
        Rank.VALUES,
        f"{guess.name}: did a spreadsheet write {odd}? Guessed no, `pattern` lets it in; take it out to refuse it",
    )
    return guess.but(guess.reason, ask, pattern=EVERYTHING)


def _category(profile: Profile, texts: list[str], words: list[str]) -> Guess:
    allowed, aliases = spellings(texts)
    settings: dict[str, Any] = {"type": "category", "allowed": allowed}
    if aliases:
        settings["aliases"] = aliases
    asks = []
    kept = [text for text in allowed if text in NULLS]
    for word in (word for word in words if len(allowed) > 1):
        asks.append(
            Ask(
                Rank.MISSING,
                f"{profile.name}: does {word} mean missing? Guessed yes; if it is a value, add it to `allowed`",
            )
        )
    for sign in (text for text in allowed if text in SIGNS):
        text = (
            f"{profile.name}: is {sign} a value? Guessed yes; if it means missing: "
            f'`na_values: ["{sign}"]`, and take it out of `allowed`'
        )
        asks.append(Ask(Rank.MISSING, text))
    for word in kept:
        asks.append(Ask(Rank.MISSING, f"{profile.name}: is {word} a value? Guessed yes, all others look like it"))
    reason = f"{len(allowed)} different words" if len(allowed) > 1 else "one word in all rows"
    return Guess(profile, settings, reason, tuple(asks))


def spellings(texts: Iterable[str]) -> tuple[list[str], dict[str, list[str]]]:
    """The words of a category in order, and other spellings of them: another case, a final dot."""
    by_fold: dict[str, list[str]] = {}
    for text in texts:
        by_fold.setdefault(text.casefold().rstrip("."), []).append(text)
    allowed = sorted((same[0] for same in by_fold.values()), key=_in_order)
    return allowed, {same[0]: same[1:] for same in by_fold.values() if len(same) > 1}


def _in_order(text: str) -> tuple[float, str]:
    """Numbers by their value, before words."""
    try:
        return float(text), text
    except ValueError:
        return float("inf"), text

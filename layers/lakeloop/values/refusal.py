"""Why a text is no value: one short sentence, with what was expected and what stands there."""

import difflib
import unicodedata
from collections.abc import Sequence

from lakeloop.values.canonical import named

LONGEST_RULE = 200
LONGEST_SHOWN = 40
MOST_NEAR = 3


class RefusedValueError(ValueError):
    """`rule` says in at most 200 characters what was expected and what stands there."""

    def __init__(self, rule: str) -> None:
        self.rule = rule if len(rule) <= LONGEST_RULE else f"{rule[: LONGEST_RULE - 1]}…"
        super().__init__(self.rule)


def shown(value: object) -> str:
    """The value for a person, cut to 40 characters; a character that cannot be seen is named."""
    text = value if isinstance(value, str) else str(value)
    short = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
    visible = "".join(character if character.isprintable() else f"<{named(character)}>" for character in short)
    return f"`{visible}`"


def not_listed(value: str, allowed: Sequence[str]) -> str:
    """The rule against a word that is not listed: near ones, never the whole list."""
    few = ", ".join(allowed)
    if len(few) <= LONGEST_SHOWN:
        return f"one of {few}{_odd(value)}"
    folded = {word.casefold(): word for word in reversed(allowed)}
    near = [folded[word] for word in difflib.get_close_matches(value.casefold(), folded, n=MOST_NEAR)]
    hint = f"; near it: {', '.join(word[:LONGEST_SHOWN] for word in near)}" if near else ""
    return f"one of {len(allowed)} listed values{hint}{_odd(value)}"


def _odd(value: str) -> str:
    """Characters that a person takes for plain ones, such as full-width letters."""
    odd = [named(character) for character in value if _looks_like_another(character)]
    return f"; it holds {', '.join(odd[:MOST_NEAR])}, which only look like plain letters or digits" if odd else ""


def _looks_like_another(character: str) -> bool:
    plain = unicodedata.normalize("NFKC", character)
    return not character.isascii() and plain != character and plain.isascii() and plain.isalnum()

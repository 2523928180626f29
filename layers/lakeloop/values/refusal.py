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
    """The value for a person, cut to 40 characters; characters that cannot be told by sight are named."""
    text = value if isinstance(value, str) else str(value)
    short = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
    visible = "".join(character if character.isprintable() else f"<{named(character)}>" for character in short)
    odd = [named(character) for character in short if character.isprintable() and _looks_like_another(character)]
    return f"`{visible}` ({', '.join(odd[:MOST_NEAR])})" if odd else f"`{visible}`"


def _looks_like_another(character: str) -> bool:
    """Full-width letters and digits and their kin, which a person takes for the plain ones."""
    plain = unicodedata.normalize("NFKC", character)
    return not character.isascii() and plain != character and plain.isascii() and plain.isalnum()


def not_listed(value: str, allowed: Sequence[str]) -> str:
    """The rule against a word that is not listed: near ones, never the whole list."""
    few = ", ".join(allowed)
    if len(allowed) <= MOST_NEAR and len(few) <= LONGEST_SHOWN:
        return f"one of {few}, not {shown(value)}"
    near = difflib.get_close_matches(value.casefold(), {word.casefold(): word for word in allowed}, n=MOST_NEAR)
    spelled = [word for word in allowed if word.casefold() in near][:MOST_NEAR]
    hint = f"; near it: {', '.join(word[:LONGEST_SHOWN] for word in spelled)}" if spelled else ""
    return f"one of {len(allowed)} listed values, not {shown(value)}{hint}"

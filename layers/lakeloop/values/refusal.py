"""Why a text is no value: one short sentence, with what was expected and what stands there."""

import unicodedata
from collections.abc import Sequence

from lakeloop.values.canonical import named
from lakeloop.values.near import NearWords

LONGEST_RULE = 200
LONGEST_SHOWN = 40
MOST_NAMED = 3


class RefusedValueError(ValueError):
    """`rule` says in at most 200 characters what was expected and what stands there.

    What is made of the text itself stands in `remark`, so that `expected` may be told of a sensitive column.
    """

    def __init__(self, expected: str, remark: str = "") -> None:
        self.expected = short(expected)
        self.rule = short(expected, remark)
        super().__init__(self.rule)


def short(rule: str, remark: str = "") -> str:
    """The rule, cut so that it and the remark are as long as a reason may be."""
    most = LONGEST_RULE - len(remark)
    return (rule if len(rule) <= most else f"{rule[: most - 1]}…") + remark


def shown(value: object) -> str:
    """The value for a person, cut to 40 characters; a character that cannot be seen is named."""
    text = value if isinstance(value, str) else str(value)
    short = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
    visible = "".join(character if character.isprintable() else f"<{named(character)}>" for character in short)
    return f"`{visible}`"


class NotListed:
    """Words the rule against a value that is not listed: near ones, never the whole list."""

    def __init__(self, allowed: Sequence[str]) -> None:
        few = ", ".join(allowed)
        self._expected = few if len(few) <= LONGEST_SHOWN else f"{len(allowed)} listed values"
        self._near = NearWords(allowed if len(few) > LONGEST_SHOWN else ())

    def refusal(self, value: str) -> RefusedValueError:
        near = ", ".join(word[:LONGEST_SHOWN] for word in self._near.of(value))
        return RefusedValueError(f"one of {self._expected}", f"; near it: {near}" if near else "")


def odd_characters(value: str) -> str:
    """The end of a rule against a text with characters that a person does not see, or takes for plain ones."""
    seen = dict.fromkeys(value[:LONGEST_RULE])
    hidden = [named(character) for character in seen if not character.isprintable()]
    alike = [named(character) for character in seen if _looks_like_another(character)]
    remarks = ((hidden, "cannot be seen"), (alike, "only look like plain letters or digits"))
    return "".join(f"; it holds {', '.join(odd[:MOST_NAMED])}, which {why}" for odd, why in remarks if odd)


def _looks_like_another(character: str) -> bool:
    plain = unicodedata.normalize("NFKC", character)
    return not character.isascii() and plain != character and plain.isascii() and plain.isalnum()

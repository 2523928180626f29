"""What is guessed, and what is asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any

from lakeloop.inference.profile import Profile


class Rank(IntEnum):
    """How bad a wrong answer is, worst first."""

    NO_TABLE = 0
    LEAK = 1
    LABEL = 2
    KEY = 3
    GROUPS = 4
    TIMES = 5
    DAYS = 6
    MISSING = 7
    VALUES = 8


@dataclass(frozen=True, order=True)
class Ask:
    """What only a person knows: the question, what was guessed, and what to write where that is wrong."""

    rank: Rank
    text: str


@dataclass(frozen=True)
class Guess:
    """What a column is. `settings` are those of the contract beside its name and header."""

    profile: Profile
    settings: Mapping[str, Any]
    reason: str
    asks: tuple[Ask, ...] = ()
    refused: int = 0
    """Rows that the column costs."""
    missing: tuple[str, ...] = field(default=())
    """Words of the column for no value that stand for it in other columns too."""

    @property
    def name(self) -> str:
        return self.profile.name

    @property
    def type(self) -> str:
        return str(self.settings["type"])

    @property
    def nullable(self) -> bool:
        return bool(self.settings.get("nullable"))

    @property
    def allowed(self) -> tuple[str, ...]:
        return tuple(self.settings.get("allowed", ()))

    def but(self, reason: str, *asks: Ask, **settings: Any) -> "Guess":  # noqa: ANN401 settings have types of their own
        """The same column with other settings; None takes one away."""
        changed = {key: value for key, value in {**self.settings, **settings}.items() if value is not None}
        return replace(self, settings=changed, reason=reason, asks=(*self.asks, *asks))

"""What is wrong with a contract, as a person reads it."""

import json
import re
from dataclasses import dataclass

from lakeloop.contract.base import Broken

Path = tuple[str | int, ...]
"""Keys and positions, from the top of a contract."""

# Of a value that was found.
LONGEST_VALUE = 40

_PLAIN = re.compile(r"[\w-]{1,63}")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where, and what to write instead."""

    file: str
    line: int
    """From 1; 0 where the file as a whole is meant."""
    path: str
    """Where in the contract, columns by their name; empty where the file cannot be read as one."""
    what: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(filter(None, (place, self.path, self.what)))


def difference(broken: Broken) -> str:
    return f"expected {broken.expected}, found {broken.found}"


def spelled(path: Path, names: dict[int, str]) -> str:
    """The path as text, with the columns' names in place of their positions where they have one."""
    text = ""
    for place, part in enumerate(path):
        if place == 1 and path[0] == "columns" and isinstance(part, int) and part in names:
            text += f".{names[part]}"
        elif isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part if _PLAIN.fullmatch(part) else json.dumps(part[:LONGEST_VALUE], ensure_ascii=False)}"
    return text.removeprefix(".")


def shown(value: object) -> str:
    """A value of a contract in few words."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return f"a mapping of {len(value)}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    text = str(value)
    cut = text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."
    return cut if cut == " ".join(cut.split()) and cut.isprintable() and cut else json.dumps(cut, ensure_ascii=False)

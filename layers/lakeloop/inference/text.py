"""A contract as it is written: its sections, and the reason behind each line."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lakeloop.contract.file import FileFormat
from lakeloop.inference.guess import Guess

# What needs no quotes: the contract reads every scalar as text, YAML's punctuation apart.
PLAIN = re.compile(r"[A-Za-z0-9_.+/<=$^][\w.+/<>=$%()^-]*(?: [\w.+/<>=$%()^-]+)*")
LONGEST_REASON = 90
# The words that YAML takes for something else are text here; quotes tell a person so.
QUOTED = re.compile(r"(?i)~|null|true|false|yes|no|on|off|y|n|[+-]?[0-9][0-9.e+-]*")


@dataclass(frozen=True)
class Section:
    """One key of a contract, and why it has this value."""

    key: str
    value: Any
    reason: str = ""


def written(head: Sequence[str], sections: Sequence[Section], guesses: Sequence[Guess], *, headers: bool) -> str:
    """The YAML; `headers` says whether files name their columns."""
    lines = ["# yaml-language-server: $schema=contract.schema.json", *(f"# {_one_line(line)}" for line in head)]
    lines += [_commented(f"{section.key}: {flow(section.value)}", section.reason) for section in sections]
    lines.append("columns:")
    lines += [_commented(f"  - {flow(_column(guess, headers=headers))}", guess.reason) for guess in guesses]
    return "\n".join([*lines, ""])


def _column(guess: Guess, *, headers: bool) -> Mapping[str, Any]:
    header = {"header": guess.profile.header} if headers else {}
    return {"name": guess.name, **header, **guess.settings}


def file_section(file: FileFormat) -> Iterator[Section]:
    """What is not as in a plain CSV."""
    said = {key: value for key, value in file.model_dump(exclude_defaults=True).items() if value is not None}
    if said:
        yield Section("file", said, "not a plain CSV")


def flow(value: object) -> str:
    """A value on one line."""
    match value:
        case Mapping():
            return "{" + ", ".join(f"{flow(key)}: {flow(inner)}" for key, inner in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(flow, value)) + "]"
        case bool():
            return "true" if value else "false"
        case str():
            return _scalar(value)
        case _:
            return str(value)


def _scalar(text: str) -> str:
    if PLAIN.fullmatch(text) and not QUOTED.fullmatch(text):
        return text
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(letter: str) -> str:
    """As it stands between double quotes in YAML."""
    if letter in '"\\':
        return f"\\{letter}"
    if letter.isprintable():
        return letter
    code = ord(letter)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _commented(line: str, reason: str) -> str:
    if not reason:
        return line
    short = _one_line(reason)
    return f"{line}  # {short if len(short) <= LONGEST_REASON else short[: LONGEST_REASON - 1] + '…'}"


def _one_line(text: str) -> str:
    """A comment holds no line end and nothing that cannot be seen."""
    return "".join(letter if letter.isprintable() else " " for letter in text)

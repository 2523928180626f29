"""What a file looks like whose header does not fit: a title, data, another delimiter."""

import re
from collections.abc import Callable, Sequence

from lakeloop.contract.file import WHITESPACE, FileFormat
from lakeloop.errors import UnreadableObjectError
from lakeloop.tables.dialect import Dialect
from lakeloop.tables.scanner import Scanner

FitsContract = Callable[[Sequence[str]], bool]
"""Whether these names are a header that the contract can be read from."""

DELIMITERS = (",", ";", "\t", "||", "|", ":", "~", "\x1f", WHITESPACE)
NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?([eE][+-]?[0-9]+)?%?|\?|NA")


def refusal(names: Sequence[str], lines: Sequence[bytes], line: int, file: FileFormat, expected: FitsContract) -> None:
    """Raises UnreadableObjectError where it can be said what is wrong with a header that does not fit.

    `lines` are the header's and those behind it, `line` is its number.
    """
    for delimiter in DELIMITERS:
        other = fields(lines[0], file.model_copy(update={"delimiter": delimiter}))
        # Names are compared by their letters, so a wrong delimiter that separates less may seem to fit.
        if delimiter != file.delimiter and len(other) > len(names) and expected(other):
            raise UnreadableObjectError(
                f"the columns are separated by {_shown(delimiter)} and not by {_shown(file.delimiter)}: say "
                f"`file: {{delimiter: {_yaml(delimiter)}}}`"
            )
    for further, text in enumerate(lines[1:], start=1):
        other = fields(text, file)
        if len(other) > 1 and expected(other):
            raise UnreadableObjectError(
                f"line {line} has {len(names)} fields and none of the contract's columns, line {line + further} has "
                f"{len(other)} and names them: say `file: {{skiprows: {file.skiprows + further}}}`"
            )
    if looks_like_data(names):
        raise UnreadableObjectError(
            f"line {line} looks like data and not like a header: where files have no header, say `file: {{header: "
            "false}`, and list the columns in their order"
        )


def fields(line: bytes, file: FileFormat) -> list[str]:
    """The fields of one line, without empty ones at its end."""
    found = Scanner(Dialect.of(file)).scan(line, 0)
    names = [field.decode(errors="replace").strip() for field in found.fields]
    while names and not names[-1]:
        names.pop()
    return names


def looks_like_data(names: Sequence[str]) -> bool:
    """Names of columns are words; a third of numbers among them is none."""
    words = [name for name in names if name]
    return 3 * sum(NUMBER.fullmatch(name) is not None for name in words) >= len(words)


def _shown(delimiter: str) -> str:
    named = {"\t": "tabs", WHITESPACE: "spaces", "\x1f": "unit separators"}
    return named.get(delimiter, f"`{delimiter}`")


def _yaml(delimiter: str) -> str:
    return WHITESPACE if delimiter == WHITESPACE else '"\\t"' if delimiter == "\t" else f'"{delimiter}"'

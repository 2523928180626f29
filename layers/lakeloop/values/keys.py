"""Texts and digests of typed values, by which keys are compared and rows are split."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from lakeloop.values.value import Value

SEPARATOR = "\0"
"""Stands between the parts of a key; no value holds it, so 17 and 11 are not 171 and 1."""


def value_text(value: Value) -> str:
    """The canonical text of a typed value: 1016 and 1016.0 of an integer column are one."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            # Adding zero takes the sign of -0.0 away.
            return repr(value + 0.0)
        case datetime():
            return value.astimezone(UTC).isoformat()
        case _:
            return value.isoformat()


def key_text(values: Iterable[Value]) -> str:
    """The text of a key of one or several columns."""
    return SEPARATOR.join(map(value_text, values))


def row_digest(texts: Mapping[str, str | None]) -> str:
    """The digest of a row's canonical texts that are not null, so that a new nullable column moves no row."""
    there = sorted((name, text) for name, text in texts.items() if text is not None)
    joined = SEPARATOR.join(part for pair in there for part in pair)
    return hashlib.sha256(joined.encode()).hexdigest()

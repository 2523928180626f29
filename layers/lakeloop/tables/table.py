"""What reading a file gives, whatever its format."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import polars as pl

MOST_RECORDS = 32_000
"""In a block: the place, the line and the reasons of a short record take many times its memory."""


class Form(StrEnum):
    """What the cells of a block are."""

    TEXT = "text"
    """CSV: the text of each field as it stands, not trimmed; null is the empty field."""
    JSON = "json"
    """JSON Lines: the JSON text of each value (`2.0`, `"7"`, `true`), so that no digit is lost; null is null, and a
    key that the record does not have."""
    TYPED = "typed"
    """Parquet: columns of the file's own types; words of a dictionary are text."""


@dataclass(frozen=True, slots=True)
class Damaged:
    """A record that cannot be read, or only part of it."""

    line: int
    """Its first line in the file, from 1; the row of a Parquet file."""
    raw: bytes
    """Its bytes without the line end; of a record whose quotes cannot be read the first line alone. A file in another
    encoding is kept as UTF-8, but for the bytes that cannot be read. At most MAX_RECORD_BYTES."""
    rule: str
    """What was expected and what stands there, at most 200 characters, nothing quoted from the line."""
    setting: str | None = None
    """The line of the contract's `file:` under which the record could be read, as `escapechar: "\\"`."""


@dataclass
class Skipped:
    """Lines that are no rows and count nowhere else."""

    comments: int = 0
    footers: int = 0
    empty: int = 0
    """Lines without any value."""

    @property
    def any(self) -> bool:
        return bool(self.comments or self.footers or self.empty)


@dataclass(frozen=True)
class Block:
    """Records that follow each other in the file. `frame`, `lines` and `raw` speak of the same rows."""

    names: Sequence[str] | None
    """The names of the frame's columns in their order. CSV and Parquet: the table's header. JSON Lines: the keys that
    the block's records have. None for CSV without a header."""
    frame: pl.DataFrame
    """Columns named "0", "1", ... in the order of `names`."""
    lines: pl.Series
    """UInt64: the first line of each record in the file, from 1; rows of a Parquet file."""
    raw: Callable[[Sequence[int]], list[bytes]]
    """The bytes of the records with these places in `frame`, without line ends; costs time for each block it is asked
    of. A record of Parquet as JSON."""
    form: Form = Form.TEXT
    damaged: Sequence[Damaged] = ()
    """In the order of the file."""
    skipped: Skipped = field(default_factory=Skipped)
    others: Sequence[Sequence[str]] = ()
    """JSON Lines: the keys of each record, in the order of `frame`, that are not wanted and hold a value."""


class Table(Protocol):
    """A file that is read once, from its start to its end."""

    @property
    def header(self) -> list[str] | None:
        """The names as written, trimmed, without empty ones at the end; one may come twice and one may be empty.

        None for CSV without a header, and for JSON Lines, where each block has its own.
        """

    def blocks(self, block_bytes: int = ...) -> Iterator[Block]:
        """The records in blocks of about so many bytes; what is said of a record never depends on the size.

        Raises UnreadableObjectError for a container that is broken further on, and when each line has one value more
        than the header.
        """

"""JSON Lines: an object a line, whose keys may differ from line to line."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from json.encoder import encode_basestring

import polars as pl

from lakeloop.contract.file import FileFormat
from lakeloop.streams import ByteStream
from lakeloop.tables.buffer import Buffer
from lakeloop.tables.csv_table import BLOCK_BYTES
from lakeloop.tables.lines import MARK, undecodable
from lakeloop.tables.scanner import MAX_RECORD_BYTES, too_long
from lakeloop.tables.table import MOST_RECORDS, Block, Damaged, Form, Skipped
from lakeloop.tables.unpacking import as_written

Wanted = Callable[[str], bool]
"""Whether a key is to be a column."""

# Each record has a cell for each key of its block, and records may have no key in common.
MOST_CELLS = 2**21
MOST_KEYS_REMEMBERED = 10_000
# Halves of a pair of surrogates, which JSON can write by escapes.
HALVES = re.compile("[\ud800-\udfff]")


class Number(str):
    """A number as it is written, so that no digit is lost."""

    __slots__ = ()


DECODER = json.JSONDecoder(object_pairs_hook=list, parse_int=Number, parse_float=Number, parse_constant=Number)


@dataclass
class Found:
    """What the lines of one block hold."""

    records: list[tuple[int, bytes, dict[str, str | None]]] = field(default_factory=list)
    names: dict[str, None] = field(default_factory=dict)
    others: list[list[str]] = field(default_factory=list)
    damaged: list[Damaged] = field(default_factory=list)
    skipped: Skipped = field(default_factory=Skipped)

    @property
    def is_full(self) -> bool:
        return len(self.records) >= MOST_RECORDS or len(self.records) * len(self.names) > MOST_CELLS

    def block(self) -> Block:
        lines = [line for _, line, _ in self.records]

        def raw(places: Sequence[int]) -> list[bytes]:
            return [lines[place] for place in places]

        return Block(
            names=list(self.names),
            # Records without a key are rows, too.
            frame=pl.DataFrame(height=len(lines)).with_columns(
                pl.Series(str(place), [values.get(name) for _, _, values in self.records], pl.String)
                for place, name in enumerate(self.names)
            ),
            lines=pl.Series([number for number, _, _ in self.records], dtype=pl.UInt64),
            raw=raw,
            form=Form.JSON,
            damaged=self.damaged,
            skipped=self.skipped,
            others=self.others,
        )


class JsonLines:
    """One file of JSON Lines."""

    header: list[str] | None = None

    def __init__(self, stream: ByteStream, file: FileFormat, wanted: Wanted | None = None) -> None:
        self._wanted = lru_cache(MOST_KEYS_REMEMBERED)(wanted) if wanted else None
        self._buffer = Buffer(stream)
        self._encoding = file.encoding

    def blocks(self, block_bytes: int = BLOCK_BYTES) -> Iterator[Block]:
        found, size = Found(), 0
        for number, line in self._buffer.lines():
            size += len(line)
            if not line.strip():
                found.skipped.empty += 1
            elif isinstance(read := self._read(line), dict):
                found.records.append((number, line, self._split(read, found)))
            else:
                found.damaged.append(Damaged(number, as_written(line[:MAX_RECORD_BYTES], self._encoding), read))
            if size >= block_bytes or found.is_full:
                yield found.block()
                found, size = Found(), 0
        if found.records or found.damaged or found.skipped.any:
            yield found.block()

    def _split(self, values: dict[str, str | None], found: "Found") -> dict[str, str | None]:
        """The values of the keys that are wanted; the others that have one are listed."""
        wanted = {name: value for name, value in values.items() if self._wanted is None or self._wanted(name)}
        found.names.update(dict.fromkeys(wanted))
        found.others.append([name for name, value in values.items() if name not in wanted and value is not None])
        return wanted

    def _read(self, line: bytes) -> dict[str, str | None] | str:
        """The values of one object as JSON text, or what is wrong with it."""
        if len(line) > MAX_RECORD_BYTES:
            return too_long(MAX_RECORD_BYTES)
        if fault := undecodable(line, self._encoding):
            return fault
        text = line.decode().lstrip(MARK)
        try:
            # Of bytes it would guess the encoding, and find UTF-16 where a line begins with a NUL.
            pairs = DECODER.decode(text)
        except json.JSONDecodeError as error:
            return f"no JSON at character {error.pos + 1}"
        except RecursionError:
            return "no JSON, nested too deeply"
        if not isinstance(pairs, list) or not text.lstrip().startswith("{"):
            return "an object in braces on each line"
        # Halves of characters can only be written by escapes.
        text_of = _escaped_text if "\\u" in text else _text
        values = {name: text_of(value) for name, value in pairs}
        sure = len(values) == len(pairs) and text_of is _text
        return values if sure else _wrong_keys([name for name, _ in pairs]) or values


def _wrong_keys(names: Sequence[str]) -> str:
    if any(map(HALVES.search, names)):
        return "keys of whole characters"
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    return "" if twice is None else f"each key once, not {twice[:40]} twice"


def _text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, Number):
        return str(value)
    return encode_basestring(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _escaped_text(value: object) -> str | None:
    text = _text(value)
    # Half of a character has no bytes; written as an escape it is there to be judged.
    return json.dumps(value) if text is not None and HALVES.search(text) else text

"""JSON Lines: an object a line, whose keys may differ from line to line."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence

import polars as pl

from lakeloop.contract.file import FileFormat
from lakeloop.streams import ByteStream
from lakeloop.tables.buffer import Buffer
from lakeloop.tables.csv_table import BLOCK_BYTES, BOM
from lakeloop.tables.lines import undecodable
from lakeloop.tables.scanner import MAX_RECORD_BYTES, too_long
from lakeloop.tables.table import Block, Damaged, Form, Skipped
from lakeloop.tables.unpacking import as_written

# Halves of a pair of surrogates, which JSON can write by escapes.
HALVES = re.compile("[\ud800-\udfff]")


class Number(str):
    """A number as it is written, so that no digit is lost."""

    __slots__ = ()


class JsonLines:
    """One file of JSON Lines."""

    header: list[str] | None = None

    def __init__(self, stream: ByteStream, file: FileFormat) -> None:
        self._buffer = Buffer(stream)
        self._encoding = file.encoding
        self._buffer.fill(1024)
        while self._buffer.data.startswith(BOM):
            self._buffer.data = self._buffer.data.removeprefix(BOM)

    def blocks(self, block_bytes: int = BLOCK_BYTES) -> Iterator[Block]:
        records: list[tuple[int, bytes, dict[str, str | None]]] = []
        damaged: list[Damaged] = []
        skipped, size = Skipped(), 0
        for number, line in self._buffer.lines():
            size += len(line)
            if not line.strip():
                skipped.empty += 1
            elif isinstance(read := self._read(line), dict):
                records.append((number, line, read))
            else:
                damaged.append(Damaged(number, as_written(line[:MAX_RECORD_BYTES], self._encoding), read))
            if size >= block_bytes:
                yield _block(records, damaged, skipped)
                records, damaged, skipped, size = [], [], Skipped(), 0
        if records or damaged or skipped.any:
            yield _block(records, damaged, skipped)

    def _read(self, line: bytes) -> dict[str, str | None] | str:
        """The values of one object as JSON text, or what is wrong with it."""
        if len(line) > MAX_RECORD_BYTES:
            return too_long(MAX_RECORD_BYTES)
        if fault := undecodable(line, self._encoding):
            return fault
        try:
            pairs = json.loads(
                line, object_pairs_hook=list, parse_int=Number, parse_float=Number, parse_constant=Number
            )
        except json.JSONDecodeError as error:
            return f"no JSON at character {error.pos + 1}"
        except RecursionError:
            return "no JSON, nested too deeply"
        if not isinstance(pairs, list) or not line.lstrip().startswith(b"{"):
            return "an object in braces on each line"
        return _wrong_keys([name for name, _ in pairs]) or {name: _text(value) for name, value in pairs}


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
    text = json.dumps(value, ensure_ascii=False)
    # Half of a character has no bytes; written as an escape it is there to be judged.
    return json.dumps(value) if HALVES.search(text) else text


def _block(
    records: Sequence[tuple[int, bytes, dict[str, str | None]]], damaged: list[Damaged], skipped: Skipped
) -> Block:
    names = list(dict.fromkeys(name for _, _, values in records for name in values))
    lines = [line for _, line, _ in records]

    def raw(places: Sequence[int]) -> list[bytes]:
        return [lines[place] for place in places]

    return Block(
        names=names,
        # Records without a key are rows, too.
        frame=pl.DataFrame(height=len(records)).with_columns(
            pl.Series(str(place), [values.get(name) for _, _, values in records], pl.String)
            for place, name in enumerate(names)
        ),
        lines=pl.Series([number for number, _, _ in records], dtype=pl.UInt64),
        raw=raw,
        form=Form.JSON,
        damaged=damaged,
        skipped=skipped,
    )

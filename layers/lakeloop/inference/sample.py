"""What a file holds, for a look at all of it: its format, and its cells as text."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

import polars as pl

from lakeloop.contract.file import FileFormat
from lakeloop.errors import UnreadableObjectError
from lakeloop.inference.dialect import csv_guess
from lakeloop.inference.encoding import encoding_of
from lakeloop.inference.landed import Landed
from lakeloop.tables import Block, Damaged, Form
from lakeloop.tables.opening import format_of, open_table
from lakeloop.tables.unpacking import in_utf8, unpacked

MOST_BYTES = 200 * 1024 * 1024
"""Beyond, every second block is looked at, then every fourth, and so on."""
HEAD = 1024 * 1024
PARQUET = b"PAR1"
JSON_LIST = re.compile(rb"[\xef\xbb\xbf\s]*\[\s*\{")
TOTALS = (
    r"(?i)^(?:(?:grand )?(?:total|totals|sum|summe|gesamt)\b"
    r"|(?:average|avg|mean|mittelwert|durchschnitt|moyenne|somme|suma|promedio|totale)\s*:?\s*$)"
)


@dataclass(frozen=True)
class Sample:
    """The cells of a file, or of every so many blocks of it.

    `frame` has the columns "0", "1", ... in the file's order, in the table's own form; `names` are their headers, None
    where the file has none.
    """

    file: FileFormat
    names: tuple[str, ...] | None
    form: Form
    frame: pl.DataFrame
    damaged: int
    whole: bool
    reason: str = ""
    """What is odd about the header."""
    first_damaged: Damaged | None = None

    @property
    def headers(self) -> tuple[str, ...]:
        """A header for each column, empty where the file has none."""
        return self.names if self.names is not None else ("",) * self.frame.width


def sample_of(landed: Landed, most_bytes: int = MOST_BYTES) -> Sample:
    """Raises UnreadableObjectError where the file is no table."""
    try:
        head = unpacked(landed.open()).read(HEAD)
    except UnreadableObjectError as error:
        raise UnreadableObjectError(f"{landed.name}: {error}") from error
    form = _format(head, landed.name)
    if form == "csv":
        return _csv(landed, most_bytes)
    file = FileFormat(format=form)
    blocks = _thinned(landed, file, most_bytes)
    names = tuple(dict.fromkeys(name for block in blocks.kept for name in block.names or ())) or blocks.header
    if form == "jsonl" and not names:
        raise UnreadableObjectError(f"{landed.name}: no line of it is an object of JSON, and each has to be one")
    frames = [_named(block, names) for block in blocks.kept]
    return Sample(
        file=_said(file, landed.name),
        names=names,
        form=Form.JSON if form == "jsonl" else Form.TYPED,
        frame=pl.concat(frames, how="vertical_relaxed") if frames else _no_rows(names),
        damaged=blocks.damaged,
        whole=blocks.stride == 1,
        first_damaged=blocks.first_damaged,
    )


def _format(head: bytes, name: str) -> Literal["csv", "jsonl", "parquet"]:
    if head.startswith(PARQUET):
        return "parquet"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return "jsonl"
    if JSON_LIST.match(head):
        raise UnreadableObjectError(
            f"{name} is one list of JSON: write JSON Lines, an object on each line, as `jq -c '.[]' {name}` does"
        )
    return "csv"


def _said(file: FileFormat, name: str) -> FileFormat:
    """With the format only where the name does not tell it."""
    try:
        told = format_of(FileFormat(), name)
    except UnreadableObjectError:
        told = ""
    form = file.format or "csv"
    return file.model_copy(update={"format": None if told == form else form})


def _csv(landed: Landed, most_bytes: int) -> Sample:
    encoding = encoding_of(unpacked(landed.open()))
    head = in_utf8(unpacked(landed.open()), encoding).read(HEAD)
    guess = csv_guess(head, encoding, whole=len(head) < HEAD)
    blocks = _thinned(landed, guess.file.model_copy(update={"format": "csv"}), most_bytes)
    frames = [block.frame for block in blocks.kept]
    names = blocks.header or _fitted(guess.header.names, frames)
    sample = Sample(
        file=_said(guess.file, landed.name),
        names=names,
        form=Form.TEXT,
        frame=pl.concat(frames) if frames else _no_rows(names or ()),
        damaged=blocks.damaged,
        whole=blocks.stride == 1,
        reason=guess.header.reason,
        first_damaged=blocks.first_damaged,
    )
    return _without_totals(sample)


def _fitted(names: tuple[str, ...] | None, frames: Sequence[pl.DataFrame]) -> tuple[str, ...] | None:
    """A name for each column of a file that is read without its header; columns behind the last name have none."""
    if names is None or not frames:
        return names
    width = frames[0].width
    return (*names[:width], *("",) * (width - len(names)))


def _no_rows(names: Sequence[str]) -> pl.DataFrame:
    return pl.DataFrame(schema={str(place): pl.String for place in range(len(names))})


def _without_totals(sample: Sample) -> Sample:
    """Without a last line of totals, which is no row."""
    frame = sample.frame
    if frame.height <= 2 or frame["0"].tail(1).str.contains(TOTALS).item() is not True:
        return sample
    if frame["0"].head(frame.height - 1).str.contains(TOTALS).any():
        return sample
    word = cast("str", frame["0"].tail(1).item()).strip().split()[0]
    return replace(
        sample, frame=frame.head(frame.height - 1), file=sample.file.model_copy(update={"footer": f"^{word}"})
    )


@dataclass
class _Blocks:
    kept: list[Block]
    header: tuple[str, ...] = ()
    stride: int = 1
    damaged: int = 0
    first_damaged: Damaged | None = None


def _thinned(landed: Landed, file: FileFormat, most_bytes: int) -> _Blocks:
    """Every so many blocks of a file, so that those kept stay below a size however large it is."""
    table = open_table(landed.open(), file, landed.name)
    found = _Blocks([], tuple(table.header or ()))
    held = 0
    for number, block in enumerate(table.blocks()):
        found.damaged += len(block.damaged)
        found.first_damaged = found.first_damaged or next(iter(block.damaged), None)
        if number % found.stride or not block.frame.height:
            continue
        # What is set aside of a block keeps its bytes alive.
        found.kept.append(replace(block, raw=_no_bytes, damaged=()))
        held += int(block.frame.estimated_size())
        if held > most_bytes:
            found.kept, found.stride = found.kept[::2], 2 * found.stride
            held = sum(int(kept.frame.estimated_size()) for kept in found.kept)
    return found


def _no_bytes(_: Sequence[int]) -> list[bytes]:
    return []


def _named(block: Block, names: Sequence[str]) -> pl.DataFrame:
    """The block with all columns that any block has, in one order."""
    own = {name: str(place) for place, name in enumerate(block.names or ())}
    return block.frame.select(
        (pl.col(own[name]) if name in own else pl.lit(None, pl.String)).alias(str(place))
        for place, name in enumerate(names)
    )


def text_of(cell: object, form: Form) -> str:
    """A cell as a text that a person would write."""
    if form == Form.JSON and isinstance(cell, str) and cell.startswith('"'):
        return str(json.loads(cell))
    return str(cell).lower() if isinstance(cell, bool) else str(cell)

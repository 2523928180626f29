"""What a table says of a file, in one comparable value."""

import io
from dataclasses import dataclass
from typing import Any

from lakeloop.contract import FileFormat
from lakeloop.errors import UnreadableObjectError
from lakeloop.tables.opening import open_table


@dataclass(frozen=True)
class Read:
    """Rows with their lines, damage with its lines, and what was skipped."""

    header: list[str] | None
    rows: list[tuple[int, bytes, tuple[str | None, ...]]]
    damaged: list[tuple[int, bytes, str, str | None]]
    skipped: tuple[int, int, int]


def read(content: bytes, *, block_bytes: int = 2**23, name: str = "t.csv", **file: Any) -> Read | str:  # noqa: ANN401
    """All of a file, or why it is refused whole."""
    try:
        table = open_table(io.BytesIO(content), FileFormat.model_validate(file), name)
        rows: list[tuple[int, bytes, tuple[str | None, ...]]] = []
        damaged: list[tuple[int, bytes, str, str | None]] = []
        skipped = [0, 0, 0]
        for block in table.blocks(block_bytes):
            cells = [tuple(cell or None for cell in row) for row in block.frame.rows()]
            raw = block.raw(range(block.frame.height))
            rows += zip(block.lines.to_list(), raw, cells, strict=True)
            damaged += [(record.line, record.raw, record.rule, record.setting) for record in block.damaged]
            counts = (block.skipped.comments, block.skipped.footers, block.skipped.empty)
            skipped = [before + more for before, more in zip(skipped, counts, strict=True)]
    except UnreadableObjectError as error:
        return str(error)
    return Read(table.header, rows, damaged, (skipped[0], skipped[1], skipped[2]))

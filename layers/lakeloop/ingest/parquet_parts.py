"""A Parquet file that is written block by block."""

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

FEWEST_ROWS_OF_GROUP = 20_000


@dataclass
class ParquetParts:
    """One Parquet file written block by block: a part each, streamed into one at the end."""

    folder: Path
    name: str
    rows: int = 0
    _parts: list[Path] = field(default_factory=list)
    _most: int = FEWEST_ROWS_OF_GROUP

    def add(self, frame: pl.DataFrame, *, empty: bool = False) -> None:
        """Write some rows; none are a part only where a file is wanted all the same."""
        if frame.is_empty() and not empty:
            return
        part = self.folder / f"{self.name}-{len(self._parts):05}.part"
        frame.write_parquet(part, compression="zstd")
        self._parts.append(part)
        self.rows += frame.height
        self._most = max(self._most, frame.height)

    def finish(self) -> Path | None:
        if not self._parts:
            return None
        whole = self.folder / f"{self.name}.parquet"
        if len(self._parts) == 1:
            return self._parts[0].rename(whole)
        # Groups of the usual 122,880 rows would take more memory than any block did.
        pl.scan_parquet(self._parts, glob=False).sink_parquet(
            whole, compression="zstd", maintain_order=True, row_group_size=self._most
        )
        for part in self._parts:
            part.unlink()
        return whole

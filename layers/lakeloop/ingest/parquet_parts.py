"""A Parquet file that is written as its rows come."""

from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from threading import Thread
from weakref import finalize

import polars as pl
from polars.io.plugins import register_io_source

# So much is gathered before it is written, and a group of rows has about as much.
HELD_BYTES = 2 * 1024 * 1024
MOST_ROWS_OF_GROUP = 65_536


class ParquetParts:
    """One Parquet file: a small one is written at its end, a larger one by a thread beside what makes its rows."""

    def __init__(self, folder: Path, name: str) -> None:
        """The folder is made when there is something to write."""
        self._file = folder / f"{name}.parquet"
        self._held: list[pl.DataFrame] = []
        self._held_bytes = 0
        self._writer: Writer | None = None
        self.rows = 0

    def add(self, frame: pl.DataFrame, *, empty: bool = False) -> None:
        """Write some rows; none are written only where a file is wanted all the same."""
        if frame.is_empty() and not empty:
            return
        self.rows += frame.height
        self._held.append(frame)
        self._held_bytes += int(frame.estimated_size())
        if self._held_bytes >= HELD_BYTES:
            self._write()

    def finish(self) -> Path | None:
        if self._writer:
            self._write()
            self._writer.finish()
        elif self._held:
            self._file.parent.mkdir(exist_ok=True)
            pl.concat(self._held, rechunk=True).write_parquet(self._file, compression="zstd")
        return self._file if self._writer or self._held else None

    def _write(self) -> None:
        if not self._held:
            return
        frame = pl.concat(self._held)
        if self._writer is None:
            self._file.parent.mkdir(exist_ok=True)
            fitting = frame.height * HELD_BYTES // max(1, self._held_bytes)
            self._writer = Writer(self._file, frame.schema, min(max(1, fitting), MOST_ROWS_OF_GROUP))
        self._writer.write(frame)
        self._held, self._held_bytes = [], 0


class Writer:
    """Writes what it is given to one file, each row once; one frame waits while another is written."""

    def __init__(self, file: Path, schema: pl.Schema, rows_of_group: int) -> None:
        self._waiting: Queue[pl.DataFrame | None] = Queue(1)
        self._errors: list[BaseException] = []
        # The thread knows nothing of its writer, so one that nobody has any longer is ended, as at the process's end.
        arguments = (self._waiting, self._errors, file, schema, rows_of_group)
        thread = Thread(target=_write, args=arguments, daemon=True)
        thread.start()
        self._end = finalize(self, _ended, self._waiting, thread)

    def write(self, frame: pl.DataFrame) -> None:
        """Raises what went wrong with a frame before."""
        self._raise()
        self._waiting.put(frame)

    def finish(self) -> None:
        self._end()
        self._raise()

    def _raise(self) -> None:
        for error in self._errors:
            raise error


def _ended(waiting: "Queue[pl.DataFrame | None]", thread: Thread) -> None:
    waiting.put(None)
    thread.join()


def _write(
    waiting: "Queue[pl.DataFrame | None]",
    errors: list[BaseException],
    file: Path,
    schema: pl.Schema,
    rows_of_group: int,
) -> None:
    def received() -> Iterator[pl.DataFrame]:
        while (frame := waiting.get()) is not None:
            yield frame

    frames = received()

    def source(*_asked: object) -> Iterator[pl.DataFrame]:
        yield from frames

    try:
        rows = register_io_source(source, schema=schema)
        rows.sink_parquet(file, compression="zstd", row_group_size=rows_of_group)
    except BaseException as error:  # noqa: BLE001 it is raised where the rows come from
        errors.append(error)
        # Whoever writes meanwhile must not wait for ever.
        for _ in frames:
            pass

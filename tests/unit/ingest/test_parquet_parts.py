"""Files that are written as their rows come."""

import gc
import threading
import time
from pathlib import Path

import polars as pl
import pytest

from lakeloop.ingest import parquet_parts, ranges
from lakeloop.ingest.parquet_parts import ParquetParts
from tests.data import tiny, tiny_csv
from tests.lake_content import content
from tests.world import ROWS, World


@pytest.mark.parametrize("held_bytes", [1, 200, 10**9], ids=["each at once", "some together", "all at the end"])
def test_all_rows_are_written_in_their_order(held_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_parts, "HELD_BYTES", held_bytes)
    frame = pl.DataFrame({"n": range(1_000), "text": [f"row {n}" for n in range(1_000)]})
    parts = ParquetParts(tmp_path / "below", "rows")

    for start in range(0, 1_000, 7):
        parts.add(frame[start : start + 7])

    file = parts.finish()
    assert file
    assert pl.read_parquet(file).equals(frame)
    assert parts.rows == 1_000


def test_nothing_is_written_of_no_rows_but_where_a_file_is_wanted(tmp_path: Path) -> None:
    nothing, wanted = ParquetParts(tmp_path, "nothing"), ParquetParts(tmp_path, "wanted")

    nothing.add(pl.DataFrame(schema={"n": pl.Int64}))
    wanted.add(pl.DataFrame(schema={"n": pl.Int64}), empty=True)

    assert nothing.finish() is None
    file = wanted.finish()
    assert file
    assert pl.read_parquet(file).schema == {"n": pl.Int64}


def test_what_the_writer_could_not_do_is_told_to_who_makes_the_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_parts, "HELD_BYTES", 1)
    parts = ParquetParts(tmp_path, "rows")
    parts.add(pl.DataFrame({"n": [1]}))

    def go_on() -> None:
        for _ in range(100):
            parts.add(pl.DataFrame({"another": ["x"]}))
        parts.finish()

    with pytest.raises(pl.exceptions.PolarsError):
        go_on()


def test_a_writer_that_nobody_has_any_longer_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_parts, "HELD_BYTES", 1)
    before = threading.active_count()
    parts = ParquetParts(tmp_path, "rows")
    parts.add(pl.DataFrame({"n": [1]}))
    assert threading.active_count() > before

    del parts
    gc.collect()

    ends = time.monotonic() + 10
    while threading.active_count() > before and time.monotonic() < ends:
        time.sleep(0.01)
    assert threading.active_count() == before


def test_main_is_the_same_whether_the_rows_of_a_file_waited_for_others_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for few_bytes in (0, 10**6):
        monkeypatch.setattr(ranges, "FEW_BYTES", few_bytes)
        world = World(tiny())
        files = {"a": ROWS[:7], "b": ROWS[7:8], "c": [*ROWS[8:], "bad,maybe,1,,,"]}
        world.service.handle([world.drop(f"{name}.csv", tiny_csv(*rows), name) for name, rows in files.items()])
        found.append(content(world.lake))

    assert found[0] == found[1]

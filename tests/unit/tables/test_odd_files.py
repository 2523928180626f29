"""Files that readers stumble over: each row is read or set aside, and none takes the memory or the function."""

import gzip
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from backports import zstd

from lakeloop.contract import FileFormat
from lakeloop.tables.opening import open_table
from tests.unit.tables.reading import Read, read

PLAIN = b"a,b\n1,2\n3,4\n"
Pack = Callable[[bytes], bytes]
NO_BREAK = "\u00a0".encode()


def taken(found: Read | str) -> Read:
    assert isinstance(found, Read), found
    return found


def cells(found: Read | str) -> list[tuple[object, ...]]:
    return [row for _, _, row in taken(found).rows]


def faults(found: Read | str) -> dict[int, str]:
    return {line: rule for line, _, rule, _ in taken(found).damaged}


def test_only_spaces_and_tabs_separate_where_white_space_does() -> None:
    found = read(b"a b\n1 2\n3" + NO_BREAK + b"4\n5\t 6\n", delimiter="whitespace")

    assert cells(found) == [("1", "2"), ("5", "6")]
    assert faults(found) == {3: "columns: 2, the line has 1"}


def test_an_escape_keeps_a_space_inside_a_field_that_white_space_separates() -> None:
    assert cells(read(b"a b\n1\\ x 2\n", delimiter="whitespace", escapechar="\\")) == [("1 x", "2")]


def test_an_escape_at_the_end_of_a_file_escapes_nothing() -> None:
    assert cells(read(b"a,b\n1,2\\", escapechar="\\")) == [("1", "2\\")]


def test_the_hint_of_a_spreadsheet_may_name_a_tab() -> None:
    assert cells(read(b"sep=\t\na\tb\n1\t2\n", delimiter="\t")) == [("1", "2")]


def test_half_of_a_character_in_json_costs_its_line_as_a_key_and_is_kept_for_judgement_as_a_value() -> None:
    found = read(b'{"a": "\\ud800"}\n{"\\udc00": 1}\n{"a": "\xc3\xa9"}\n', name="t.jsonl")

    assert cells(found) == [('"\\ud800"',), ('"\u00e9"',)]
    assert faults(found) == {2: "keys of whole characters"}


@pytest.mark.parametrize("ending", [b"\n", b""])
@pytest.mark.parametrize("size", [2**20 + 1, 2**20 + 300_000, 5 * 2**20])
def test_a_line_of_json_longer_than_a_record_costs_itself_alone(size: int, ending: bytes) -> None:
    long = b'{"a": "' + b"x" * (size - 9) + b'"}'

    found = read(b'{"a": "1"}\n' + long + b'\n{"a": "2"}' + ending, name="t.jsonl")

    assert cells(found) == [('"1"',), ('"2"',)]
    assert faults(found) == {2: "a line has at most 1048576 bytes, this one has more: these are its first"}


def parquet(frame: pl.DataFrame) -> bytes:
    body = io.BytesIO()
    frame.write_parquet(body)
    return body.getvalue()


def test_bytes_of_parquet_that_are_no_text_cost_their_row() -> None:
    found = read(parquet(pl.DataFrame({"a": [b"caf\xe9", b"t\xc3\xa9", None], "b": [1, 2, 3]})), name="t.parquet")

    assert cells(found) == [("t\u00e9", 2), (None, 3)]
    assert faults(found) == {1: "not UTF-8 in column 1 at byte 4 (0xE9)"}


def test_damaged_parquet_is_refused_whatever_its_reader_says_of_it() -> None:
    whole = parquet(pl.DataFrame({"a": range(2000), "b": [f"word {n % 7}" for n in range(2000)]}))

    for place in range(4, len(whole), 97):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        # What no checksum notices is read; nothing else but a refusal may come.
        assert isinstance(read(bytes(damaged), name="t.parquet"), Read | str)


@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress], ids=["gzip", "zstd"])
class TestPacked:
    def test_in_several_parts_that_end_inside_lines_is_read_whole(self, pack: Pack) -> None:
        packed = b"".join(pack(PLAIN[place : place + 5]) for place in range(0, len(PLAIN), 5))

        assert cells(read(packed)) == cells(read(PLAIN)) == [("1", "2"), ("3", "4")]

    def test_that_ends_in_its_middle_is_refused(self, pack: Pack) -> None:
        assert read(pack(PLAIN * 100)[:-6]) == "the compressed file ends in its middle: was it copied whole?"

    def test_that_is_broken_is_refused(self, pack: Pack) -> None:
        packed = bytearray(pack(PLAIN * 100))
        packed[10:20] = b"\xff" * 10

        assert str(read(bytes(packed))).startswith("the compressed file")

    def test_that_grows_enormously_takes_no_memory_to_speak_of(self, pack: Pack, tmp_path: Path) -> None:
        (tmp_path / "packed").write_bytes(pack(b"a,b\n" + b"1" * 2**28))

        said = subprocess.run(
            [sys.executable, "-c", GROWTH, str(tmp_path / "packed")], capture_output=True, text=True, check=True
        )

        assert int(said.stdout) < 128


GROWTH = """
import resource, sys
from lakeloop.contract import FileFormat
from lakeloop.errors import UnreadableObjectError
from lakeloop.tables.opening import open_table
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    for block in open_table(open(sys.argv[1], "rb"), FileFormat(), "t.csv").blocks():
        assert not block.frame.height
except UnreadableObjectError:
    pass
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
"""Prints by how many MiB the process grew."""


def test_what_grows_more_than_any_table_is_refused() -> None:
    assert read(zstd.compress(b"a,b\n" + b"1" * 2**28)) == ("the file grows more than 1000 times: it is no table")


@pytest.mark.parametrize("block_bytes", [1, 2**23])
@pytest.mark.parametrize("again", ["size,age,y", '"size",age,y', "\ufeffy,size,age "])
def test_a_second_header_in_another_order_refuses_the_file(again: str, block_bytes: int) -> None:
    """Files that were put behind one another: read on, their values would be exchanged without a word."""
    content = f"age,size,y\n1,2,0\n{again}\n2,1,0\n".encode()

    assert read(content, block_bytes=block_bytes) == (
        "line 3 names the columns in another order than the header: two tables in one file? "
        "Drop them as files of their own, each with its header"
    )


def test_keys_that_nobody_wants_are_no_columns_however_many_they_are() -> None:
    lines = b"".join(b'{"id": %d, "key%d": 1, "none": null}\n' % (row, row) for row in range(5000))

    table = open_table(io.BytesIO(lines), FileFormat(), "t.jsonl", wanted=lambda key: key == "id")
    [block] = table.blocks()

    assert (block.names, block.frame.shape) == (["id"], (5000, 1))
    assert block.others == [[f"key{row}"] for row in range(5000)]


def test_objects_without_a_key_in_common_are_read_in_blocks_of_bounded_size() -> None:
    lines = b"".join(b'{"key%d": 1}\n' % row for row in range(5000))

    blocks = list(open_table(io.BytesIO(lines), FileFormat(), "t.jsonl").blocks())

    assert sum(block.frame.height for block in blocks) == 5000
    assert all(block.frame.height * block.frame.width < 2_200_000 for block in blocks)

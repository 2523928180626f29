"""Blocks of whole records, wherever the cuts fall."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeloop.errors import UnreadableObjectError
from lakeloop.ingest.csv_blocks import MAX_RECORD_BYTES, read_header, record_blocks

fields = st.text(st.sampled_from('ab,"\n é'), max_size=6)
tables = st.lists(st.lists(fields, min_size=2, max_size=3), min_size=1, max_size=12)


def written(table: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(table)
    return out.getvalue()


def records(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@given(table=tables, size=st.integers(1, 40))
def test_blocks_join_to_the_file_and_cut_no_record(table: list[list[str]], size: int) -> None:
    text = written(table)

    blocks = list(record_blocks(io.BytesIO(text.encode()), size))

    assert b"".join(blocks) == text.encode()
    assert [record for block in blocks for record in records(block.decode())] == records(text)


@given(table=tables)
def test_the_header_is_the_first_record_even_with_line_breaks_in_it(table: list[list[str]]) -> None:
    text = written([["one", "two\nlines"], *table])

    names, rest = read_header(text.encode())

    assert names == ["one", "two\nlines"]
    assert records(rest.decode()) == records(written(table))


def test_a_byte_order_mark_and_windows_line_ends_do_not_reach_the_names() -> None:
    assert read_header(b"\xef\xbb\xbfa, b\r\n1,2\r\n") == (["a", "b"], b"1,2\r\n")


def test_a_file_that_is_all_header_is_read_to_its_end() -> None:
    assert read_header(b"a,b") == (["a", "b"], b"")


@pytest.mark.parametrize("block", [b"\n", b"a,a\n", b"a,\n", b"\xff\xfe,\n"])
def test_a_header_that_names_no_columns_is_unreadable(block: bytes) -> None:
    with pytest.raises(UnreadableObjectError):
        read_header(block)


def test_a_header_says_where_and_not_what_is_wrong() -> None:
    with pytest.raises(UnreadableObjectError, match="columns 1 and 3 have one name"):
        read_header(b"Jane,x,Jane\n")


def test_line_ends_of_an_old_mac_are_named() -> None:
    with pytest.raises(UnreadableObjectError, match="line feeds"):
        read_header(b"a,b\r1,2\r")


@pytest.mark.parametrize("record", [b"x" * (MAX_RECORD_BYTES + 1), b'"' + b"x\n" * MAX_RECORD_BYTES])
@pytest.mark.parametrize("before", [b"", b"a,b\n" * 1000])
def test_a_record_is_at_most_a_mebibyte(record: bytes, before: bytes) -> None:
    with pytest.raises(UnreadableObjectError, match=f"begins {len(before)} bytes behind the start"):
        list(record_blocks(io.BytesIO(before + record + b"\n"), 8 * MAX_RECORD_BYTES))


def test_a_record_of_a_mebibyte_is_read() -> None:
    text = b"a\n" + b"x" * (MAX_RECORD_BYTES - 1) + b"\nb\n"

    assert b"".join(record_blocks(io.BytesIO(text), 2 * MAX_RECORD_BYTES)) == text

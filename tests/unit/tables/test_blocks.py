"""A verdict never depends on the size of blocks, on the path that read a record, or on where in the file it stands."""

import csv
import io
from random import Random
from typing import Any
from unittest.mock import patch

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lakeloop.tables import plain
from lakeloop.tables.bulk import Bulk
from lakeloop.tables.lines import BLANK
from lakeloop.tables.plain import PlainReader
from tests.unit.tables.reading import Read, read

PIECES = [
    "a",
    "b",
    "1",
    ",",
    ",",
    '"',
    '""',
    "\n",
    "\n",
    "\r\n",
    "\r",
    " ",
    "\t",
    "é",
    "\\",
    "#",
    "||",
    ";",
    "'",
    '="1"',
]
BYTES = [*(piece.encode() for piece in PIECES), b"\xff", b"\xe9", b"x,y,z\n", b'"a","b"\n', b'"a\nb",c\n']
CONTENT = st.lists(st.sampled_from(BYTES), max_size=40).map(b"".join)
DIALECTS: list[dict[str, Any]] = [
    {},
    {"delimiter": ";", "quotechar": "'"},
    {"delimiter": "||"},
    {"delimiter": "whitespace"},
    {"delimiter": "\t", "quotechar": False},
    {"escapechar": "\\", "comment": "#"},
    {"header": False, "footer": "^a", "comment": "#"},
    {"skiprows": 1, "skip_after_header": 1},
]


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
@given(content=CONTENT)
@settings(deadline=None, max_examples=150)
@example(content=b'a,b\r\n"x\r')
@example(content=b'a,b\n1,"2\n3",4\n5,6\n')
@example(content=b'a,b\n1,"2\n3"\n5,6\n"x\n",y\n"1\n2","3\n4"\n7,8\n"",9\n"7",')
def test_no_verdict_depends_on_the_size_of_blocks_or_on_the_path(dialect: dict[str, Any], content: bytes) -> None:
    whole = read(content, **dialect)
    with (
        patch.object(PlainReader, "part", lambda *_: None),
        patch.object(Bulk, "irregular", lambda _, texts, __: pl.int_range(len(texts), eager=True)),
    ):
        one_by_one = read(content, **dialect)
    with patch.object(plain, "MOST_QUOTES_A_LINE", 1_000):
        compiled = read(content, **dialect)

    assert one_by_one == whole
    assert one_by_one == compiled
    for size in (1, 7, 30):
        assert read(content, block_bytes=size, **dialect) == whole


@given(seed=st.integers(0, 2**32))
@settings(deadline=None, max_examples=8)
def test_quoted_line_breaks_are_found_wherever_the_compiled_parser_divides_its_work(seed: int) -> None:
    chance = Random(seed)  # noqa: S311 no secret
    cells = ["x", "words of some length", "é", '"a\nb"', '"\n\n,"', '""', ""]
    weights = [60, 60, 10, 1, 1, 1, 1]
    lines = [",".join(["k", *chance.choices(cells, weights, k=3)]) for _ in range(40_000)]

    found = read("\n".join(["a,b,c,d", *lines]).encode())

    assert isinstance(found, Read)
    assert [raw for _, raw, _ in found.rows] == [line.encode() for line in lines]
    assert [row for _, _, row in found.rows] == [
        tuple(cell or None for cell in row)
        for row in csv.reader(io.StringIO("\n".join(lines), newline=""), strict=True)
    ]


@given(rows=st.lists(st.sampled_from(["1,2", '"1",2', "1", "1,2,3", 'x"y,2', '"a"b,2', "", ",", "é,2"]), max_size=8))
@settings(deadline=None)
def test_a_record_is_judged_alike_first_or_last_or_among_others(rows: list[str]) -> None:
    def verdicts(lines: list[str]) -> dict[int, Any]:
        found = read("\n".join(["a,b", *lines, "8,9", "8,9"]).encode())
        assert isinstance(found, Read)
        good: dict[int, Any] = {line: rest for line, *rest in found.rows}
        return good | {line: rest for line, *rest in found.damaged}

    forward, backward = verdicts(rows), verdicts(rows[::-1])

    for place in range(len(rows)):
        assert forward.get(place + 2) == backward.get(len(rows) - place + 1)


@given(
    cells=st.lists(
        st.lists(
            st.text(st.characters(codec="utf-8", exclude_characters="\ufeff\0"), max_size=6), min_size=2, max_size=2
        ),
        min_size=1,
        max_size=6,
    )
)
@settings(deadline=None)
def test_what_a_writer_quotes_is_read_as_it_was(cells: list[list[str]]) -> None:
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [["a", "b"], *cells]]
    found = read("\n".join(lines).encode())

    assert isinstance(found, Read)
    kept = [row for row in cells if any(cell.strip(BLANK) for cell in row)]
    assert [list(row) for _, _, row in found.rows] == [
        [cell or None for cell in row] for row in kept if row != ["a", "b"]
    ]


def test_an_open_quote_costs_its_line_however_long_the_file_is() -> None:
    rows = b"1,2\n" * 600_000

    found = read(b'a,b\n1,2\n"open,2\n' + rows)

    assert isinstance(found, Read)
    assert [(line, raw) for line, raw, _, _ in found.damaged] == [(3, b'"open,2')]
    assert len(found.rows) == 600_001


def test_a_line_longer_than_a_record_costs_itself_alone() -> None:
    found = read(b"a,b\n" + b"x" * 3_000_000 + b"\r\n1,2\n")

    assert isinstance(found, Read)
    assert [(line, len(raw)) for line, raw, _, _ in found.damaged] == [(2, 1024 * 1024)]
    assert [(line, row) for line, _, row in found.rows] == [(3, ("1", "2"))]


@pytest.mark.parametrize("blank", [b"\n", b"\r\n", b",\n", b" \n"])
def test_lines_without_a_value_are_no_rows_however_many_they_are(blank: bytes) -> None:
    found = read(b"a,b\n" + blank * 500_000 + b"1,2\n")

    assert isinstance(found, Read)
    assert [line for line, _, _ in found.rows] == [500_002]
    assert found.skipped == (0, 0, 500_000)

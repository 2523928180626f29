"""The Range header."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeloop.local.lakefs import ranges
from lakeloop.local.lakefs.errors import BadRequest, RangeNotSatisfiable


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        (None, None),
        ("bytes=0-0", (0, 0)),
        ("bytes=2-4", (2, 4)),
        ("bytes=2-", (2, 9)),
        ("bytes=2-99", (2, 9)),
        ("bytes=-3", (7, 9)),
        ("bytes=-99", (0, 9)),
    ],
)
def test_of_ten_bytes(header: str | None, wanted: tuple[int, int] | None) -> None:
    assert ranges.parse(header, 10) == wanted


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=5-4", "bytes=-0", "bytes=-", "bytes=0-1,3-4"])
def test_not_satisfiable(header: str) -> None:
    with pytest.raises(RangeNotSatisfiable) as error:
        ranges.parse(header, 10)

    assert error.value.headers() == {"Content-Range": "bytes */10"}


@pytest.mark.parametrize("header", ["lines=0-1", ""])
def test_of_something_else_than_bytes(header: str) -> None:
    with pytest.raises(BadRequest):
        ranges.parse(header, 10)


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 10))
def test_agrees_with_slicing(first: int, last: int, size: int) -> None:
    content = bytes(range(size))
    try:
        start, stop = ranges.parse(f"bytes={first}-{last}", size) or (0, 0)
    except RangeNotSatisfiable:
        assert content[first : last + 1] == b""
    else:
        assert content[start : stop + 1] == content[first : last + 1] != b""

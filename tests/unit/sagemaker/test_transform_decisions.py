"""Records and column filters of batch transform."""

import pytest

from lakeloop.local.sagemaker.transform.filters import ColumnFilter
from lakeloop.local.sagemaker.transform.records import PayloadError, batches, split

COLUMNS = ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("path", "chosen"),
    [
        ("$", "abcd"),
        ("$[0]", "a"),
        ("$[-1]", "d"),
        ("$[1:]", "bcd"),
        ("$[:-1]", "abc"),
        ("$[1:3]", "bc"),
        ("$[0,-1]", "ad"),
        ("$[3, 0:2]", "dab"),
        ("$[9]", ""),
    ],
)
def test_column_filters(path: str, chosen: str) -> None:
    assert ColumnFilter.parse(path).apply(COLUMNS) == list(chosen)


@pytest.mark.parametrize("path", ["", "a", "$.name", "$[a]", "$[]", "$[1", "$['a']"])
def test_paths_that_select_no_columns(path: str) -> None:
    with pytest.raises(ValueError, match="column"):
        ColumnFilter.parse(path)


def test_lines_are_records_and_blank_ones_are_not() -> None:
    assert split(b"1\r\n\n2\n", "Line") == [b"1", b"2"]
    assert split(b"1\n2\n", "None") == [b"1\n2\n"]


def test_batches_are_as_large_as_fits() -> None:
    records = [b"12345", b"12345", b"12345"]

    assert list(batches(records, "MultiRecord", 12)) == [records[:2], records[2:]]
    assert list(batches(records, "SingleRecord", 12)) == [[record] for record in records]


def test_record_that_is_too_large() -> None:
    with pytest.raises(PayloadError, match="MaxPayloadInMB"):
        list(batches([b"123"], "SingleRecord", 2))

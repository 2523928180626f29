"""How many rows an object has is read from its end."""

import io
from typing import TYPE_CHECKING

import polars as pl
import pytest

from lakeloop.adapters import footers
from lakeloop.adapters.footers import S3Footers
from lakeloop.errors import UnreadableObjectError
from lakeloop.lake.ports import LakeObject
from tests.unit.lakeloop.adapters.conftest import BUCKET

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


def put(s3: "S3Client", body: bytes) -> LakeObject:
    s3.put_object(Bucket=BUCKET, Key="data/x", Body=body)
    return LakeObject("train/x.parquet", f"s3://{BUCKET}/data/x", len(body))


def table(rows: int, columns: int = 2) -> bytes:
    body = io.BytesIO()
    pl.DataFrame({f"column-{n}": range(rows) for n in range(columns)}).write_parquet(body, row_group_size=100)
    return body.getvalue()


@pytest.mark.parametrize(
    ("rows", "columns", "tail"), [(0, 2, 65_536), (1000, 2, 65_536), (1000, 2, 12), (250, 40, 500)]
)
def test_rows_are_those_of_the_whole_file_wherever_its_footer_begins(
    s3: "S3Client", monkeypatch: pytest.MonkeyPatch, rows: int, columns: int, tail: int
) -> None:
    monkeypatch.setattr(footers, "TAIL_BYTES", tail)

    assert S3Footers(s3).rows(put(s3, table(rows, columns))) == rows


def test_an_object_is_read_once(s3: "S3Client") -> None:
    reader = S3Footers(s3)
    entry = put(s3, table(3))
    assert reader.rows(entry) == 3
    s3.delete_object(Bucket=BUCKET, Key="data/x")

    assert reader.rows(entry) == 3


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"id,x\n1,2\n",
        b"PAR1",
        b"x" * 100_000,
        b"PAR1" + b"\xff" * 8 + b"PAR1",
        b"PAR1" + bytes(footers.MOST_BYTES) + footers.MOST_BYTES.to_bytes(4, "little") + b"PAR1",
    ],
    ids=["empty", "csv", "short", "text", "no-footer", "enormous-footer"],
)
def test_what_is_no_parquet_file_is_named(s3: "S3Client", body: bytes) -> None:
    with pytest.raises(UnreadableObjectError, match=r"train/x\.parquet on main is no Parquet file") as error:
        S3Footers(s3).rows(put(s3, body))

    assert error.value.subject == f"s3://{BUCKET}/data/x"

"""How many rows an object of the lake has, from the end of its Parquet file."""

import io
from typing import TYPE_CHECKING

import polars as pl

from lakeloop.errors import UnreadableObjectError
from lakeloop.lake.ports import LakeObject

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

MAGIC = b"PAR1"
# A footer of many columns is some kilobytes; a longer one costs a second read.
TAIL_BYTES = 65_536
# Beyond that, the length at the end is no length.
MOST_BYTES = 16_777_216


class S3Footers:
    """Reads the footers of Parquet objects, each once: lakeFS never writes one again."""

    def __init__(self, client: "S3Client") -> None:
        self._client = client
        self._rows: dict[str, int] = {}

    def rows(self, entry: LakeObject) -> int:
        if entry.physical_address not in self._rows:
            self._rows[entry.physical_address] = self._read(entry)
        return self._rows[entry.physical_address]

    def _read(self, entry: LakeObject) -> int:
        tail = self._tail(entry, TAIL_BYTES)
        # The file ends with the footer, its length in four bytes, and the magic.
        length = int.from_bytes(tail[-8:-4], "little") + 8
        if not tail.endswith(MAGIC) or length > min(entry.size_bytes, MOST_BYTES):
            raise _unreadable(entry)
        footer = tail[-length:] if length <= len(tail) else self._tail(entry, length)
        try:
            # Counting rows needs no more of a file than its two ends.
            return int(pl.scan_parquet(io.BytesIO(MAGIC + footer)).select(pl.len()).collect().item())
        except pl.exceptions.PolarsError as error:
            raise _unreadable(entry) from error

    def _tail(self, entry: LakeObject, size: int) -> bytes:
        if not entry.size_bytes:
            return b""
        bucket, _, key = entry.physical_address.removeprefix("s3://").partition("/")
        begin = max(0, entry.size_bytes - size)
        return self._client.get_object(Bucket=bucket, Key=key, Range=f"bytes={begin}-")["Body"].read()


def _unreadable(entry: LakeObject) -> UnreadableObjectError:
    return UnreadableObjectError(
        f"{entry.path} on main is no Parquet file, and training reads all that lies there: delete it on a branch and "
        "merge that",
        subject=entry.physical_address,
    )

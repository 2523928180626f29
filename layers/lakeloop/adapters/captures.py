"""Captures as Parquet in their bucket."""

import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl

from lakeloop.adapters.s3 import body_of
from lakeloop.capture.keys import captures_folder, captures_of
from lakeloop.capture.record import CAPTURE_VERSION, Capture
from lakeloop.errors import PermanentError

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

SCHEMA = pl.Schema(
    {
        "inference_id": pl.String(),
        "predicted_at": pl.Datetime("us", "UTC"),
        "dataset": pl.String(),
        "model": pl.String(),
        "data_commit": pl.String(),
        "contract": pl.String(),
        "input": pl.String(),
        "prediction": pl.String(),
        "confidence": pl.Float64(),
        "probabilities": pl.String(),
        "latency_ms": pl.Float64(),
        "caller": pl.String(),
        "version": pl.Int64(),
    }
)


class S3Captures:
    """The bucket of captures, by dataset, day and hour."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def stored(self, uri: str) -> str:
        """The text of a message that was too large for its topic."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        body = body_of(self._client, bucket, key) if bucket == self._bucket else None
        if body is None:
            raise PermanentError(f"{uri} is not in the bucket of captures: what predict put there has expired")
        return body.decode()

    def write(self, key: str, captures: Sequence[Capture]) -> None:
        file = io.BytesIO()
        pl.DataFrame([vars(capture) for capture in captures], schema=SCHEMA).write_parquet(file, compression="zstd")
        self._client.put_object(Bucket=self._bucket, Key=key, Body=file.getvalue())

    def objects(self, dataset: str, since: datetime, until: datetime) -> Iterator[str]:
        """The keys of the objects of the hours that these moments fall into."""
        first, last = captures_folder(dataset, since), captures_folder(dataset, until)
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=captures_of(dataset), StartAfter=first
        )
        for page in pages:
            for found in page.get("Contents", []):
                if found["Key"].rpartition("/")[0] + "/" > last:
                    return
                yield found["Key"]

    def read(self, key: str) -> list[Capture]:
        """Those of one object; one that has expired holds none. Raises PermanentError for those of a later release."""
        return [Capture(**row) for row in self.frame(key).to_dicts()]

    def frame(self, key: str) -> pl.DataFrame:
        """The same as a table of SCHEMA."""
        body = body_of(self._client, self._bucket, key)
        if body is None:
            return SCHEMA.to_frame()
        found = pl.read_parquet(io.BytesIO(body))
        if (found["version"] > CAPTURE_VERSION).any():
            raise PermanentError(f"s3://{self._bucket}/{key} was written by a later release: run that one")
        return found.select(
            pl.col(name) if name in found.columns else pl.lit(None, dtype).alias(name) for name, dtype in SCHEMA.items()
        )

    def between(self, dataset: str, since: datetime, until: datetime) -> Iterator[Capture]:
        """Those predicted from `since` on and before `until`, each once, in no order worth a promise."""
        told: set[tuple[str, datetime]] = set()
        for key in self.objects(dataset, since.astimezone(UTC), until.astimezone(UTC)):
            for capture in self.read(key):
                if since <= capture.predicted_at < until and capture.identity not in told:
                    told.add(capture.identity)
                    yield capture

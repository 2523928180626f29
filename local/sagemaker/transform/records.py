"""Records of an input file, packed into payloads.

https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform.html
"""

from collections.abc import Iterator, Sequence


class PayloadError(Exception):
    """A record does not fit; the job ends with this as its FailureReason."""


def split(content: bytes, split_type: str) -> list[bytes]:
    """The whole file is one record unless it is split by lines."""
    if split_type == "None":
        return [content]
    return [line for line in content.splitlines() if line.strip()]


def batches(records: Sequence[bytes], strategy: str, largest: int) -> Iterator[list[bytes]]:
    """What goes into one request each: one record, or as many as fit."""
    batch: list[bytes] = []
    size = 0
    for record in records:
        if len(record) > largest:
            raise PayloadError(
                f"ClientError: a record has {len(record)} bytes, more than the {largest} of MaxPayloadInMB"
            )
        if batch and (strategy == "SingleRecord" or size + len(record) + 1 > largest):
            yield batch
            batch, size = [], 0
        batch.append(record)
        size += len(record) + 1
    if batch:
        yield batch

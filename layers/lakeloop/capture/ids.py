"""Inference ids that say when a prediction was made and whether it is kept.

UUIDs of version 8, whose bits are the maker's own (RFC 9562, section 5.8): 48 of Unix time in milliseconds, one for
kept, 41 random ones, and 32 of a checksum over those and the dataset, by which an id of another dataset, or of nobody,
is told. Callers may give ids of their own; those say nothing.
"""

import hashlib
import os
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

KEPT = 0x08
# An id is made before its model answers, and the prediction is later than that.
LONGEST_ANSWER = timedelta(minutes=1)
_OURS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Made:
    """What an id of ours says."""

    at: datetime
    kept: bool


def make(scope: str, *, kept: bool, milliseconds: int | None = None) -> str:
    """An id for a prediction now; `scope` is what it is checked by, an environment and its dataset."""
    when = time.time_ns() // 1_000_000 if milliseconds is None else milliseconds
    head = bytearray(when.to_bytes(6) + os.urandom(6))
    # The version stands in the first half of its byte, the variant in the first quarter of its own.
    head[6] = 0x80 | (KEPT if kept else 0) | (head[6] & 0x07)
    head[8] = 0x80 | (head[8] & 0x3F)
    text = (bytes(head) + _checksum(scope, bytes(head))).hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def is_ours(inference_id: str) -> bool:
    """Whether it has the form of those that are made here."""
    return _OURS.fullmatch(inference_id) is not None


def read(scope: str, inference_id: str) -> Made | None:
    """What an id says; None where it was not made for this dataset, or by its caller."""
    if not is_ours(inference_id):
        return None
    raw = bytes.fromhex(inference_id.replace("-", ""))
    if _checksum(scope, raw[:12]) != raw[12:]:
        return None
    return Made(datetime.fromtimestamp(int.from_bytes(raw[:6]) / 1000, UTC), bool(raw[6] & KEPT))


def scope(name_prefix: str, dataset: str) -> str:
    return f"{name_prefix}/{dataset}"


def is_sampled(inference_id: str, fraction: float) -> bool:
    """Whether a caller's own id falls into the share that is kept: asked again, it does again."""
    return int.from_bytes(hashlib.sha256(inference_id.encode()).digest()[:4]) < fraction * 2**32


def _checksum(scope: str, head: bytes) -> bytes:
    return hashlib.sha256(scope.encode() + b"\0" + head).digest()[:4]

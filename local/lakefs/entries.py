"""What a path points at."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

DEFAULT_CONTENT_TYPE = "application/octet-stream"


@dataclass(frozen=True)
class Entry:
    """One object: where its bytes are and what is known of them."""

    address: str
    checksum: str
    size: int
    mtime: int
    content_type: str = DEFAULT_CONTENT_TYPE
    metadata: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def identity(self) -> str:
        """Equal for equal content, wherever the bytes are and whenever they were written."""
        facts = [self.size, self.checksum, sorted(self.metadata.items()), self.content_type]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()

    def to_json(self) -> str:
        return json.dumps(
            [self.address, self.checksum, self.size, self.mtime, self.content_type, dict(self.metadata)],
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, text: str) -> Entry:
        return cls(*json.loads(text))


# Paths and what they become; None removes the path.
Changes: TypeAlias = Mapping[str, Entry | None]


@dataclass(frozen=True)
class Difference:
    """A path whose entry is not the same on two sides; None where the path does not exist."""

    path: str
    left: Entry | None
    right: Entry | None


def same(left: Entry | None, right: Entry | None) -> bool:
    if left is None or right is None:
        return left is right
    return left.identity == right.identity

"""The bucket of what is neither landed nor in the lake: manifests, quarantined rows, models."""

from pathlib import Path
from typing import Protocol


class Artifacts(Protocol):
    def uri(self, key: str) -> str: ...

    def put(self, key: str, body: bytes) -> str:
        """Write the object and answer its s3:// address."""

    def upload(self, key: str, file: Path) -> str: ...

    def delete(self, key: str) -> None:
        """Take the object away; one that is not there is none either."""

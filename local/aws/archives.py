"""Function and layer archives, unpacked once per content and shared, read-only, by all handler processes.

ministack unpacks its own copy for every process: for a layer with polars that is 190 MB and several seconds each.
"""

import hashlib
import os
import shutil
import threading
import zipfile
from io import BytesIO
from pathlib import Path


class UnpackedArchives:
    """Archives by content hash below one folder, which belongs to one launcher."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}

    def folder_of(self, archive: bytes) -> Path:
        """The unpacked archive; concurrent callers with the same content wait for one extraction."""
        digest = hashlib.sha256(archive).hexdigest()
        unpacked = self._folder / digest
        with self._lock:
            lock = self._locks.setdefault(digest, threading.Lock())
        with lock:
            if not unpacked.exists():
                self._unpack(archive, unpacked)
        return unpacked

    def _unpack(self, archive: bytes, target: Path) -> None:
        partial = target.with_suffix(".partial")
        partial.mkdir(parents=True)
        with zipfile.ZipFile(BytesIO(archive)) as content:
            # extractall drops absolute paths and `..`, so no member can leave the folder.
            content.extractall(partial)
        partial.rename(target)
        # As on AWS, a handler cannot write into its own code (root can: it ignores the mode).
        for folder, _, files in os.walk(target):
            for file in files:
                (Path(folder) / file).chmod(0o555)
            Path(folder).chmod(0o555)


def delete_tree(folder: Path) -> None:
    """Delete a folder that may hold unpacked archives, whose folders are read-only."""
    for inner, _, _ in os.walk(folder):
        Path(inner).chmod(0o755)
    shutil.rmtree(folder, ignore_errors=True)

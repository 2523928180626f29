"""Committed content: immutable trees of path to entry, stored so that a commit writes only what it changes.

A tree is a list of ranges, each a run of neighbouring paths. Where a range ends depends on its last path alone, so the
same content always gives the same ranges and the same tree id, whichever commits led to it: "nothing changed" is an
equality of ids, and two trees are compared without reading the ranges they share.
"""

from __future__ import annotations

import hashlib
import json
import threading
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from typing import Protocol, TypeAlias

from lakeloop.local.lakefs.entries import Changes, Difference, Entry, same

EMPTY_TREE = ""
_PATHS_PER_RANGE = 64
_CACHED_RANGES = 128

Items: TypeAlias = Sequence[tuple[str, Entry]]


class Blobs(Protocol):
    """Where the pieces are kept, by id. Of two pieces saved under one id, equal but for addresses, the first stays."""

    owner: str

    def load(self, blob_id: str) -> str: ...

    def save(self, blob_id: str, body: str) -> None: ...


@dataclass(frozen=True)
class _Range:
    id: str
    first: str
    last: str


class RangeCache:
    """The ranges read last, parsed; shared by all threads, since a saved range never changes."""

    def __init__(self) -> None:
        self._items: OrderedDict[tuple[str, str], Items] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[str, str]) -> Items | None:
        with self._lock:
            items = self._items.get(key)
            if items is not None:
                self._items.move_to_end(key)
            return items

    def put(self, key: tuple[str, str], items: Items) -> None:
        with self._lock:
            self._items[key] = items
            while len(self._items) > _CACHED_RANGES:
                self._items.popitem(last=False)


class Trees:
    """Reads and writes trees in one set of blobs."""

    def __init__(self, blobs: Blobs, cache: RangeCache | None = None) -> None:
        self._blobs = blobs
        self._cache = cache or RangeCache()

    def get(self, tree: str, path: str) -> Entry | None:
        for found, entry in self.scan(tree, start=path):
            return entry if found == path else None
        return None

    def scan(self, tree: str, start: str = "") -> Iterator[tuple[str, Entry]]:
        """All paths from `start` on, in order."""
        for part in self._ranges(tree):
            if part.last < start:
                continue
            items = self._items(part)
            first = bisect_left(items, start, key=lambda item: item[0])
            yield from items[first:]

    def diff(self, left: str, right: str) -> Iterator[Difference]:
        """Every path that differs between two trees, in order."""
        left_ranges, right_ranges = self._ranges(left), self._ranges(right)
        shared = {part.id for part in left_ranges} & {part.id for part in right_ranges}
        olds = dict(self._all_items(part for part in left_ranges if part.id not in shared))
        news = dict(self._all_items(part for part in right_ranges if part.id not in shared))
        for path in sorted(olds.keys() | news.keys()):
            old, new = olds.get(path), news.get(path)
            if not same(old, new):
                yield Difference(path, old, new)

    def write(self, tree: str, changes: Changes) -> str:
        """Store the tree that `tree` becomes by `changes`; its id."""
        ranges = self._ranges(tree)
        pending = sorted(changes)
        written: list[_Range] = []
        unclosed: list[tuple[str, Entry]] = []
        for index, part in enumerate(ranges):
            is_last = index == len(ranges) - 1
            here = len(pending) if is_last else _count_up_to(pending, part.last)
            if not here and not unclosed:
                written.append(part)
                continue
            unclosed += _overlay(self._items(part), pending[:here], changes)
            pending = pending[here:]
            unclosed = self._close(unclosed, written)
        if not ranges:
            unclosed = self._close(_overlay([], pending, changes), written)
        if unclosed:
            written.append(self._save_range(unclosed))
        return self._save_tree(written)

    def _close(self, items: Items, written: list[_Range]) -> list[tuple[str, Entry]]:
        """Write the ranges that are complete; what is left belongs to the next one."""
        start = 0
        for index, (path, _) in enumerate(items):
            if _ends_range(path):
                written.append(self._save_range(items[start : index + 1]))
                start = index + 1
        return list(items[start:])

    def _save_range(self, items: Items) -> _Range:
        digest = hashlib.sha256()
        for path, entry in items:
            digest.update(json.dumps([path, entry.identity]).encode())
        range_id = digest.hexdigest()
        body = "\n".join(json.dumps(path) + "\t" + entry.to_json() for path, entry in items)
        self._blobs.save(range_id, body)
        return _Range(range_id, items[0][0], items[-1][0])

    def _save_tree(self, ranges: Sequence[_Range]) -> str:
        # A tree that was emptied is another than one that was never filled, as on the real server.
        body = json.dumps([astuple(part) for part in ranges])
        tree = hashlib.sha256(body.encode()).hexdigest()
        self._blobs.save(tree, body)
        return tree

    def _ranges(self, tree: str) -> list[_Range]:
        if tree == EMPTY_TREE:
            return []
        return [_Range(*part) for part in json.loads(self._blobs.load(tree))]

    def _items(self, part: _Range) -> Items:
        key = (self._blobs.owner, part.id)
        items = self._cache.get(key)
        if items is None:
            items = [_parse_item(line) for line in self._blobs.load(part.id).split("\n")]
            self._cache.put(key, items)
        return items

    def _all_items(self, ranges: Iterable[_Range]) -> Iterator[tuple[str, Entry]]:
        for part in ranges:
            yield from self._items(part)


def _parse_item(line: str) -> tuple[str, Entry]:
    path, _, entry = line.partition("\t")
    return json.loads(path), Entry.from_json(entry)


def _ends_range(path: str) -> bool:
    digest = hashlib.sha256(path.encode()).digest()
    return int.from_bytes(digest[:4], "big") % _PATHS_PER_RANGE == 0


def _count_up_to(paths: Sequence[str], last: str) -> int:
    return next((index for index, path in enumerate(paths) if path > last), len(paths))


def _overlay(items: Items, paths: Iterable[str], changes: Changes) -> list[tuple[str, Entry]]:
    """`items` with the changes of `paths` applied, in order."""
    merged = dict(items)
    for path in paths:
        entry = changes[path]
        if entry is None:
            merged.pop(path, None)
        else:
            merged[path] = entry
    return sorted(merged.items())

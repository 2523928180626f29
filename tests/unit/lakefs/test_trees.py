"""Trees against the plain dictionaries they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeloop.local.lakefs import trees as trees_module
from lakeloop.local.lakefs.entries import Changes, Difference, Entry, same
from lakeloop.local.lakefs.trees import EMPTY_TREE, Trees
from tests.unit.lakefs.strategies import changes, contents, entry, paths


class Memory:
    """Blobs in a dictionary; the first of two of one id stays, as in the store."""

    owner = "test"

    def __init__(self) -> None:
        self.saved: dict[str, str] = {}

    def load(self, blob_id: str) -> str:
        return self.saved[blob_id]

    def save(self, blob_id: str, body: str) -> None:
        self.saved.setdefault(blob_id, body)


@pytest.fixture(autouse=True, scope="module")
def _short_ranges() -> object:
    """A tree of a few paths shall have several ranges, too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trees_module, "_PATHS_PER_RANGE", 3)
        yield


def apply(content: Mapping[str, Entry], change: Changes) -> dict[str, Entry]:
    result = {**content, **change}
    return {path: kept for path, kept in result.items() if kept is not None}


@given(st.lists(changes, max_size=5))
def test_a_tree_holds_what_its_changes_say(history: list[Changes]) -> None:
    trees, tree, content = Trees(Memory()), EMPTY_TREE, dict[str, Entry]()

    for change in history:
        tree = trees.write(tree, change)
        content = apply(content, change)

        assert list(trees.scan(tree)) == sorted(content.items())


@given(contents, changes)
def test_the_same_content_is_the_same_tree_however_it_came_about(content: dict[str, Entry], detour: Changes) -> None:
    trees = Trees(Memory())
    direct = trees.write(EMPTY_TREE, content)

    there = trees.write(direct, detour)
    back = {path: content.get(path) for path in detour}

    assert trees.write(there, back) == direct


@given(contents)
def test_a_tree_that_was_emptied_has_no_paths_and_is_not_the_one_never_filled(content: dict[str, Entry]) -> None:
    trees = Trees(Memory())
    tree = trees.write(EMPTY_TREE, content)

    emptied = trees.write(tree, dict.fromkeys(content))
    assert emptied != EMPTY_TREE
    assert list(trees.scan(emptied)) == []
    assert list(trees.diff(emptied, EMPTY_TREE)) == []


@given(contents, contents)
def test_diff_finds_every_path_that_differs(left: dict[str, Entry], right: dict[str, Entry]) -> None:
    trees = Trees(Memory())

    found = list(trees.diff(trees.write(EMPTY_TREE, left), trees.write(EMPTY_TREE, right)))

    assert found == [
        Difference(path, left.get(path), right.get(path))
        for path in sorted(left.keys() | right.keys())
        if not same(left.get(path), right.get(path))
    ]


@given(contents, paths)
def test_lookups_and_scans_begin_anywhere(content: dict[str, Entry], path: str) -> None:
    trees = Trees(Memory())
    tree = trees.write(EMPTY_TREE, content)

    assert trees.get(tree, path) == content.get(path)
    assert list(trees.scan(tree, path)) == sorted(item for item in content.items() if item[0] >= path)


def test_a_small_change_of_a_large_tree_writes_little() -> None:
    memory = Memory()
    trees = Trees(memory)
    tree = trees.write(EMPTY_TREE, {f"part-{number:05}": entry(number) for number in range(3000)})
    before = len(memory.saved)

    trees.write(tree, {"part-01500x": entry(1)})

    # The range that changed, perhaps its neighbour, and the list of ranges.
    assert len(memory.saved) - before <= 3


def test_identity_is_content_and_not_place_or_time() -> None:
    one = Entry("s3://bucket/a", "sum", 5, mtime=1, content_type="text/csv", metadata={"k": "v"})

    assert replace(one, address="s3://bucket/b", mtime=2).identity == one.identity
    for change in ({"checksum": "other"}, {"size": 6}, {"content_type": "text/plain"}, {"metadata": {"k": "w"}}):
        assert replace(one, **change).identity != one.identity

"""Pages: whatever their size, together they are the whole."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from lakeloop.local.lakefs import listing
from lakeloop.local.lakefs.listing import Item, PageRequest

_paths = st.lists(st.text(alphabet="ab/\ud7ff\ue000", max_size=6), unique=True).map(sorted)


def scanner(paths: list[str]) -> listing.Scan[str]:
    def scan(start: str) -> Iterator[tuple[str, str]]:
        return ((path, path) for path in paths if path >= start)

    return scan


def everything(paths: list[str], prefix: str, delimiter: str) -> list[Item[str]]:
    """The definition: group each path at the first delimiter behind the prefix, and drop repetitions."""
    items: list[Item[str]] = []
    for path in paths:
        if not path.startswith(prefix):
            continue
        end = path.find(delimiter, len(prefix)) if delimiter else -1
        item = Item(path, path) if end < 0 else Item(path[: end + len(delimiter)], None)
        if item not in items:
            items.append(item)
    return items


@given(_paths, st.sampled_from(["", "a", "a/", "b"]), st.sampled_from(["", "/", "a", "\ud7ff"]), st.integers(1, 4))
def test_pages_add_up(paths: list[str], prefix: str, delimiter: str, amount: int) -> None:
    collected: list[Item[str]] = []
    after, has_more = "", True
    while has_more:
        page = listing.page(scanner(paths), PageRequest(prefix, after, delimiter, amount))
        assert len(page.items) <= amount
        collected += page.items
        after, has_more = page.next_offset, page.has_more

    # The empty path sorts before every "after" there is, so no page can begin with it.
    assert collected == [item for item in everything(paths, prefix, delimiter) if item.key]


@given(st.lists(st.text(alphabet="abc", min_size=1, max_size=3), unique=True).map(sorted), st.integers(1, 3))
def test_pages_of_short_lists_add_up(names: list[str], amount: int) -> None:
    collected: list[str] = []
    after, has_more = "", True
    while has_more:
        page = listing.page_of(names, str, PageRequest("a", after, amount=amount))
        collected += page.items
        after, has_more = page.next_offset, page.has_more

    assert collected == [name for name in names if name.startswith("a")]


def test_a_group_is_skipped_without_reading_it() -> None:
    paths = [f"a/{number:04}" for number in range(1000)] + ["b"]
    read: list[str] = []

    def scan(start: str) -> Iterator[tuple[str, str]]:
        for path in paths:
            if path >= start:
                read.append(path)
                yield path, path

    page = listing.page(scan, PageRequest(delimiter="/"))

    assert [item.key for item in page.items] == ["a/", "b"]
    assert len(read) == 2

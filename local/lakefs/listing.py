"""Pages of sorted things: after a key, below a prefix, grouped at a delimiter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeAlias, TypeVar

MAX_PER_PAGE = 1000
DEFAULT_PER_PAGE = 100
_SURROGATES = range(0xD800, 0xE000)

T = TypeVar("T")
Pagination: TypeAlias = dict[str, bool | int | str]
# All there is from a key on, in order.
Scan: TypeAlias = Callable[[str], Iterator[tuple[str, T]]]


@dataclass(frozen=True)
class PageRequest:
    """Which page is wanted; an empty text stands for "not restricted"."""

    prefix: str = ""
    after: str = ""
    delimiter: str = ""
    amount: int = DEFAULT_PER_PAGE


@dataclass(frozen=True)
class Item(Generic[T]):
    """One line of a listing: a value, or with `value` None the common prefix of several."""

    key: str
    value: T | None


@dataclass(frozen=True)
class Page(Generic[T]):
    items: Sequence[T]
    has_more: bool
    next_offset: str

    def pagination(self) -> Pagination:
        return {
            "has_more": self.has_more,
            "next_offset": self.next_offset,
            "results": len(self.items),
            "max_per_page": MAX_PER_PAGE,
        }


def take(items: Iterator[T], amount: int, key: Callable[[T], str]) -> Page[T]:
    """The next `amount` items; one more is drawn to know whether there are any."""
    taken = list(islice(items, amount))
    has_more = len(taken) == amount and next(items, None) is not None
    return Page(taken, has_more, key(taken[-1]) if has_more else "")


def page(scan: Scan[T], request: PageRequest) -> Page[Item[T]]:
    """One page of a listing, grouped at the delimiter."""
    return take(_walk(scan, request), request.amount, key=lambda item: item.key)


def page_of(values: Sequence[T], key: Callable[[T], str], request: PageRequest) -> Page[T]:
    """One page of a short sorted list."""
    wanted = (value for value in values if key(value).startswith(request.prefix) and key(value) > request.after)
    return take(wanted, request.amount, key)


def _walk(scan: Scan[T], request: PageRequest) -> Iterator[Item[T]]:
    start: str | None = max(request.prefix, request.after)
    while start is not None:
        position, start = start, None
        for path, value in scan(position):
            if not path.startswith(request.prefix):
                return
            group = _group(path, request)
            if group is None:
                if path > request.after:
                    yield Item(path, value)
                continue
            if group > request.after:
                yield Item(group, None)
            # Skip the rest of the group without reading it.
            start = _after_all_of(group)
            break


def _group(path: str, request: PageRequest) -> str | None:
    """The common prefix this path is listed under, if any."""
    if not request.delimiter:
        return None
    end = path.find(request.delimiter, len(request.prefix))
    return None if end < 0 else path[: end + len(request.delimiter)]


def _after_all_of(prefix: str) -> str:
    """The first text that sorts behind everything beginning with `prefix`."""
    following = ord(prefix[-1]) + 1
    if following in _SURROGATES:
        following = _SURROGATES.stop
    return prefix[:-1] + chr(following)

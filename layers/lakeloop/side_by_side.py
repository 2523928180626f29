"""Work that waits for servers or for other work, several pieces of it at a time."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

# As many connections as the adapters keep. A server answers a call in some milliseconds, of which a processor of ours
# works on one.
THREADS = 8


def side_by_side(work: Callable[[T], R], items: Iterable[T], threads: int = THREADS) -> list[R]:
    """What the work makes of each item, in the order of the items.

    Raises what the first of the items in that order raised, when nothing is under way any more; items behind it may
    have been worked on or not. One thread works in order, and on nothing after a failure.
    """
    if threads == 1:
        return [work(item) for item in items]
    with ThreadPoolExecutor(threads) as pool:
        running = [pool.submit(work, item) for item in items]
        try:
            return [one.result() for one in running]
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def ahead(items: Iterator[T]) -> Iterator[T]:
    """The items in their order, each made by another thread while the one before is worked on.

    Raises what making an item raises, where the item would have come. Where there is but one no thread is begun.
    """
    yield from islice(items, 1)
    made = list(islice(items, 1))
    with ThreadPoolExecutor(1) as pool:
        while made:
            coming = pool.submit(list, islice(items, 1))
            yield from made
            made = coming.result()

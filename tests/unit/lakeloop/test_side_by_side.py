"""Work in threads answers, and fails, as work in order does."""

from collections.abc import Iterator
from threading import Barrier

import pytest

from lakeloop.side_by_side import ahead, side_by_side


@pytest.mark.parametrize("threads", [1, 4])
def test_answers_stand_in_the_order_of_the_items(threads: int) -> None:
    assert side_by_side(lambda number: number * 2, range(50), threads) == [number * 2 for number in range(50)]


@pytest.mark.parametrize("threads", [1, 4])
def test_the_first_failure_in_the_order_of_the_items_is_raised(threads: int) -> None:
    def work(number: int) -> None:
        if number in (3, 7):
            raise ValueError(str(number))

    with pytest.raises(ValueError, match="3"):
        side_by_side(work, range(10), threads)


def test_several_are_under_way_at_a_time() -> None:
    both = Barrier(2, timeout=20)

    assert sorted(side_by_side(lambda _: both.wait(), range(2), 2)) == [0, 1]


@pytest.mark.parametrize("count", range(6))
def test_what_is_made_ahead_comes_in_its_order(count: int) -> None:
    assert list(ahead(iter(range(count)))) == list(range(count))


def test_an_item_is_made_while_the_one_before_is_worked_on() -> None:
    both = Barrier(2, timeout=20)

    def items() -> Iterator[int]:
        yield from (0, 1)
        both.wait()
        yield 2

    for item in ahead(items()):
        if item == 1:
            both.wait()


@pytest.mark.parametrize("good", range(5))
def test_what_making_an_item_raises_comes_in_its_place(good: int) -> None:
    def items() -> Iterator[int]:
        yield from range(good)
        raise ValueError("no more")

    coming = ahead(items())

    assert [next(coming) for _ in range(good)] == list(range(good))
    with pytest.raises(ValueError, match="no more"):
        next(coming)


def test_what_is_made_ahead_is_not_made_any_longer_when_nobody_takes_it() -> None:
    made = []

    def items() -> Iterator[int]:
        for number in range(100):
            made.append(number)
            yield number

    coming = ahead(items())
    assert [next(coming) for _ in range(4)] == [0, 1, 2, 3]
    coming.close()  # type: ignore[attr-defined]

    assert len(made) <= 5

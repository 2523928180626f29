"""Work in threads answers, and fails, as work in order does."""

from threading import Barrier

import pytest

from lakeloop.side_by_side import side_by_side


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

"""How a metric comes out over weighted rows, for many weightings at once.

The rows lie in strata, as their weights do (`lakeloop.evaluation.resampling`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import add
from typing import Protocol

import polars as pl

from lakeloop.evaluation.resampling import Draws


class Measure(Protocol):
    def over(self, draws: Draws) -> pl.Series:
        """The value in each draw."""


@dataclass(frozen=True)
class Mean:
    """What `then` makes of the weighted means of quantities of rows; each quantity lies in strata."""

    quantities: tuple[tuple[pl.Series, ...], ...]
    then: Callable[..., pl.Series] = lambda mean: mean

    def over(self, draws: Draws) -> pl.Series:
        total = _sum([_by_draw(weights, draws.count).arr.sum() for weights in draws.strata])
        return self.then(*(_weighted(quantity, draws) / total for quantity in self.quantities))


class Ranking:
    """Where the scores of rows of a class lie among those of all others; each of both is a stratum."""

    def __init__(self, positive: pl.Series, negative: pl.Series, *, at: tuple[int, int]) -> None:
        """`at` are the places of both strata."""
        self.at = at
        better, worse = positive.arg_sort(), negative.arg_sort()
        ordered = negative.gather(worse)
        self.positive_order = Places(better, len(positive))
        self.negative_order = Places(worse, len(negative))
        self.below = Places(ordered.search_sorted(positive, "left"), len(negative))
        self.upto = Places(ordered.search_sorted(positive, "right"), len(negative))
        self.among = Places(positive.gather(better).search_sorted(positive, "left"), len(positive))


class Places:
    """Places in a stratum of `size` rows."""

    def __init__(self, places: pl.Series, size: int) -> None:
        self._places = places.cast(pl.Int64)
        self._size = size
        self.over = lru_cache(maxsize=2)(self._over)

    def _over(self, count: int) -> pl.Series:
        """The same places in each of `count` draws."""
        starts = pl.int_range(count, eager=True) * self._size
        return pl.concat([self._places] * count) + _each(starts, len(self._places))


@dataclass(frozen=True)
class Area:
    """The area under the ROC curve, in which ties count half: the weight of the pairs in the right order."""

    ranking: Ranking

    def over(self, draws: Draws) -> pl.Series:
        positive, negative = (draws.strata[place] for place in self.ranking.at)
        sums, starts, ends = _running(negative, self.ranking.negative_order, draws.count)
        below, upto = (sums.gather(places.over(draws.count)) for places in (self.ranking.below, self.ranking.upto))
        weight = _by_draw(positive, draws.count).arr.sum()
        right = _by_draw(positive * (below + upto) / 2, draws.count).arr.sum() - weight * starts
        return right / (weight * (ends - starts))


@dataclass(frozen=True)
class AveragePrecision:
    """The mean, over the rows of the class, of its share among the rows whose scores are not lower."""

    ranking: Ranking

    def over(self, draws: Draws) -> pl.Series:
        positive, negative = (draws.strata[place] for place in self.ranking.at)
        hits, _, hits_end = _running(positive, self.ranking.positive_order, draws.count)
        misses, _, misses_end = _running(negative, self.ranking.negative_order, draws.count)
        size = len(positive) // draws.count
        hit = _each(hits_end, size) - hits.gather(self.ranking.among.over(draws.count))
        missed = _each(misses_end, size) - misses.gather(self.ranking.below.over(draws.count))
        # No row of a draw may score as high as one that is not in it.
        shares = (hit / (hit + missed)).fill_nan(0)
        return _by_draw(positive * shares, draws.count).arr.sum() / _by_draw(positive, draws.count).arr.sum()


def _running(weights: pl.Series, order: Places, count: int) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Sums of weights in the order of scores through all draws, and those before and after each draw."""
    sums = pl.concat([pl.Series([0.0]), weights.gather(order.over(count)).cum_sum()])
    borders = sums.gather(pl.int_range(count + 1, eager=True) * (len(weights) // count))
    return sums, borders.head(count), borders.tail(count)


def _weighted(quantity: Sequence[pl.Series], draws: Draws) -> pl.Series:
    strata = zip(draws.strata, quantity, strict=True)
    return _sum([(_by_draw(weights, draws.count) * _by_draw(values, 1)).arr.sum() for weights, values in strata])


def _by_draw(series: pl.Series, draws: int) -> pl.Series:
    return series.reshape((draws, len(series) // draws))


def _sum(series: Sequence[pl.Series]) -> pl.Series:
    return reduce(add, series)


def _each(series: pl.Series, times: int) -> pl.Series:
    """Every value so many times in a row."""
    return series.repeat_by(times).explode()

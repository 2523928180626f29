"""Resamples of test rows, stratified: how often each row counts in each of them.

The bootstrap of Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapters 6 and 8: a stratum is drawn
from its own rows with replacement, as many as it has, so that no resample lacks a class.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

# Rows times draws that are held at once: 8 bytes each, in about a dozen columns.
ELEMENTS = 500_000


@dataclass(frozen=True)
class Draws:
    """Weights of the rows of each stratum, one draw after another in one Series."""

    count: int
    strata: tuple[pl.Series, ...]


def once(weights: Sequence[pl.Series]) -> Draws:
    """Every row as often as it is there."""
    return Draws(1, tuple(weights))


def resamples(weights: Sequence[pl.Series], draws: int, seed: int) -> Iterator[Draws]:
    """`draws` resamples in parts that fit into memory; the same seed gives the same.

    `weights` are those of the rows, by stratum; none is empty.
    """
    at_once = max(1, ELEMENTS // sum(map(len, weights)))
    seeds = random.Random(seed)  # noqa: S311 no secret
    for start, end in pairwise([*range(0, draws, at_once), draws]):
        count = end - start
        counted = (_counts(len(rows), count, seeds.getrandbits(32)) for rows in weights)
        drawn = zip(counted, weights, strict=True)
        yield Draws(count, tuple(counts * pl.concat([rows] * count) for counts, rows in drawn))


def _counts(rows: int, draws: int, seed: int) -> pl.Series:
    """How often each of `rows` rows is picked, in each draw."""
    cells = rows * draws
    picked = pl.int_range(rows, eager=True).sample(cells, with_replacement=True, seed=seed)
    start_of_draw = pl.int_range(cells, eager=True) // rows * rows
    runs = (picked + start_of_draw).sort().rle().struct.unnest()
    return pl.zeros(cells, dtype=pl.Float64, eager=True).scatter(runs["value"], runs["len"].cast(pl.Float64))

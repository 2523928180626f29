"""How far a window may be from the reference by chance alone: limits from a simulation, for each shape of bins.

Both samples are drawn anew from the reference's shares, `DRAWS` times. Their tail is farther out than so many draws
reach, as all variables together share one probability of a false alarm; so it is continued by what is known of it. A
cube root of a chi-square is nearly normal (Wilson and Hilferty, 1931), and the PSI without drift is nearly a chi-square
times (1 / rows + 1 / reference rows). The chance of a distance above d falls as exp(-2 n d²) at the slowest, n being
the reciprocal of that sum (Massart, 1990).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import cast

import polars as pl

from lakeloop.monitoring.bins import QUANTILES, Bins, Counts
from lakeloop.monitoring.distances import HALF
from lakeloop.monitoring.profile import Variable

# Of a window without drift, over all variables and their measures together. Half of the 1 % that is promised.
FALSE_ALARM = 0.005
DRAWS = 1000
# Larger samples spread by the root of their size: simulated smaller, and scaled.
MOST_ROWS = 1000
MOST_REFERENCE_ROWS = 4000
# Seeds, so that a window is judged alike however often.
OF_WINDOW, OF_REFERENCE = 0, 1
# From where on the tail of the distance is continued.
OFTEN = 0.05
# A quantile that the draws still tell well.
FAR = 0.99


@dataclass(frozen=True)
class Limits:
    """What chance reaches in one of `1 / error` windows; `ks` is None of a category."""

    psi: float
    ks: float | None
    new: float


def limits(variable: Variable, window: Counts, *, variables: int) -> Limits:
    """The limits of a variable that is one of so many, for windows of the size of this one."""
    bins, reference = variable.bins, variable.counts
    # Each variable has two measures: PSI with either KS or the share of new values.
    error = FALSE_ALARM / (2 * max(1, variables))
    return Limits(
        _psi_limit(bins, reference, max(1, window.rows - window.new), error),
        _ks_limit(reference.known, window.known, error) if bins.kind == "number" else None,
        _new_limit(bins.once, variable.rows, max(1, window.rows), error),
    )


def _psi_limit(bins: Bins, reference: Counts, rows: int, error: float) -> float:
    missing = (reference.missing,) if reference.missing else ()
    tail = _psi_tail(_shape((*bins.tenths(reference), *missing)), *_scaled(rows, reference.rows))
    root = tail.mean + NormalDist().inv_cdf(1 - error) * tail.deviation
    return root**3 * tail.rows * (1 / rows + 1 / max(1, reference.rows))


def _ks_limit(reference: int, rows: int, error: float) -> float:
    """Of a number without ties, whatever its distribution; ties make the distance smaller."""
    if not (reference and rows):
        return 1.0
    beyond = _ks_upper(*_scaled(rows, reference)) + max(0.0, math.log(OFTEN / error) / 2)
    return min(1.0, math.sqrt(beyond * (1 / rows + 1 / reference)))


def _new_limit(once: int, reference: int, rows: int, error: float) -> float:
    """The share of rows with values that the reference has not.

    What is to be expected of it is the share of the reference's rows whose value it has once (Good, The population
    frequencies of species, 1953).
    """
    expected = once / max(1, reference)
    deviation = math.sqrt((expected + 1 / rows) / rows)
    return min(1.0, expected + NormalDist().inv_cdf(1 - error) * deviation)


def _scaled(rows: int, reference: int) -> tuple[int, int]:
    """Sizes that are simulated for those that are: no larger than can be afforded."""
    return _rounded(min(rows, MOST_ROWS)), _rounded(min(reference, MOST_REFERENCE_ROWS))


def _rounded(rows: int) -> int:
    """To two digits, so that windows of nearly one size share a simulation; downwards, which widens limits."""
    unit: int = 10 ** max(0, int(math.log10(max(1, rows))) - 1)
    return max(1, rows // unit * unit)


def _shape(counts: Sequence[int]) -> tuple[float, ...]:
    """The shares of bins, in order of size, which says nothing to PSI; so that features alike share a simulation."""
    total = sum(counts) + HALF * len(counts)
    return tuple(sorted(float(f"{(count + HALF) / total:.1g}") for count in counts))


@dataclass(frozen=True)
class _Tail:
    """Of the cube root of the PSI of samples; `rows` is the reciprocal of what their sizes spread by."""

    mean: float
    deviation: float
    rows: float


@lru_cache(maxsize=256)
def _psi_tail(shares: tuple[float, ...], rows: int, reference: int) -> _Tail:
    window, before = _drawn(shares, rows, OF_WINDOW), _drawn(shares, reference, OF_REFERENCE)
    of_window, of_before = rows + HALF * len(shares), reference + HALF * len(shares)
    total = pl.zeros(DRAWS, eager=True, dtype=pl.Float64)
    for place in range(len(shares)):
        q, p = (window[place] + HALF) / of_window, (before[place] + HALF) / of_before
        total = total + (q - p) * (q / p).log()
    roots = total.clip(0) ** (1 / 3)
    middle, far = (float(roots.quantile(part, "linear") or 0) for part in (0.5, FAR))
    # Rare bins have heavier tails than their spread tells.
    deviation = max(float(cast("float", roots.std())), (far - middle) / NormalDist().inv_cdf(FAR))
    return _Tail(float(cast("float", roots.mean())), deviation, 1 / (1 / rows + 1 / reference))


@lru_cache(maxsize=64)
def _ks_upper(rows: int, reference: int) -> float:
    """n d² of the distance that `OFTEN` of undrifted windows reach."""
    shares = (1 / QUANTILES,) * QUANTILES
    window, before = _drawn(shares, rows, OF_WINDOW), _drawn(shares, reference, OF_REFERENCE)
    apart = pl.zeros(DRAWS, eager=True, dtype=pl.Float64)
    behind = pl.zeros(DRAWS, eager=True, dtype=pl.Float64)
    for place in range(len(shares)):
        behind = behind + window[place] / rows - before[place] / reference
        apart = pl.select(pl.max_horizontal(apart, behind.abs())).to_series()
    return float(apart.quantile(1 - OFTEN) or 0) ** 2 / (1 / rows + 1 / reference)


def _drawn(shares: Sequence[float], rows: int, seed: int) -> list[pl.Series]:
    """Counts of each bin in `DRAWS` samples of so many rows."""
    ends = pl.Series(shares).cum_sum()
    picked = _uniform(rows * DRAWS, seed) * float(ends[-1])
    places = ends.search_sorted(picked, "right").clip(0, len(shares) - 1).cast(pl.Int64)
    cells = places + pl.int_range(rows * DRAWS, eager=True) // rows * len(shares)
    found = cells.value_counts(name="rows")
    flat = pl.zeros(DRAWS * len(shares), dtype=pl.Float64, eager=True).scatter(
        found[cells.name], found["rows"].cast(pl.Float64)
    )
    return [flat.gather_every(len(shares), place) for place in range(len(shares))]


def _uniform(count: int, seed: int) -> pl.Series:
    """Numbers from 0 to below 1: polars draws integers alone."""
    size = 1 << 20
    return pl.int_range(size, eager=True).sample(count, with_replacement=True, seed=seed).cast(pl.Float64) / size

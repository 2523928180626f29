"""How far counts of a window are from those of the reference."""

import math
from collections.abc import Sequence
from itertools import accumulate

from lakeloop.monitoring.bins import Bins, Counts

# Added to each count, so that an empty bin has a logarithm (Jeffreys' prior of a share).
HALF = 0.5


def psi(reference: Sequence[int], window: Sequence[int]) -> float:
    """The population stability index, sum of (q - p) ln(q / p) over bins: 0 for equal shares, without limit above.

    Lewis, An Introduction to Credit Scoring (1994); its expectation without drift is about
    (bins - 1) (1 / rows + 1 / reference rows), Yurdakul, Statistical Properties of the PSI (2018).
    """
    of_reference, of_window = (sum(counts) + HALF * len(counts) for counts in (reference, window))
    total = 0.0
    for before, now in zip(reference, window, strict=True):
        p, q = (before + HALF) / of_reference, (now + HALF) / of_window
        total += (q - p) * math.log(q / p)
    return total


def ks(reference: Sequence[int], window: Sequence[int]) -> float:
    """The largest distance between both distribution functions at the edges of the bins, 0 to 1."""
    of_reference, of_window = sum(reference), sum(window)
    if not (of_reference and of_window):
        return 0.0
    steps = zip(accumulate(reference), accumulate(window), strict=True)
    return max(abs(before / of_reference - now / of_window) for before, now in steps)


def stability(bins: Bins, reference: Counts, window: Counts) -> float:
    """PSI of a variable; rows without a value are a bin of their own where there are any, new values none."""
    before, now = bins.tenths(reference), bins.tenths(window)
    if reference.missing or window.missing:
        before, now = (*before, reference.missing), (*now, window.missing)
    return psi(before, now)


def distance(bins: Bins, reference: Counts, window: Counts) -> float | None:
    """KS of a number, None of a category: its values have no order."""
    return ks(reference.bins, window.bins) if bins.kind == "number" else None


def share(some: int, counts: Counts) -> float:
    return some / counts.rows if counts.rows else 0.0

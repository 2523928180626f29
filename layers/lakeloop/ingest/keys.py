"""Which keys of a file were seen before, in time and memory that grow with the rows."""

import polars as pl

NOTHING = pl.Series([], dtype=pl.UInt64)


def hashed(keys: pl.Series, seed: int) -> pl.Series:
    """64 bits for each key; two keys that have the same under one seed differ under another."""
    return keys.hash(seed)


class SeenKeys:
    """64 bits of hash for each key, in sorted runs whose lengths at least double from the newest to the oldest.

    A key is looked for in each run by bisection, and a hash moves to a longer run only as often as runs double:
    n keys cost n log n, however many blocks they come in.
    """

    def __init__(self) -> None:
        self._runs: list[pl.Series] = []

    def first_of_each(self, hashes: pl.Series) -> pl.Series:
        """Whether neither an earlier call nor an earlier row of this one had the hash; remembers them."""
        # Looked up in order they meet a run where it is in the processor's memory already.
        ordered = hashes.sort()
        twice = ordered.filter(ordered == ordered.shift())
        seen = [self._found(run, ordered) for run in self._runs]
        before = pl.concat(seen) if seen else NOTHING
        fresh = pl.repeat(True, len(hashes), dtype=pl.Boolean, eager=True)
        if len(twice):
            again = hashes.is_in(twice.unique().implode()).arg_true()
            later = again.filter(~hashes.gather(again).is_first_distinct())
            fresh = fresh.scatter(later, False)
        if len(before):
            fresh &= ~hashes.is_in(before.implode())
        if len(twice) or len(before):
            ordered = hashes.filter(fresh).sort()
        self._remember(ordered)
        return fresh

    @staticmethod
    def _found(run: pl.Series, ordered: pl.Series) -> pl.Series:
        """Those that are in the run."""
        place = run.search_sorted(ordered).clip(upper_bound=len(run) - 1)
        return ordered.filter(run.gather(place) == ordered)

    def _remember(self, run: pl.Series) -> None:
        if run.is_empty():
            return
        while self._runs and len(self._runs[-1]) < 2 * len(run):
            run = pl.concat([self._runs.pop(), run]).sort()
        self._runs.append(run)

    @property
    def run_lengths(self) -> list[int]:
        return [len(run) for run in self._runs]

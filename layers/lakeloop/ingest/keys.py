"""Which keys of a file were seen before, in time and memory that grow with the rows."""

import polars as pl


class SeenKeys:
    """64 bits of hash for each key, in sorted runs whose lengths at least double from the newest to the oldest.

    A key is looked for in each run by bisection, and a hash moves to a longer run only as often as runs double:
    n keys cost n log n, however many blocks they come in.
    """

    def __init__(self) -> None:
        self._runs: list[pl.Series] = []

    def first_of_each(self, keys: pl.Series) -> pl.Series:
        """Whether neither an earlier call nor an earlier row of this one had the key; remembers the keys."""
        hashes = keys.hash()
        fresh = hashes.is_first_distinct()
        for run in self._runs:
            place = run.search_sorted(hashes).clip(upper_bound=len(run) - 1)
            fresh = fresh & (run.gather(place) != hashes)
        self._remember(hashes.filter(fresh).sort())
        return fresh

    def _remember(self, run: pl.Series) -> None:
        if run.is_empty():
            return
        while self._runs and len(self._runs[-1]) < 2 * len(run):
            run = pl.concat([self._runs.pop(), run]).sort()
        self._runs.append(run)

    @property
    def run_lengths(self) -> list[int]:
        return [len(run) for run in self._runs]

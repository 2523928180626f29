"""Fixed bins of one variable, made of the rows that a model learned from, and counts in them.

Counts in fixed bins add up, whatever the batches: a day of captures is never read as a whole.
"""

from dataclasses import dataclass, field
from typing import Literal, Self

import polars as pl

# Of the values of a number so many quantiles are kept for the distance of Kolmogorov and Smirnov, and each fifth of
# them for the population stability index: with 20 bins instead of ten every undrifted window of a small table alarms.
QUANTILES = 50
PER_BIN = 5
# A value of a category that is rarer, or not among so many, is one of the others.
MOST_VALUES = 20
RARE = 0.01


@dataclass(frozen=True)
class Counts:
    """How many rows lie in each bin, lack a value, or have one that the reference has not."""

    bins: tuple[int, ...]
    missing: int = 0
    new: int = 0

    @property
    def known(self) -> int:
        return sum(self.bins)

    @property
    def rows(self) -> int:
        return self.known + self.missing + self.new

    def __add__(self, other: "Counts") -> "Counts":
        bins = tuple(mine + theirs for mine, theirs in zip(self.bins, other.bins, strict=True))
        return Counts(bins, self.missing + other.missing, self.new + other.new)


@dataclass(frozen=True)
class Bins:
    """Of a `number`: bin k holds what is above edge k - 1 and at most edge k; `coarse` says where ten bins end.

    Of a `category`: a bin for each of `values`, and the last for the rare others, which `others` names; `once` of them
    occur once.
    """

    name: str
    kind: Literal["number", "category"]
    edges: tuple[float, ...] = ()
    coarse: tuple[int, ...] = ()
    values: tuple[str, ...] = ()
    others: frozenset[str] = field(default_factory=frozenset)
    once: int = 0

    @property
    def size(self) -> int:
        return len(self.edges if self.kind == "number" else self.values) + 1

    @classmethod
    def of(cls, name: str, values: pl.Series) -> Self:
        """The bins of a variable by its values in the reference: text and truths are categories."""
        if values.dtype.is_numeric():
            return cls._of_numbers(name, _finite(values))
        counted = (
            values.cast(pl.String)
            .drop_nulls()
            .value_counts(sort=True, name="rows")
            .sort(["rows", values.name], descending=[True, False])
        )
        enough = counted.filter(pl.col("rows") >= RARE * len(values)).head(MOST_VALUES)[values.name].to_list()
        rest = frozenset(counted[values.name]) - frozenset(enough)
        return cls(name, "category", values=tuple(enough), others=rest, once=int((counted["rows"] == 1).sum()))

    @classmethod
    def _of_numbers(cls, name: str, values: pl.Series) -> Self:
        """Quantiles that are alike are one edge, so that a value which half of the rows have is in one bin."""
        edges: list[float] = []
        coarse: list[int] = []
        for place in range(1, QUANTILES):
            edge = values.quantile(place / QUANTILES, "lower")
            if edge is None:
                break
            if not edges or edge > edges[-1]:
                edges.append(edge)
            if place % PER_BIN == 0 and (not coarse or len(edges) > coarse[-1]):
                coarse.append(len(edges))
        return cls(name, "number", edges=tuple(edges), coarse=tuple(coarse))

    def count(self, values: pl.Series) -> Counts:
        """The rows of one batch in these bins; a number that is none is missing."""
        places = self._places(values)
        missing = places.null_count()
        found = places.drop_nulls().value_counts(name="rows")
        by_place = dict(zip(found[places.name], found["rows"], strict=True))
        bins = tuple(by_place.get(place, 0) for place in range(self.size))
        return Counts(bins, missing, by_place.get(self.size, 0))

    def _places(self, values: pl.Series) -> pl.Series:
        """The bin of each row, null where it lacks a value, the size for a value that the reference has not."""
        if self.kind == "number":
            numbers = values.cast(pl.Float64)
            numbers = numbers.set(~numbers.is_finite(), None)
            found = pl.Series(self.edges, dtype=pl.Float64).search_sorted(numbers.fill_null(0.0), "left")
            return found.cast(pl.Int64).set(numbers.is_null(), None).alias("place")
        last = len(self.values)
        known = {value: place for place, value in enumerate(self.values)} | dict.fromkeys(self.others, last)
        text = values.cast(pl.String)
        found = text.replace_strict(known, default=self.size, return_dtype=pl.Int64)
        return found.set(text.is_null(), None).alias("place")

    def tenths(self, counts: Counts) -> tuple[int, ...]:
        """The counts that the stability index is made of: ten merged bins of a number, else all."""
        if self.kind == "category":
            return counts.bins
        ends = [*self.coarse, self.size]
        starts = [0, *self.coarse]
        return tuple(sum(counts.bins[start:end]) for start, end in zip(starts, ends, strict=True))


def _finite(values: pl.Series) -> pl.Series:
    numbers = values.cast(pl.Float64)
    return numbers.filter(numbers.is_finite())

"""What a window is compared with: the bins of each variable, and how the reference fills them."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import polars as pl

from lakeloop.monitoring.bins import Bins, Counts

FORMAT = 1


@dataclass(frozen=True)
class Variable:
    """One feature, or what the model answers, in its bins; `counts` are those of the reference of so many `rows`."""

    bins: Bins
    counts: Counts
    rows: int

    @property
    def name(self) -> str:
        return self.bins.name

    @classmethod
    def of(cls, name: str, values: pl.Series) -> Self:
        bins = Bins.of(name, values)
        if not bins.others:
            return cls(bins, bins.count(values), len(values))
        # The most frequent of many values were also the luckiest: rows that chose them must not say how frequent they
        # are.
        chosen = Bins.of(name, values.gather_every(2))
        bins = replace(chosen, others=(bins.others | frozenset(bins.values)) - frozenset(chosen.values), once=bins.once)
        return cls(bins, bins.count(values.gather_every(2, offset=1)), len(values))


@dataclass(frozen=True)
class Profile:
    """The reference of one served model: its features as it learned them, its answers as its test rows had them.

    `commit` is the one that it was trained on, `contract` the digest of the contract.
    """

    commit: str
    contract: str
    variables: tuple[Variable, ...]

    @classmethod
    def of(cls, commit: str, contract: str, *frames: pl.DataFrame) -> Self:
        """Each frame has the rows of its own columns: features of training rows, answers to test rows."""
        found = (Variable.of(name, frame[name]) for frame in frames for name in frame.columns)
        return cls(commit, contract, tuple(found))

    def count(self, batch: pl.DataFrame) -> "Tally":
        """What one batch of captures adds; a column that it has not is not counted, as of one that is sensitive."""
        there = (variable.bins for variable in self.variables if variable.name in batch.columns)
        return Tally(batch.height, {bins.name: bins.count(batch[bins.name]) for bins in there})

    def to_json(self) -> str:
        return json.dumps({"format": FORMAT, **asdict(self)}, default=sorted)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self | None:
        """None where another release wrote it: then it is made anew."""
        found = json.loads(text)
        if found.pop("format") != FORMAT:
            return None
        return cls(found["commit"], found["contract"], tuple(map(_variable, found["variables"])))


@dataclass(frozen=True)
class Tally:
    """The rows of any number of batches, counted; batches may be added in any order."""

    rows: int = 0
    counts: Mapping[str, Counts] | None = None

    def __add__(self, other: "Tally") -> "Tally":
        mine, theirs = dict(self.counts or {}), other.counts or {}
        for name, counts in theirs.items():
            mine[name] = mine[name] + counts if name in mine else counts
        return Tally(self.rows + other.rows, mine)


def _variable(written: Mapping[str, Any]) -> Variable:
    bins = written["bins"]
    lists = {name: tuple(bins[name]) for name in ("edges", "coarse", "values")}
    made = Bins(bins["name"], bins["kind"], **lists, others=frozenset(bins["others"]), once=bins["once"])
    counts = written["counts"]
    return Variable(made, Counts(tuple(counts["bins"]), counts["missing"], counts["new"]), written["rows"])

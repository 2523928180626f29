"""The seed under which each class has rows in each split."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lakeloop.contract import DatasetContract
from lakeloop.lake.layout import SPLITS
from lakeloop.values.splits import position

SEEDS = range(100)
NEEDED = {"train": 10, "validation": 2, "test": 2}
"""Rows of each class, CONTRACT.md 2.13; of any row where no classes are learned."""
# A class of so many texts has its rows in each split under any seed.
PLENTY = 2000

Texts = Sequence[tuple[str, str]]
"""For each row what decides its split, and its class."""


@dataclass(frozen=True)
class Seed:
    """The first that gives each class its rows, else the best; `short` says which class lacks how many where."""

    seed: int
    short: str = ""


def seed_for(contract: DatasetContract, rows: Texts) -> Seed:
    """The seed for labelled rows of a contract whose splits are by hash."""
    together = _rare(rows)
    best, best_share = Seed(contract.splits.seed), -1.0
    for seed in SEEDS:
        found = _classes_by_split(contract, together, seed)
        share, short = _judged(found)
        if not short:
            return Seed(seed)
        if share > best_share:
            best, best_share = Seed(seed, short), share
    return best


def _rare(rows: Texts) -> Mapping[str, Counter[str]]:
    """Rows by what decides their split, without classes that no seed can leave without."""
    texts: dict[str, set[str]] = {}
    for text, word in rows:
        seen = texts.setdefault(word, set())
        if len(seen) <= PLENTY:
            seen.add(text)
    counts: dict[str, Counter[str]] = {}
    for text, word in rows:
        if len(texts[word]) <= PLENTY:
            counts.setdefault(text, Counter())[word] += 1
    return counts


def _classes_by_split(
    contract: DatasetContract, together: Mapping[str, Counter[str]], seed: int
) -> dict[str, Counter[str]]:
    fractions = contract.splits.fractions
    found: dict[str, Counter[str]] = {}
    for text, classes in together.items():
        at = position(text, seed)
        split = 0 if at < fractions.train else 1 if at < fractions.train + fractions.validation else 2
        for word, count in classes.items():
            found.setdefault(word, Counter())[SPLITS[split]] += count
    return found


def _judged(found: Mapping[str, Counter[str]]) -> tuple[float, str]:
    """The smallest share of what is needed, and where it is below 1 the sentence that says so."""
    shares = {(word, split): counts[split] / NEEDED[split] for word, counts in found.items() for split in NEEDED}
    if not shares or min(shares.values()) >= 1:
        return 1.0, ""
    (word, split), share = min(shares.items(), key=lambda item: item[1])
    rows = found[word][split]
    said = f"{word or 'the table'} has {rows} rows in {split}, {NEEDED[split]} are needed"
    # Of seeds that leave as much wanting, the one that leaves least elsewhere.
    return share + sum(min(other, 1) for other in shares.values()) / (1000 * len(shares)), said

"""Several files of one dataset: their rows as one table, and what a later one does to the rows before."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import polars as pl

from lakeloop.errors import UnreadableObjectError
from lakeloop.inference.guess import Guess
from lakeloop.inference.landed import Landed
from lakeloop.inference.sample import Sample, sample_of

FILE = "_file"
SNAPSHOT = 0.9
"""A later file that holds so many of the keys before is the whole table again."""


@dataclass(frozen=True)
class Together:
    """One sample of all files, and which file each row is of, by its place."""

    sample: Sample
    file_of: pl.Series


def together(files: Sequence[Landed]) -> Together:
    """Raises UnreadableObjectError where a file is no table, or is written otherwise than the first."""
    samples = [sample_of(landed) for landed in files]
    first = samples[0]
    for landed, sample in zip(files[1:], samples[1:], strict=True):
        if (sample.form, sample.file) != (first.form, first.file) or (sample.names is None) != (first.names is None):
            raise UnreadableObjectError(
                f"{landed.name} is not written as {files[0].name} is: one dataset has one format, infer each by itself"
            )
    headers = list(dict.fromkeys(header for sample in samples for header in _headers(sample)))
    frames = [_aligned(sample, headers).with_columns(pl.lit(place).alias(FILE)) for place, sample in enumerate(samples)]
    frame = pl.concat(frames, how="vertical_relaxed")
    names = first.names if first.names is None else tuple(headers)
    if len(samples) == 1:
        headers, names = list(_headers(first)), first.names
    whole = all(sample.whole for sample in samples)
    damaged = sum(sample.damaged for sample in samples)
    worst = next((sample.first_damaged for sample in samples if sample.first_damaged), None)
    combined = replace(first, names=names, frame=frame.drop(FILE), damaged=damaged, whole=whole, first_damaged=worst)
    return Together(combined, frame[FILE])


def _headers(sample: Sample) -> tuple[str, ...]:
    if sample.names is None:
        return tuple(str(place) for place in range(sample.frame.width))
    return sample.names


def _aligned(sample: Sample, headers: Sequence[str]) -> pl.DataFrame:
    own = {header: str(place) for place, header in enumerate(_headers(sample))}
    if len(own) < sample.frame.width:
        # A name that stands there twice: the columns are told by their place.
        return sample.frame
    return sample.frame.select(
        (pl.col(own[header]) if header in own else pl.lit(None)).alias(str(place))
        for place, header in enumerate(headers)
    )


def delivery_guess(key: Sequence[Guess], file_of: pl.Series) -> tuple[str, str]:
    """append, upsert or snapshot, and why; nothing where there is one file or no key."""
    if not key or file_of.n_unique() < 2:
        return "", ""
    keys = pl.DataFrame({"file": file_of, **{str(place): guess.profile.cells for place, guess in enumerate(key)}})
    by_file = [part.drop("file").unique() for part in keys.partition_by("file", maintain_order=True)]
    shares = [
        earlier.join(later, on=earlier.columns, how="semi").height / earlier.height
        for earlier, later in pairwise(by_file)
    ]
    if not any(shares):
        return "append", "no key of a file stands in the next"
    if all(share >= SNAPSHOT for share in shares):
        return "snapshot", "each file holds nearly all keys of the one before"
    return "upsert", "some keys of a file stand in the next again"

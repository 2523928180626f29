"""DataProcessing: the columns that the model gets, and those that the output shows.

https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

PATH = re.compile(r"\$(?:\[(?P<items>[-\d:,\s]+)\])?")
ITEM = re.compile(r"\s*(?P<start>-?\d+)?\s*(?P<colon>:)?\s*(?P<stop>-?\d+)?\s*")


@dataclass(frozen=True)
class ColumnFilter:
    """A JSONPath as far as it makes sense for CSV: `$`, `$[0]`, `$[1:]`, `$[0,-1]`."""

    slices: tuple[slice, ...]

    @classmethod
    def parse(cls, path: str) -> "ColumnFilter":
        """Raises ValueError for a path that does not select columns."""
        match = PATH.fullmatch(path.strip())
        if match is None:
            raise ValueError(f"{path!r} does not select columns of CSV: $, $[0], $[1:] and $[0,-1] do")
        if match["items"] is None:
            return cls((slice(None),))
        return cls(tuple(_slice(item, path) for item in match["items"].split(",")))

    def apply(self, columns: Sequence[str]) -> list[str]:
        """Columns that are not there are left out."""
        return [column for chosen in self.slices for column in columns[chosen]]


def _slice(item: str, path: str) -> slice:
    match = ITEM.fullmatch(item)
    if match is None or not any(match.groups()):
        raise ValueError(f"{item!r} in {path!r} is neither a column nor a range of columns")
    start = int(match["start"]) if match["start"] else None
    if match["colon"]:
        return slice(start, int(match["stop"]) if match["stop"] else None)
    assert start is not None  # noqa: S101 - without a colon there is nothing else that can match
    # -1 is the last column, and a slice to 0 would be empty.
    return slice(start, start + 1 or None)

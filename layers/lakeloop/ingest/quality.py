"""Which files are set aside whole, and the sentence that says why."""

from collections import Counter
from dataclasses import dataclass, field

from lakeloop.contract import DatasetContract

# A key that most rows repeat is no key: the contract names the wrong column, or the file is there several times.
MOST_REPEATED = 0.5


@dataclass
class Tally:
    """What became of the rows of one file."""

    rows_in: int = 0
    rejected: int = 0
    """Rows that are set aside for what is in them; neither repeats nor rows without a label are."""
    repeated: int = 0
    unlabelled: int = 0
    nulls: Counter[str] = field(default_factory=Counter)
    """Missing values by column, among the rows that are good."""
    good: int = 0
    settings: Counter[str] = field(default_factory=Counter)
    """Settings of the contract's `file` under which damaged records could be read."""


def broken_limit(contract: DatasetContract, tally: Tally) -> str | None:
    """The sentence about the first limit that a whole file breaks."""
    quality = contract.quality
    if tally.rows_in < quality.min_rows:
        return f"file: {tally.rows_in} rows, at least {quality.min_rows} expected"
    rejected = tally.rejected / tally.rows_in
    if rejected > quality.max_rejected_fraction:
        limit = f"at most {quality.max_rejected_fraction:.1%} allowed"
        return f"file: {rejected:.1%} of {tally.rows_in} rows rejected, {limit}{_other_dialect(tally)}"
    repeated = tally.repeated / tally.rows_in
    if repeated > MOST_REPEATED:
        key = ", ".join(contract.row_key)
        return f"file: {repeated:.1%} of {tally.rows_in} rows repeat an earlier {key}: is it the key of a row?"
    return _too_many_nulls(contract, tally)


def _other_dialect(tally: Tally) -> str:
    """What to say in the contract where most of the rejected rows are written in another way."""
    for setting, rows in tally.settings.most_common(1):
        if 2 * rows > tally.rejected:
            return f"; most could be read with `file: {{{setting}}}`"
    return ""


def _too_many_nulls(contract: DatasetContract, tally: Tally) -> str | None:
    for column in contract.kept:
        if column.max_null_fraction is None or not tally.good:
            continue
        missing = tally.nulls[column.name] / tally.good
        if missing > column.max_null_fraction:
            limit = f"at most {column.max_null_fraction:.1%} allowed"
            return f"file: {column.name} is missing in {missing:.1%} of {tally.good} rows, {limit}"
    return None

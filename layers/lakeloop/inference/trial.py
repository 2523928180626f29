"""The guess before the gate: columns that cost too many rows become text, and splits are tried on the rows it takes."""

from typing import cast

import polars as pl

from lakeloop.contract import DatasetContract
from lakeloop.contract.columns import NUMERIC
from lakeloop.inference.draft import NAMED, Draft
from lakeloop.inference.guess import Ask, Guess, Rank
from lakeloop.inference.seeds import seed_for
from lakeloop.inference.types import string
from lakeloop.ingest.gate import PLACE, Gate, JudgedBlock
from lakeloop.ingest.placing import split_names, split_texts
from lakeloop.lake.layout import SPLITS
from lakeloop.tables import Block, Form

FEWEST_GROUPS = 3
MOST_LOST = 0.01
"""Of the rows, over all columns."""


def fitting(draft: Draft, file_of: pl.Series) -> pl.DataFrame:
    """The rows that the gate takes under the draft, whose columns are widened until it takes nearly all.

    A key that was guessed by the texts of cells is given up where their values are not all different.
    """
    good = _widened(draft)
    if draft.key and draft.key_reason != NAMED:
        keys = good.select(draft.key).with_columns(file_of.gather(good[PLACE]))
        if keys.is_duplicated().any():
            draft.key, draft.key_reason = (), ""
    return good.drop(PLACE)


def _widened(draft: Draft) -> pl.DataFrame:
    while True:
        judged = _judged(draft)
        lost = judged.refusals.filter(pl.col("column") != (draft.label.name if draft.label else ""))
        rows = draft.sample.frame.height
        costs = lost.group_by("column").agg(pl.col("place").n_unique().alias("rows")).sort("rows", "column")
        if lost["place"].n_unique() <= max(1, MOST_LOST * rows) or costs.is_empty():
            return judged.good
        worst = cast("str", costs["column"][-1])
        guess = next(guess for guess in draft.guesses if guess.name == worst)
        if guess.type == "string":
            return judged.good
        draft.guesses = [_as_text(guess) if guess.name == worst else guess for guess in draft.guesses]


def _as_text(guess: Guess) -> Guess:
    kept = {key: guess.settings[key] for key in ("nullable",) if key in guess.settings}
    settings = {**dict.fromkeys(guess.settings), **kept, "type": "string"}
    return string(guess.but(f"text, as {guess.type} it would cost too many rows", **settings), guess.missing)


def _judged(draft: Draft) -> JudgedBlock:
    """The verdict on all rows of the sample at once."""
    contract, sample = draft.contract(), draft.sample
    gate = Gate(contract)
    header = sample.names if sample.file.header else None
    matched = gate.matched(header, complete=sample.form != Form.JSON)
    lines = pl.int_range(1, sample.frame.height + 1, dtype=pl.UInt64, eager=True)
    return gate.judge(Block(header, sample.frame, lines, lambda _: [], sample.form), matched)


def give_splits(draft: Draft, good: pl.DataFrame) -> None:
    """Equal rows together, and the seed under which each class has rows in each split."""
    draft.rows = good.height
    contract = draft.contract()
    if draft.label and contract.row_key and not draft.by and (equal := _equal_rows(contract, good)):
        draft.by = "values"
        draft.by_reason = f"{equal} rows are equal but for their key, so they stay together"
        contract = draft.contract()
    if draft.label is None or good.is_empty():
        return
    label = good[draft.label.name]
    words = label.cast(pl.String) if contract.classes else pl.repeat("", len(label), eager=True)
    pairs = zip(split_texts(contract, good), words, label.is_not_null(), strict=True)
    found = seed_for(contract, [(text, word) for text, word, labelled in pairs if labelled])
    draft.seed, draft.short = found.seed, found.short
    if found.seed and not found.short:
        draft.seed_reason = (
            "the first seed that gives each class 10, 2 and 2 rows"
            if contract.classes
            else "the first with enough rows in each"
        )
    elif found.short:
        draft.seed_reason = f"the best of 100 seeds, yet {found.short}"
    _count_groups(draft, good)
    _doubt(draft, contract, good)


def _count_groups(draft: Draft, good: pl.DataFrame) -> None:
    contract = draft.contract()
    if not contract.splits.columns:
        return
    groups = good.select(contract.splits.columns).with_columns(split_names(contract, good).alias(PLACE)).unique()
    counts = dict(groups.group_by(PLACE).len().iter_rows())
    if any(counts.get(split, 0) < FEWEST_GROUPS for split in SPLITS):
        draft.few_groups = ", ".join(contract.splits.columns)


def _equal_rows(contract: DatasetContract, good: pl.DataFrame) -> int:
    """How many rows have the values of an earlier one under another key; none where no column tells much."""
    others = [column.name for column in contract.kept if column.name not in contract.row_key]
    measured = [column.name for column in contract.features if column.type in NUMERIC]
    if not others or not measured:
        return 0
    return good.height - good.select(others).unique().height


def _doubt(draft: Draft, contract: DatasetContract, good: pl.DataFrame) -> None:
    """Ask about times, by which a split may have to be made."""
    moments = [guess for guess in draft.guesses if guess.type in ("date", "timestamp") and not guess.nullable]
    if not moments or contract.splits.by == (moments[0].name,):
        return
    name = moments[0].name
    days = good[name].cast(pl.Date).drop_nulls().sort()
    if days.is_empty() or days[0] == days[-1]:
        return
    train, validation = (days[int(len(days) * share)] for share in (0.7, 0.85))
    until = f"{{by: {{column: {name}, until: {{train: {train}, validation: {validation}}}}}}}"
    text = f"splits: is the model asked about later rows than it learned from? Guessed no; if so, `splits: {until}`"
    draft.asks.append(Ask(Rank.TIMES, text))

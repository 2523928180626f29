"""Captures as tables: what requests held, typed as `rows/` has it, and what the model answered."""

import io
import json
from collections.abc import Mapping

import polars as pl

from lakeloop.contract import Column, DatasetContract, FileFormat
from lakeloop.contract.columns import NUMERIC, TRUTHS
from lakeloop.evaluation.scored import Task
from lakeloop.ingest.cells import DTYPES, ColumnReader
from lakeloop.tables import Block, Form
from lakeloop.tables.json_lines import JsonLines
from lakeloop.values import RefusedValueError, Value
from lakeloop.values.reading import CellReader

PREDICTION = "answer:prediction"
CONFIDENCE = "answer:confidence"
"""What a model answers, beside features; no column is called so."""

WATCHED = ("float", "integer", "boolean", "category")
"""Types of features that are compared: a moment lies behind all of those that a model learned from."""


def watched(contract: DatasetContract, hidden: frozenset[str]) -> list[str]:
    """The features that can be compared: neither moments nor of whom nothing, or a hash, is kept."""
    return [c.name for c in contract.features if c.type in WATCHED and c.name not in hidden | contract.sensitive]


class InputReader:
    """Reads what requests held, by the contract of the model that answered them.

    That model took each value, so a number that is written as one needs no second look.
    """

    def __init__(self, contract: DatasetContract, columns: list[str]) -> None:
        self._columns: list[Column] = [contract.column(name) for name in columns]
        self._readers = {column.name: ColumnReader(column, contract.file, feature=True) for column in self._columns}
        self._words = {column.name: CellReader(column, contract.file, feature=True) for column in self._columns}

    def frame(self, inputs: pl.Series) -> pl.DataFrame:
        """A row for each JSON object; null where it holds no value, or one that does not fit."""
        decoded = {c.name: pl.Float64 if c.type in NUMERIC else pl.String for c in self._columns}
        try:
            found = inputs.str.json_decode(pl.Struct(decoded)).struct.unnest()
        except pl.exceptions.ComputeError:
            # Some numbers are written as text.
            return self.exactly(inputs)
        return found.with_columns(
            found[c.name].cast(DTYPES[c.type], strict=False) if c.type in NUMERIC else self._worded(c, found[c.name])
            for c in self._columns
        )

    def _worded(self, column: Column, texts: pl.Series) -> pl.Series:
        known = {text: self._word(column, text) for text in texts.unique() if text is not None}
        return texts.replace_strict(known, default=None, return_dtype=DTYPES[column.type])

    def _word(self, column: Column, text: str) -> Value | None:
        is_truth = column.type == "boolean" and text in TRUTHS
        try:
            return self._words[column.name].json(text == TRUTHS[1] if is_truth else text)
        except RefusedValueError:
            return None

    def exactly(self, inputs: pl.Series) -> pl.DataFrame:
        """The same, value by value as the gate reads them."""
        lines = io.BytesIO("\n".join(inputs.to_list()).encode())
        schema = {column.name: DTYPES[column.type] for column in self._columns}
        blocks = JsonLines(lines, FileFormat(), self._readers.__contains__).blocks()
        return pl.concat([pl.DataFrame(schema=schema), *map(self._read, blocks)])

    def _read(self, block: Block) -> pl.DataFrame:
        there = dict(zip(block.names or (), block.frame.columns, strict=True))
        rows = block.frame.height
        return pl.DataFrame([self._cells(column, block.frame, there, rows) for column in self._columns])

    def _cells(self, column: Column, cells: pl.DataFrame, there: Mapping[str, str], rows: int) -> pl.Series:
        if column.name not in there:
            return pl.Series(column.name, [None] * rows, DTYPES[column.type])
        return self._readers[column.name].read(cells[there[column.name]], Form.JSON).values.alias(column.name)


def answers(contract: DatasetContract, captures: pl.DataFrame) -> pl.DataFrame:
    """What was answered: a number, or a class and how sure the model was of it."""
    if contract.problem == "regression":
        return captures.select(pl.col("prediction").cast(pl.Float64, strict=False).alias(PREDICTION))
    return captures.select(pl.col("prediction").alias(PREDICTION), pl.col("confidence").alias(CONFIDENCE))


def answers_of_scores(task: Task, scores: pl.DataFrame) -> pl.DataFrame:
    """The same of the scores that a model gave to its test rows."""
    if task.problem == "regression":
        return scores.select(pl.col(task.scores[0]).alias(PREDICTION))
    if task.problem == "binary":
        first, second = (pl.lit(name) for name in task.classes)
        positive = pl.col(task.scores[0])
        return scores.select(
            pl.when(positive > 1 - positive).then(second).otherwise(first).alias(PREDICTION),
            pl.max_horizontal(positive, 1 - positive).alias(CONFIDENCE),
        )
    likeliest = pl.concat_list(task.scores).list.arg_max()
    return scores.select(
        likeliest.replace_strict(dict(enumerate(task.classes)), return_dtype=pl.String).alias(PREDICTION),
        pl.max_horizontal(task.scores).alias(CONFIDENCE),
    )


def scores_of(task: Task, captures: pl.DataFrame) -> pl.DataFrame:
    """What the model answered as `Task.scores`, null where a capture does not say."""
    if task.problem == "regression":
        return captures.select(pl.col("prediction").cast(pl.Float64, strict=False).alias(task.scores[0]))
    told = [json.loads(text) if text else {} for text in captures["probabilities"]]
    wanted = task.classes[1:] if task.problem == "binary" else task.classes
    return pl.DataFrame(
        [
            pl.Series(score, [one.get(name) for one in told], pl.Float64, strict=False)
            for score, name in zip(task.scores, wanted, strict=True)
        ]
    )

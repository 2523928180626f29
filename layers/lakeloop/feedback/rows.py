"""Predictions and their labels as rows of their dataset; nothing here knows where any of them lie."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import polars as pl

from lakeloop.capture.record import Capture
from lakeloop.contract import Column, DatasetContract
from lakeloop.feedback.label import reader_of_labels
from lakeloop.feedback.obstacles import obstacles
from lakeloop.ingest.cells import DTYPES
from lakeloop.values import RefusedValueError, Value
from lakeloop.values.keys import value_text
from lakeloop.values.reading import CellReader

# What stands for a key that the request did not hold; no table of anybody's has keys that begin so.
OWN_KEY = "inference:"
Row = dict[str, Value | None]


@dataclass(frozen=True)
class Joined:
    """`rows` in the order of their predictions; `skipped` counts what makes none, by its reason."""

    rows: list[Row]
    skipped: Counter[str] = field(default_factory=Counter)


class NotJoinedError(Exception):
    """A prediction and its label make no row; the message is the reason, without a value."""


def join(contract: DatasetContract, captures: Iterable[Capture], labels: Mapping[str, str]) -> Joined:
    """Rows of the captures that have a label, which is given as JSON text by inference id.

    An id that was given to two inputs says nothing of either. Of one key the latest prediction stays.
    """
    maker = RowMaker(contract)
    by_id: dict[str, list[Capture]] = {}
    for capture in captures:
        if capture.inference_id in labels:
            by_id.setdefault(capture.inference_id, []).append(capture)
    found: list[tuple[Capture, Row]] = []
    skipped: Counter[str] = Counter()
    for id_, several in by_id.items():
        try:
            found.append((latest := _one_input(several), maker.row(latest, labels[id_])))
        except NotJoinedError as error:
            skipped[str(error)] += 1
    found.sort(key=lambda pair: (pair[0].predicted_at, pair[0].inference_id))
    rows = [row for _, row in found]
    if contract.row_key:
        last = {tuple(_text(row[name]) for name in contract.row_key): place for place, row in enumerate(rows)}
        stay = set(last.values())
        skipped["a later prediction of the same key"] += len(rows) - len(stay)
        rows = [row for place, row in enumerate(rows) if place in stay]
    return Joined(rows, +skipped)


def frame(contract: DatasetContract, rows: Iterable[Row]) -> pl.DataFrame:
    """The rows under the names that the contract finds columns by; columns that it skips are empty."""
    columns = {column.name: _header(column) for column in contract.columns}
    dtypes = {column.name: DTYPES.get(column.type, pl.String()) for column in contract.columns}
    table = pl.DataFrame([{name: row.get(name) for name in columns} for row in rows], schema=dtypes)
    return table.rename(columns)


class RowMaker:
    """Reads what requests held by today's contract, as the gate reads it."""

    def __init__(self, contract: DatasetContract) -> None:
        self._contract = contract
        learned = {*(column.name for column in contract.features), contract.label}
        self._readers = {
            column.name: CellReader(column, contract.file, feature=column.name in learned) for column in contract.kept
        }
        self._label = reader_of_labels(contract)
        self._obstacle = next(obstacles(contract), "")

    def row(self, capture: Capture, label: str) -> Row:
        """Raises NotJoinedError."""
        if self._obstacle:
            raise NotJoinedError(self._obstacle)
        given = exactly(capture.input)
        others = [column for column in self._contract.kept if column.name != self._contract.label]
        row = {column.name: self._value(column, given, capture) for column in others}
        return {**row, self._contract.label_column.name: self._labelled(label)}

    def _labelled(self, label: str) -> Value | None:
        try:
            return self._label.json(exactly(label))
        except RefusedValueError as error:
            raise NotJoinedError("the label does not fit today's contract") from error

    def _value(self, column: Column, given: Mapping[str, Any], capture: Capture) -> Value | None:
        # What stands there for a sensitive value is its hash, which is no value.
        value = None if column.sensitive else given.get(column.name)
        if value is None and self._contract.row_key == (column.name,):
            value = f"{OWN_KEY}{capture.inference_id}"
        if value is None and column.name in self._contract.row_key:
            raise NotJoinedError(f"the request held no `{column.name}`, which is part of the key")
        try:
            return self._readers[column.name].json(value)
        except RefusedValueError as error:
            said = "the request held no" if given.get(column.name) is None else "today's contract refuses the"
            raise NotJoinedError(f"{said} `{column.name}`") from error


def _one_input(captures: list[Capture]) -> Capture:
    """The latest of the tellings of one request. Raises NotJoinedError where the id stands for several."""
    if len({capture.input for capture in captures}) > 1:
        raise NotJoinedError("the inference id was given to several inputs")
    return max(captures, key=lambda capture: capture.predicted_at)


def exactly(text: str) -> Any:  # noqa: ANN401 it is any JSON
    """JSON with its numbers to the digit."""
    return json.loads(text, parse_int=Decimal, parse_float=Decimal)


def _header(column: Column) -> str:
    if column.header is not None:
        return column.header[0]
    return column.from_[0] if column.from_ else column.name


def _text(value: Value | None) -> str:
    return "" if value is None else value_text(value)

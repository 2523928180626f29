"""Rows judged by a contract, and as the lines of CSV that the container reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakeloop.contract import Column, DatasetContract
from lakeloop.serving.request import LONGEST_SHOWN, AskedRow, FieldProblem, InvalidRequestError
from lakeloop.values import RefusedValueError, Value
from lakeloop.values.codes import FeatureEncoder, asked_columns, carried_columns
from lakeloop.values.reading import CellReader
from lakeloop.values.refusal import LONGEST_RULE, shown

# Whole numbers that a double tells apart are written without a point.
WHOLE = 2**53
MOST_CONTRACTS = 16
# How the gate begins a rule, and how a caller is told.
EXPECTED = {"type: ": "", "one of ": "one of ", "min: ": "at least ", "max: ": "at most ", "pattern: ": "the pattern "}


@dataclass(frozen=True)
class PredictionRequest:
    """A row that fits, as its model reads it."""

    inference_id: str
    csv: str


class RequestReader:
    """Reads requests to the models of one contract, by the same definition of a value as the gate reads files."""

    def __init__(self, contract: DatasetContract) -> None:
        self._encoder = FeatureEncoder(contract)
        self._sensitive = contract.sensitive
        self._columns = {column.name: column for column in asked_columns(contract)}
        self._readers = {name: self._reader(contract, column) for name, column in self._columns.items()}
        carried = {column.name: column for column in carried_columns(contract)}
        self._carried = {name: self._reader(contract, column) for name, column in carried.items()}
        self.names = frozenset({*self._columns, *carried})
        """What a request may give."""
        self.public = frozenset(column.name for column in self._columns.values() if column.public)
        """What a query string may give."""
        self.is_public = self._columns.keys() == self.public
        """Whether a row may stand in an address."""

    @staticmethod
    def _reader(contract: DatasetContract, column: Column) -> CellReader:
        return CellReader(column, contract.file, feature=column in contract.features)

    def request(self, row: AskedRow, today: "RequestReader") -> PredictionRequest:
        """The row as the model reads it; columns that only today's contract has are left out.

        Raises InvalidRequestError with every missing, unknown or wrongly typed field.
        """
        csv, wrong = self.csv(row.features)
        given = {name: reader for name, reader in self._carried.items() if row.features.get(name) is not None}
        wrong = [*wrong, *self._judged(given, row.features)[1]]
        problems = [
            FieldProblem(f"features.{name[:LONGEST_SHOWN]}", "unknown")
            for name in row.features
            if name not in self.names and name not in today.names
        ]
        if row.problems or problems or wrong:
            raise InvalidRequestError([*row.problems, *problems, *wrong])
        return PredictionRequest(row.inference_id, csv)

    def csv(self, features: Mapping[str, Any]) -> tuple[str, list[FieldProblem]]:
        """The line that the container reads, and what is wrong with the values."""
        row, problems = self._judged(self._readers, features)
        if problems:
            return "", problems
        # The container takes an empty line for no row, and `nan` for a value that is missing.
        return ",".join(map(_number, self._encoder.numbers(row))) or "nan", []

    def _judged(
        self, readers: Mapping[str, CellReader], features: Mapping[str, Any]
    ) -> tuple[dict[str, Value | None], list[FieldProblem]]:
        row: dict[str, Value | None] = {}
        problems = []
        for name, reader in readers.items():
            try:
                row[name] = reader.json(features.get(name))
            except RefusedValueError as error:
                given = features.get(name)
                found = "a sensitive value" if name in self._sensitive else _found(given)
                problems.append(FieldProblem(f"features.{name}", _problem(error.rule, given, found)))
        return row, problems


class Readers:
    """The readers of the contracts that are asked for; making one costs more than a prediction."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[DatasetContract, RequestReader]] = {}

    def of(self, contract: DatasetContract) -> RequestReader:
        known = self._known.get(id(contract))
        if known is None:
            if len(self._known) >= MOST_CONTRACTS:
                self._known.clear()
            # The contract is kept with it, so that no other gets its id.
            known = self._known[id(contract)] = (contract, RequestReader(contract))
        return known[1]


def _number(number: float | None) -> str:
    """As the container reads it: nothing where it is missing."""
    if number is None:
        return ""
    return str(int(number)) if number.is_integer() and abs(number) < WHOLE else repr(number)


def _problem(rule: str, value: object, found: str) -> str:
    if value is None:
        return "missing"
    found = f", found {found}"
    for start, words in EXPECTED.items():
        if rule.startswith(start):
            return _cut(f"expected {words}{rule.removeprefix(start)}", LONGEST_RULE - len(found)) + found
    return _cut(rule, LONGEST_RULE - len(found)) + found


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _found(value: object) -> str:
    """The value, or its kind where it is a whole structure."""
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    return shown(str(value).lower() if isinstance(value, bool) else value)

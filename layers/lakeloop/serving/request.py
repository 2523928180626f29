"""A prediction request judged by the contract, and as the line of CSV that the container reads."""

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lakeloop.contract import Column, DatasetContract
from lakeloop.values import RefusedValueError, Value
from lakeloop.values.codes import FeatureEncoder
from lakeloop.values.reading import CellReader
from lakeloop.values.refusal import LONGEST_RULE, shown

# It travels in a header, where SageMaker takes 64 characters of ASCII.
INFERENCE_ID = re.compile(r"[!-~]([ -~]{0,62}[!-~])?")
# One row; serverless endpoints take 4 MB, a function 6 with everything around it.
LARGEST_BODY = 1024 * 1024
INFERENCE_ID_EXPECTED = "must be text of 1 to 64 printable ASCII characters, none of them a space at its ends"
MOST_PROBLEMS = 100
LONGEST_SHOWN = 40
# Whole numbers that a double tells apart are written without a point.
WHOLE = 2**53
MOST_CONTRACTS = 16
# How the gate begins a rule, and how a caller is told.
EXPECTED = {"type: ": "", "one of ": "one of ", "min: ": "at least ", "max: ": "at most ", "pattern: ": "the pattern "}


@dataclass(frozen=True)
class FieldProblem:
    field: str
    problem: str


class InvalidRequestError(Exception):
    """The request does not fit the contract; `problems` names every field that does not."""

    def __init__(self, problems: list[FieldProblem]) -> None:
        super().__init__("the request does not fit the contract of the dataset")
        self.problems = problems[:MOST_PROBLEMS]


class TooLargeRequestError(Exception):
    """The body has more bytes than one row can need."""


@dataclass(frozen=True)
class PredictionRequest:
    inference_id: str
    csv: str


class RequestReader:
    """Reads requests to the models of one contract, by the same definition of a value as the gate reads files."""

    def __init__(self, contract: DatasetContract) -> None:
        self._encoder = FeatureEncoder(contract)
        self._columns = {name: contract.column(name) for name in self._encoder.columns}
        self._readers = {name: self._reader(contract, column) for name, column in self._columns.items()}

    @staticmethod
    def _reader(contract: DatasetContract, column: Column) -> CellReader:
        return CellReader(column, contract.file, feature=column in contract.features)

    @property
    def names(self) -> frozenset[str]:
        """What a request may give."""
        return frozenset(self._columns)

    def csv(self, features: dict[str, Any]) -> tuple[str, list[FieldProblem]]:
        """The line that the container reads, and what is wrong with the values."""
        row: dict[str, Value | None] = {}
        problems = []
        for name, reader in self._readers.items():
            try:
                row[name] = reader.json(features.get(name))
            except RefusedValueError as error:
                given = features.get(name)
                found = "a sensitive value" if self._columns[name].sensitive else _found(given)
                problems.append(FieldProblem(f"features.{name}", _problem(error.rule, given, found)))
        if problems:
            return "", problems
        # The container takes an empty line for no row, and `nan` for a value that is missing.
        return ",".join(map(_number, self._encoder.numbers(row))) or "nan", []


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


def parse(body: str, reader: RequestReader, today: RequestReader) -> PredictionRequest:
    """The request as the model of `reader` reads it; columns that only today's contract has are left out.

    Raises InvalidRequestError with every missing, unknown or wrongly typed field, or TooLargeRequestError.
    """
    request = _json(body)
    features = request.get("features") if isinstance(request, dict) else None
    if not isinstance(features, dict):
        raise InvalidRequestError([FieldProblem("features", "missing: an object of feature names and values")])
    problems = [*_unknown(request, features, reader.names | today.names)]
    csv, wrong = reader.csv(features)
    inference_id = request.get("inference_id", str(uuid.uuid4()))
    if not isinstance(inference_id, str) or not INFERENCE_ID.fullmatch(inference_id):
        wrong.append(FieldProblem("inference_id", INFERENCE_ID_EXPECTED))
    if problems or wrong:
        raise InvalidRequestError([*problems, *wrong])
    return PredictionRequest(inference_id=inference_id, csv=csv)


def _unknown(request: dict[str, Any], features: dict[str, Any], known: frozenset[str]) -> Iterator[FieldProblem]:
    for name in request:
        if name not in ("features", "inference_id"):
            yield FieldProblem(name[:LONGEST_SHOWN], "unknown")
    for name in features:
        if name not in known:
            yield FieldProblem(f"features.{name[:LONGEST_SHOWN]}", "unknown")


def _json(body: str) -> Any:  # noqa: ANN401 it is any JSON
    if len(body.encode(errors="surrogatepass")) > LARGEST_BODY:
        raise TooLargeRequestError(f"a request has at most {LARGEST_BODY:,} bytes")
    try:
        return json.loads(body, parse_int=Decimal, parse_float=Decimal)
    except json.JSONDecodeError as error:
        raise InvalidRequestError([FieldProblem("", f"the body is not JSON: {error}")]) from error
    except RecursionError as error:
        raise InvalidRequestError([FieldProblem("", "the body is nested too deeply")]) from error


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

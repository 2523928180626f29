"""A prediction request judged by the contract, and as the line of CSV that the container reads."""

import json
import math
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakeloop.contract import Column, DatasetContract

Value = str | int | float | bool | None
BOOLEANS: Mapping[str, str] = {"true": "1", "1": "1", "false": "0", "0": "0"}
# It travels in a header, where SageMaker takes 64 characters of ASCII.
INFERENCE_ID = re.compile(r"[!-~]([ -~]{0,62}[!-~])?")
# One row; serverless endpoints take 4 MB, a function 6 with everything around it.
LARGEST_BODY = 1024 * 1024
INFERENCE_ID_EXPECTED = "must be text of 1 to 64 printable ASCII characters, none of them a space at its ends"
MOST_PROBLEMS = 100
LONGEST_SHOWN = 40
MOST_LISTED = 10
# An integer of more than 64 bits is a float, as it is in files.
INTEGER_LIMIT = 2**63


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


def parse(body: str, contract: DatasetContract, today: DatasetContract) -> PredictionRequest:
    """The request as the model of `contract` reads it; columns that only today's contract has are left out.

    Raises InvalidRequestError with every missing, unknown or wrongly typed field, or TooLargeRequestError.
    """
    request = _json(body)
    features = request.get("features") if isinstance(request, dict) else None
    if not isinstance(features, dict):
        raise InvalidRequestError([FieldProblem("features", "missing: an object of feature names and values")])
    problems = [
        FieldProblem(name[:LONGEST_SHOWN], "unknown") for name in request if name not in ("features", "inference_id")
    ]
    known = {column.name for column in (*contract.features, *today.features)}
    problems += [FieldProblem(f"features.{name[:LONGEST_SHOWN]}", "unknown") for name in features if name not in known]
    texts = []
    for column in contract.features:
        try:
            texts.append(_text(column, features.get(column.name)))
        except ValueError as error:
            problems.append(FieldProblem(f"features.{column.name}", str(error)))
    inference_id = request.get("inference_id", str(uuid.uuid4()))
    if not isinstance(inference_id, str) or not INFERENCE_ID.fullmatch(inference_id):
        problems.append(FieldProblem("inference_id", INFERENCE_ID_EXPECTED))
    if problems:
        raise InvalidRequestError(problems)
    # The container takes an empty line for no row, and `nan` for a value that is missing.
    return PredictionRequest(inference_id=inference_id, csv=",".join(texts) or "nan")


def _json(body: str) -> Any:  # noqa: ANN401 it is any JSON
    if len(body.encode(errors="surrogatepass")) > LARGEST_BODY:
        raise TooLargeRequestError(f"a request has at most {LARGEST_BODY:,} bytes")
    try:
        return json.loads(body, parse_int=_integer)
    except json.JSONDecodeError as error:
        raise InvalidRequestError([FieldProblem("", f"the body is not JSON: {error}")]) from error
    except RecursionError as error:
        raise InvalidRequestError([FieldProblem("", "the body is nested too deeply")]) from error


def _integer(text: str) -> int | float:
    """As an integer while it is one of 64 bits, else as a float, infinite beyond what that holds."""
    value = float(text)
    return int(text) if abs(value) < INTEGER_LIMIT else value


def _text(column: Column, value: Value) -> str:
    """The value as the model reads it, nothing where it is missing. Raises ValueError saying what was expected."""
    if value is None:
        if column.nullable:
            return ""
        raise ValueError("missing")
    match column.type:
        case "category":
            return _category(column, value)
        case "boolean":
            return _boolean(value)
        case _:
            return _number(column, value)


def _category(column: Column, value: Value) -> str:
    if value not in column.allowed:
        raise ValueError(f"must be one of {_listed(column.allowed)}")
    return str(column.allowed.index(str(value)))


def _listed(allowed: tuple[str, ...]) -> str:
    more = f" and {len(allowed) - MOST_LISTED} more" if len(allowed) > MOST_LISTED else ""
    return ", ".join(allowed[:MOST_LISTED]) + more


def _boolean(value: Value) -> str:
    text = BOOLEANS.get(str(value).lower()) if isinstance(value, str | int) else None
    if text is None:
        raise ValueError("must be true or false")
    return text


def _number(column: Column, value: Value) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"must be a number, not {_shown(value)}")
    if column.type == "integer" and value != int(value):
        raise ValueError(f"must be an integer, not {value}")
    if column.type == "integer" and abs(value) >= INTEGER_LIMIT:
        raise ValueError(f"must be an integer of 64 bits, not {value}")
    if column.min is not None and value < column.min:
        raise ValueError(f"must be at least {column.min:g}")
    if column.max is not None and value > column.max:
        raise ValueError(f"must be at most {column.max:g}")
    return repr(value)


def _shown(value: Value) -> str:
    """The value, or its kind where it is a whole structure."""
    if isinstance(value, str | int | float):
        text = json.dumps(value)
        return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
    return "a list" if isinstance(value, list) else "an object"

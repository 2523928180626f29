"""What callers ask: one row, several, or a query string, before any contract judges it."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

# It travels in a header, where SageMaker takes 64 characters of ASCII.
INFERENCE_ID = re.compile(r"[!-~]([ -~]{0,62}[!-~])?")
INFERENCE_ID_EXPECTED = "must be text of 1 to 64 printable ASCII characters, none of them a space at its ends"
# One row, which no contract can make larger.
LARGEST_BODY = 1024 * 1024
# Lambda takes 6 MB, in which a body is a JSON text: each of its quotes counts twice, and headers come along.
LARGEST_BATCH = 3_000_000
MOST_ROWS = 500
MOST_PROBLEMS = 100
LONGEST_SHOWN = 40


@dataclass(frozen=True)
class FieldProblem:
    field: str
    problem: str


class InvalidRequestError(Exception):
    """The request does not fit the contract; `problems` names every field that does not."""

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__("the request does not fit the contract of the dataset")
        self.problems = list(problems[:MOST_PROBLEMS])


class TooLargeRequestError(Exception):
    """The body has more bytes than its rows can need, or more than fits."""


@dataclass(frozen=True)
class AskedRow:
    """One row as it came; `problems` are those that it has under every contract. An id that is empty is made up."""

    features: Mapping[str, Any]
    inference_id: str = ""
    problems: tuple[FieldProblem, ...] = ()


def one_row(body: str) -> AskedRow:
    """The row of `{"features": {...}, "inference_id": "..."}`. Raises InvalidRequestError or TooLargeRequestError."""
    row = _row(json_body(body, LARGEST_BODY))
    if row is None:
        raise InvalidRequestError([FieldProblem("features", FEATURES_EXPECTED)])
    return row


def several_rows(body: str) -> list[AskedRow]:
    """The rows of `{"rows": [...]}`, each a request as `one_row` takes it.

    Raises InvalidRequestError or TooLargeRequestError.
    """
    batch = json_body(body, LARGEST_BATCH)
    found = batch.get("rows") if isinstance(batch, dict) else None
    if not isinstance(found, list):
        raise InvalidRequestError([FieldProblem("rows", "missing: a list of objects with `features`")])
    problems = [FieldProblem(name[:LONGEST_SHOWN], "unknown") for name in batch if name != "rows"]
    if not 1 <= len(found) <= MOST_ROWS:
        problems.append(FieldProblem("rows", f"expected 1 to {MOST_ROWS} rows, found {len(found)}"))
    if problems:
        raise InvalidRequestError(problems)
    rows = [_row(row) or AskedRow({}, "", (FieldProblem("features", FEATURES_EXPECTED),)) for row in found]
    return list(_each_id_once(rows))


def query(parameters: Mapping[str, Sequence[str]], public: frozenset[str]) -> AskedRow:
    """The row of a query string, in which columns that are not public are unknown."""
    unknown = [FieldProblem(f"features.{name[:LONGEST_SHOWN]}", "unknown") for name in parameters if name not in public]
    twice = [
        FieldProblem(f"features.{name}", f"expected once, found {len(values)} times")
        for name, values in parameters.items()
        if name in public and len(values) > 1
    ]
    features = {name: values[0] for name, values in parameters.items() if name in public and values}
    return AskedRow(features, problems=(*unknown, *twice))


FEATURES_EXPECTED = "missing: an object of feature names and values"


def _row(found: object) -> AskedRow | None:
    """None for what has no features at all, which says nothing that could be judged."""
    features = found.get("features") if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(features, dict):
        return None
    problems = [
        FieldProblem(name[:LONGEST_SHOWN], "unknown") for name in found if name not in ("features", "inference_id")
    ]
    given = found.get("inference_id", "")
    if "inference_id" in found and not (isinstance(given, str) and INFERENCE_ID.fullmatch(given)):
        problems.append(FieldProblem("inference_id", INFERENCE_ID_EXPECTED))
        given = ""
    return AskedRow(features, given, tuple(problems))


def _each_id_once(rows: Sequence[AskedRow]) -> Iterator[AskedRow]:
    """An id stands for one prediction: a batch that gives one twice has it refused in each of its rows."""
    times = Counter(row.inference_id for row in rows if row.inference_id)
    for row in rows:
        if times[row.inference_id] > 1:
            twice = FieldProblem("inference_id", f"expected once in a batch, found {times[row.inference_id]} times")
            yield replace(row, problems=(*row.problems, twice))
        else:
            yield row


def json_body(body: str, largest: int) -> Any:  # noqa: ANN401 it is any JSON
    """Numbers are kept to the digit. Raises InvalidRequestError or TooLargeRequestError."""
    # No character has more than four bytes: most bodies need not be encoded to be measured.
    if len(body) * 4 > largest and len(body.encode(errors="surrogatepass")) > largest:
        raise TooLargeRequestError(f"a request has at most {largest:,} bytes")
    try:
        return json.loads(body, parse_int=Decimal, parse_float=Decimal)
    except json.JSONDecodeError as error:
        raise InvalidRequestError([FieldProblem("", f"the body is not JSON: {error}")]) from error
    except RecursionError as error:
        raise InvalidRequestError([FieldProblem("", "the body is nested too deeply")]) from error


def json_text(value: object) -> str:
    """What `json_body` read, as JSON again: a number to the digit, those inside of a list or an object as texts."""
    return str(value) if isinstance(value, Decimal) else json.dumps(value, separators=(",", ":"), default=str)

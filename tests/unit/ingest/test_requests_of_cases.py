"""What the gate took from the tables of the cases is asked for, and is the same vector."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from lakeloop.contract import DatasetContract
from lakeloop.errors import UnreadableObjectError
from lakeloop.ingest.features import features_frame
from lakeloop.serving.reader import RequestReader
from tests.cases import DATA, contract_of
from tests.fakes import MemoryEndpoints
from tests.unit.ingest.test_data_cases import rows_of, taken, variants
from tests.unit.serving.asking import ask

WHOLE_FILE = [variant for variant in variants() if variant.id.endswith(f"-{2**23}")]


def asked(folder: str, features: dict[str, Any]) -> tuple[int, str, list[str]]:
    """Status and body of the answer, and what the model was asked."""
    endpoints = MemoryEndpoints()
    answer = ask({"features": features}, endpoints, "case", contract_of(DATA / folder))
    return answer.status, json.dumps(answer.body), endpoints.bodies


def vectors(contract: DatasetContract, rows: pl.DataFrame) -> list[list[float | None]]:
    return [list(row[1:]) for row in features_frame(contract, rows).rows()]


def request(contract: DatasetContract, row: dict[str, Any]) -> dict[str, Any]:
    """What is missing because it was not listed is asked for by a word that is not listed."""
    return {
        name: "?!" if value is None and contract.column(name).unlisted != "reject" else value
        for name, value in row.items()
    }


def read_back(line: str) -> list[float | None]:
    """`nan` keeps a line from being empty, where a single number is missing or nothing is a feature."""
    return [float(number) if number not in ("", "nan") else None for number in line.split(",")]


@pytest.mark.parametrize(("folder", "expected", "size"), WHOLE_FILE)
def test_a_row_that_the_gate_took_is_asked_for_with_the_same_numbers(
    folder: Path, expected: dict[str, Any], size: int, tmp_path: Path
) -> None:
    contract = contract_of(folder, expected.get("with", {}))
    try:
        rows = rows_of(taken(contract, folder / expected.get("file", "input.csv"), tmp_path, size), contract)  # type: ignore[arg-type]
    except (AttributeError, UnreadableObjectError):
        return
    reader = RequestReader(contract)

    lines = [
        reader.csv(request(contract, {name: row[name] for name in reader.names}))
        for row in json.loads(rows.write_json())
    ]

    assert [problems for _, problems in lines if problems] == []
    assert [read_back(line) for line, _ in lines] == [vector or [None] for vector in vectors(contract, rows)]


def test_predict_spellings() -> None:
    requests = json.loads((DATA / "predict-spellings" / "requests.json").read_text())

    answers = [asked("predict-spellings", features) for features in requests]

    assert [(status, lines) for status, _, lines in answers] == [
        (200, ["2,1,1,"]),
        (200, ["2,2,1,1.5"]),
        (200, ["2,1,1,"]),
        (200, ["2,1,1,1.5"]),
    ]


@pytest.mark.parametrize("value", [None, "x1", 1000, 100.5, True, [], "x" * 100_000, "\u200b\uff11\uff10\uff11"])
def test_request_with_unlisted_value(value: object) -> None:
    of_case = json.loads((DATA / "request-with-unlisted-value" / "request.json").read_text())["features"]
    features = of_case if value == "x1" else {"tract": value}

    status, body, lines = asked("request-with-unlisted-value", features)

    assert status == 400
    assert len(body) < 500
    assert "tract" in body
    assert not lines


def test_every_reason_against_a_request_is_short() -> None:
    long = {"features": {name * 100: name for name in "abc"}}

    _, body, _ = asked("request-with-unlisted-value", {**long, "tract": "\U0001d7ce" * 5000})

    assert all(len(field["problem"]) <= 200 for field in json.loads(body)["fields"])

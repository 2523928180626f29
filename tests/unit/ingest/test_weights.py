"""The weight of a row: judged, kept, and nothing that a model or a request sees."""

import io
from pathlib import Path

import polars as pl
import pytest

from lakeloop.ingest.transform import transform
from lakeloop.serving.reader import RequestReader
from tests.data import tiny, tiny_csv

WEIGHTED = tiny(columns=[*tiny().columns, {"name": "copies", "type": "float"}], weight="copies")
HEADER = "id,y,f,i,c,t,copies"


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("0", "weight: above 0"),
        ("-0.0", "weight: above 0"),
        ("-2.5", "weight: above 0"),
        ("", "required"),
        ("two", "type: float"),
    ],
)
def test_a_row_whose_weight_is_no_number_above_0_is_set_aside(cell: str, reason: str, tmp_path: Path) -> None:
    content = tiny_csv(f"a,yes,1,1,a,1,{cell}", "b,no,1,1,a,1,0.5", header=HEADER)

    result = transform(WEIGHTED, lambda: io.BytesIO(content), "tiny.csv", tmp_path)

    assert (result.rows_committed, result.rows_quarantined) == (1, 1)
    assert result.quarantine
    [[found]] = pl.read_parquet(result.quarantine)["reasons"]
    assert (found["column"], found["rule"]) == ("copies", reason)


def test_a_weight_of_zero_in_parquet_costs_its_row_too(tmp_path: Path) -> None:
    rows = {"id": ["a", "b"], "y": ["yes"] * 2, "f": [1.0] * 2, "i": [1] * 2, "c": ["a"] * 2, "t": [True] * 2}
    content = io.BytesIO()
    pl.DataFrame({**rows, "copies": [0, 3]}).write_parquet(content)

    result = transform(WEIGHTED, lambda: io.BytesIO(content.getvalue()), "tiny.parquet", tmp_path)

    assert (result.rows_committed, result.rows_quarantined) == (1, 1)


def test_it_is_typed_in_rows_and_in_no_feature_and_a_request_may_leave_it_out(tmp_path: Path) -> None:
    content = tiny_csv("b,no,1,1,a,1,0.5", header=HEADER)

    [part] = transform(WEIGHTED, lambda: io.BytesIO(content), "tiny.csv", tmp_path).ranges

    [rows], [features] = ([pl.read_parquet(path) for path in found.values()] for found in (part.rows, part.features))
    assert rows["copies"].to_list() == [0.5]
    assert "copies" not in features.columns
    reader = RequestReader(WEIGHTED)
    asked = {"f": 1.0, "i": 1, "c": "a", "t": True}
    assert reader.csv(asked) == reader.csv({**asked, "copies": 3})
    assert reader.csv(asked)[1] == []

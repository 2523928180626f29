"""A row of any file that the gate reads becomes a request that the API reads the same way."""

import gzip
import io
import json
from pathlib import Path

import polars as pl
import pytest

from lakeloop.client.errors import AdvisedError
from lakeloop.client.table_rows import features_at
from lakeloop.contract import DatasetContract
from lakeloop.serving.reader import RequestReader
from tests.data import tiny
from tests.unit.inference.files import inferred

EXPORTED = (
    "customerID;Total Charges;Joined;Churn\nA-1;1.234,50;29.01.2024;No\nA-2;;01.03.2024;Yes\nA-3;7,5;02.03.2024;No\n"
)


def exported() -> DatasetContract:
    contract = inferred(EXPORTED, label="Churn").contract
    columns = [
        column.model_copy(update={"feature": True} if column.name == "joined" else {}) for column in contract.columns
    ]
    return contract.model_copy(update={"columns": tuple(columns)})


def at(body: str | bytes, folder: Path, name: str, contract: DatasetContract, number: int = 1) -> dict[str, object]:
    file = folder / name
    file.write_bytes(body.encode() if isinstance(body, str) else body)
    return dict(features_at(contract, file, number))


def test_a_row_is_found_by_the_files_own_headers_and_sent_as_it_is_written(tmp_path: Path) -> None:
    features = at(EXPORTED, tmp_path, "exported.csv", exported())

    assert features == {"total_charges": "1.234,50", "joined": "29.01.2024"}
    line, problems = RequestReader(exported()).csv(json.loads(json.dumps(features)))
    assert (line, problems) == ("1234.5,19751", [])


def test_an_empty_cell_is_sent_as_null(tmp_path: Path) -> None:
    assert at(EXPORTED, tmp_path, "exported.csv", exported(), 2)["total_charges"] is None


def test_a_file_without_label_and_key_will_do(tmp_path: Path) -> None:
    assert at("f,i,c,t\n1.5,2,a,true\n", tmp_path, "t.csv", tiny()) == {"f": "1.5", "i": "2", "c": "a", "t": "true"}


def test_packed_files_json_lines_and_parquet_are_read_too(tmp_path: Path) -> None:
    table = io.BytesIO()
    pl.DataFrame({"f": [1.5], "i": [2], "c": ["a"], "t": [True]}).write_parquet(table)

    assert at(gzip.compress(b"f,i,c,t\n1.5,2,a,1\n"), tmp_path, "t.csv.gz", tiny())["f"] == "1.5"
    typed = {"f": 1.5, "i": 2, "c": "a", "t": True}
    assert at(json.dumps(typed), tmp_path, "t.jsonl", tiny()) == typed
    assert at(table.getvalue(), tmp_path, "t.parquet", tiny()) == typed


@pytest.mark.parametrize("number", [0, 3])
def test_a_row_beyond_the_file_is_refused_with_the_rows_there_are(number: int, tmp_path: Path) -> None:
    with pytest.raises(AdvisedError, match=f"no row {number}") as raised:
        at("\ufefff,i\n1,2\n3,4\n", tmp_path, "a.csv", tiny(), number)

    assert "from 1 to 2" in raised.value.advice


def test_what_is_no_table_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(AdvisedError, match=r"a\.xlsx: a\.xlsx: unknown format"):
        at(b"PK", tmp_path, "a.xlsx", tiny())

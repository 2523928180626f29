"""The demo's files hold what the demo says: real rows, held-out rows apart, six rows that must not pass."""

import csv
from pathlib import Path

import pytest

from lakeloop.cli.demo.data import HELD_OUT_FILE, DemoData, prepare
from lakeloop.client.dataset import count_rows
from lakeloop.client.quarantine import Rejected, read_rejected
from lakeloop.ingest.transform import transform
from lakeloop.ingest.transformed import TransformedFile
from tests.data import breast_cancer


@pytest.fixture
def data(tmp_path: Path) -> DemoData:
    return prepare(breast_cancer(), tmp_path)


def transformed(file: Path, folder: Path) -> tuple[TransformedFile, list[Rejected]]:
    folder.mkdir()
    result = transform(breast_cancer(), lambda: file.open("rb"), file.name, folder)
    assert result.quarantine is not None
    return result, read_rejected(result.quarantine.read_bytes())


def test_every_fifth_row_is_held_out_and_in_no_dropped_file(data: DemoData, tmp_path: Path) -> None:
    held_out = [row["sample_id"] for row in data.held_out]
    dropped = {row[0] for file in data.files for row in csv.reader(file.open(newline=""))}

    assert held_out[:2] == ["bc-0005", "bc-0010"]
    assert len(held_out) == 569 // 5
    assert not dropped & set(held_out)
    assert count_rows(tmp_path / HELD_OUT_FILE, breast_cancer()) == len(held_out)


def test_the_two_files_hold_all_other_rows_and_the_planted_ones(data: DemoData) -> None:
    assert sum(count_rows(file, breast_cancer()) for file in data.files) == 456 + 6


def test_exactly_the_planted_rows_are_set_aside_each_for_its_own_reason(data: DemoData, tmp_path: Path) -> None:
    results = [transformed(file, tmp_path / str(number)) for number, file in enumerate(data.files)]

    found = {
        row.raw.decode().partition(",")[0]: [reason.rule for reason in row.reasons]
        for _, rows in results
        for row in rows
    }
    expected = {
        "bc-9001": "type: float",
        "bc-9002": "min: 0",
        "bc-9003": "one of benign, malignant",
        "bc-9004": "required",
        "bc-0287": "unique",
        "bc-9006": "columns: 32",
    }
    assert found.keys() == expected.keys()
    for key, rule in expected.items():
        (said,) = found[key]
        assert said.startswith(rule)
    assert sum(result.rows_committed for result, _ in results) == 456


def test_no_file_alone_has_rows_enough_to_start_tuning_but_both_have(data: DemoData) -> None:
    needed = breast_cancer().retrain.min_new_rows
    rows = [count_rows(file, breast_cancer()) for file in data.files]

    assert max(rows) < needed <= sum(rows) - len(data.planted)

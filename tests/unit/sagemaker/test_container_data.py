"""How the XGBoost container reads a channel."""

from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from lakeloop.local.sagemaker.containers.xgboost.data import CSV, LIBSVM, PARQUET, read_channel
from lakeloop.local.sagemaker.containers.xgboost.errors import UserError


@pytest.fixture
def channel(tmp_path: Path) -> Path:
    folder = tmp_path / "data" / "train"
    folder.mkdir(parents=True)
    return folder


def test_label_comes_first(channel: Path) -> None:
    (channel / "rows").write_text("1,10,20\n0,30,40\n")

    data = read_channel(channel, CSV)

    assert data is not None
    assert data.get_label().tolist() == [1, 0]
    assert data.get_data().toarray().tolist() == [[10, 20], [30, 40]]


def test_weight_may_come_second(channel: Path) -> None:
    (channel / "rows").write_text("1,0.5,10,20\n0,2,30,40\n")

    data = read_channel(channel, CSV, weights=True)

    assert data is not None
    assert data.get_weight().tolist() == [0.5, 2]
    assert data.num_col() == 2


def test_blank_cells_are_missing(channel: Path) -> None:
    (channel / "rows").write_text("1,,20\n0,30,\n")

    data = read_channel(channel, CSV)

    assert data is not None
    assert data.num_nonmissing() == 2


def test_delimiter_is_found(channel: Path) -> None:
    (channel / "rows").write_text("1;10;20\n0;30;40\n")

    data = read_channel(channel, CSV)

    assert data is not None
    assert data.num_col() == 2


def test_files_of_all_folders_are_read_and_hidden_ones_are_not(channel: Path) -> None:
    (channel / "below").mkdir()
    for name in ("a", "below/b", ".hidden", "_SUCCESS"):
        (channel / name).write_text("1,10\n")
    (channel / "empty").touch()

    data = read_channel(channel, CSV)

    assert data is not None
    assert data.num_row() == 2


def test_parquet_keeps_the_order_of_its_columns(channel: Path) -> None:
    for number in range(2):
        table = pa.table({"z": [1, 0], "a": [10.0, None], "b": [20, 40]})
        parquet.write_table(table, channel / str(number))

    data = read_channel(channel, PARQUET)

    assert data is not None
    assert data.get_label().tolist() == [1, 0, 1, 0]
    assert (data.num_col(), data.num_nonmissing()) == (2, 6)


def test_channel_without_data_is_none(channel: Path) -> None:
    assert read_channel(channel, CSV) is None


@pytest.mark.parametrize(
    ("file_format", "problem"),
    [
        (PARQUET, "Failed to load parquet data of channel train"),
        (LIBSVM, "First line 'one,two,three...' of file 'rows' is not 'LIBSVM' format"),
    ],
)
def test_bytes_of_another_format(channel: Path, file_format: str, problem: str) -> None:
    (channel / "rows").write_text("one,two,three\n")

    with pytest.raises(UserError, match=problem):
        read_channel(channel, file_format)


def test_libsvm_with_and_without_weights(channel: Path) -> None:
    (channel / "a").write_text("1:0.5 0:2 3:4\n0:2 1:1\n")
    (channel / "b").write_text("1:1 0:1\n")

    data = read_channel(channel, LIBSVM)

    assert data is not None
    assert data.get_weight().tolist() == [0.5, 2, 1]
    assert (data.num_row(), data.num_col(), data.num_nonmissing()) == (3, 4, 4)

"""Reading a channel as the container does: every file of it, label first."""

import csv
import os
import re
from pathlib import Path

import numpy as np

from lakeloop.local.sagemaker.containers.xgboost.errors import UserError
from lakeloop.local.sagemaker.containers.xgboost.lean import xgboost

CSV, LIBSVM, PARQUET = "csv", "libsvm", "parquet"
CONTENT_TYPES = {
    "csv": CSV,
    "text/csv": CSV,
    "libsvm": LIBSVM,
    "text/libsvm": LIBSVM,
    "text/x-libsvm": LIBSVM,
    "parquet": PARQUET,
    "application/x-parquet": PARQUET,
}
DELIMITERS = ",;\t |"
LIBSVM_LABEL = re.compile(r"[-+.\deE]+(:[-+.\deE]+)?")
LONGEST_LINE = 1 << 20


def format_of(content_type: str | None) -> str:
    """libsvm when nothing is said, as in the real container: a CSV channel without a content type fails."""
    if not content_type:
        return LIBSVM
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    known = CONTENT_TYPES.get(media_type)
    if known is None:
        raise UserError(
            f"{content_type} is not an accepted ContentType: {', '.join(sorted(CONTENT_TYPES))}. "
            "The stand-in has no recordio-protobuf."
        )
    if known == CSV and any(each.startswith("label_size=") and each != "label_size=1" for each in parameters):
        raise UserError(
            f"{content_type} is not an accepted csv ContentType. Optional parameter label_size must be equal to 1"
        )
    return known


def files_in(channel: Path) -> list[Path]:
    """Those that count: hidden ones and markers such as _SUCCESS do not."""
    found = (path for path in channel.rglob("*") if path.is_file() and path.stat().st_size)
    return sorted(path for path in found if not path.name.startswith((".", "_")))


def read_channel(channel: Path, file_format: str, *, weights: bool = False) -> xgboost.DMatrix | None:
    """None when the channel holds no data."""
    files = files_in(channel)
    if not files:
        return None
    try:
        return _parquet(files) if file_format == PARQUET else _text(files, file_format, channel, weights=weights)
    except (xgboost.core.XGBoostError, ValueError, OSError) as error:
        raise UserError(f"Failed to load {file_format} data of channel {channel.name}: {error}") from error


def _parquet(files: list[Path]) -> xgboost.DMatrix:
    from pyarrow import parquet  # noqa: PLC0415 - slow to import, and only this format needs it

    tables = [parquet.ParquetFile(file).read() for file in files]
    rows = np.concatenate([np.column_stack([column.to_numpy() for column in table.columns]) for table in tables])
    return xgboost.DMatrix(rows[:, 1:].astype(np.float32), label=rows[:, 0].astype(np.float32))


def _text(files: list[Path], file_format: str, channel: Path, *, weights: bool) -> xgboost.DMatrix:
    """XGBoost's own parser reads one folder, without those below it."""
    first_lines = [_first_line(file) for file in files]
    staged = channel.parent / f".{channel.name}"
    staged.mkdir(exist_ok=True)
    for number, file in enumerate(files):
        target = staged / f"{number:06d}"
        if not target.exists():
            os.link(file, target)
    if file_format == LIBSVM:
        for file, line in zip(files, first_lines, strict=True):
            _check_libsvm(line, file.name)
        return xgboost.DMatrix(f"{staged}?format=libsvm")
    delimiters = [_delimiter(line) for line in first_lines]
    columns = "label_column=0" + ("&weight_column=1" if weights else "")
    return xgboost.DMatrix(f"{staged}?format=csv&{columns}&delimiter={delimiters[0]}")


def _first_line(file: Path) -> str:
    with file.open(encoding="utf-8", errors="replace") as text:
        return text.readline(LONGEST_LINE).rstrip("\n")


def _check_libsvm(line: str, name: str) -> None:
    """`label[:weight] index:value ...`: XGBoost itself takes anything and makes numbers of it."""
    label, *features = line.split()
    if not LIBSVM_LABEL.fullmatch(label) or not all(":" in feature for feature in features):
        raise UserError(
            f"First line '{line[:50]}...' of file '{name}' is not 'LIBSVM' format. "
            "Please ensure the file is in 'LIBSVM' format."
        )


def _delimiter(line: str) -> str:
    try:
        return csv.Sniffer().sniff(line, DELIMITERS).delimiter
    except csv.Error as error:
        raise UserError(f"Could not determine delimiter on line {line[:50]}:\n{error}") from error

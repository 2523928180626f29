"""Reading a channel as the container does: every file of it, label first."""

import csv
import os
from pathlib import Path

import xgboost

from local.sagemaker.containers.xgboost.errors import UserError

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
    for parameter in parameters:
        if known == CSV and parameter != "label_size=1":
            raise UserError(f"{parameter!r} is not an accepted CSV ContentType parameter: only label_size=1 is")
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
    import numpy as np  # noqa: PLC0415
    from pyarrow import parquet  # noqa: PLC0415 - slow to import, and only this format needs it

    tables = [parquet.ParquetFile(file).read() for file in files]
    rows = np.concatenate([np.column_stack([column.to_numpy() for column in table.columns]) for table in tables])
    return xgboost.DMatrix(rows[:, 1:].astype(np.float32), label=rows[:, 0].astype(np.float32))


def _text(files: list[Path], file_format: str, channel: Path, *, weights: bool) -> xgboost.DMatrix:
    """XGBoost's own parser reads one folder, without those below it."""
    staged = channel.parent / f".{channel.name}"
    staged.mkdir(exist_ok=True)
    for number, file in enumerate(files):
        target = staged / f"{number:06d}"
        if not target.exists():
            os.link(file, target)
    if file_format == LIBSVM:
        return xgboost.DMatrix(f"{staged}?format=libsvm")
    columns = "label_column=0" + ("&weight_column=1" if weights else "")
    return xgboost.DMatrix(f"{staged}?format=csv&{columns}&delimiter={_delimiter(files[0])}")


def _delimiter(file: Path) -> str:
    with file.open(encoding="utf-8", errors="replace") as text:
        line = text.readline(65536)
    try:
        return csv.Sniffer().sniff(line, DELIMITERS).delimiter
    except csv.Error:
        return ","

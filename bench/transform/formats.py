"""The table of the bench as other files: the same rows, written another way."""

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from bench.transform.table import CONTRACT
from lakeloop.contract import DatasetContract
from lakeloop.contract.columns import NUMERIC
from lakeloop.ingest.cells import DTYPES

NUMBERS = tuple(column.name for column in CONTRACT.columns if column.type in NUMERIC)
SETTINGS: dict[str, dict[str, Any]] = {
    "semicolons": {"delimiter": ";", "decimal": ","},
    "latin1": {"encoding": "latin-1"},
    "doubled": {},
}


def contract_of(table: Path) -> DatasetContract:
    """The contract under which a file of the bench is read, by its name."""
    return CONTRACT.model_copy(
        update={"file": CONTRACT.file.model_copy(update=SETTINGS.get(table.name.partition(".")[0], {}))}
    )


def texts(table: Path) -> pl.DataFrame:
    return pl.read_csv(table, infer_schema=False)


def json_lines(table: Path, folder: Path) -> Path:
    """Numbers as JSON writes them; what is none is text, as everything else but nothing."""
    path, frame = folder / "json_lines.jsonl", texts(table)
    cells = [
        pl.when(pl.col(name).cast(pl.Float64, strict=False).is_not_null() & pl.lit(name in NUMBERS))
        .then(pl.col(name))
        .otherwise(pl.format('"{}"', name))
        .fill_null("null")
        for name in frame.columns
    ]
    template = ", ".join(f'"{name}": {{}}' for name in frame.columns)
    line = pl.concat_str(pl.lit("{"), pl.format(template, *cells), pl.lit("}\n"))
    path.write_text("".join(frame.select(line).to_series()))
    return path


def parquet(table: Path, folder: Path) -> Path:
    """Typed; what cannot be read as its column's type is missing."""
    path = folder / "parquet.parquet"
    types = {column.name: DTYPES[column.type] for column in CONTRACT.columns if column.type != "boolean"}
    typed = pl.read_csv(table, schema_overrides={**types, "active": pl.String()}, ignore_errors=True)
    typed.with_columns(pl.col("active") == "true").write_parquet(path)
    return path


def gzipped(table: Path, folder: Path) -> Path:
    path = folder / "gzip.csv.gz"
    with table.open("rb") as plain, gzip.open(path, "wb", compresslevel=6) as packed:
        shutil.copyfileobj(plain, packed, 1024 * 1024)
    return path


def semicolons(table: Path, folder: Path) -> Path:
    """As a spreadsheet of most of Europe saves it: semicolons, decimal commas, CRLF, texts in quotes."""
    path = folder / "semicolons.csv"
    floats = [column.name for column in CONTRACT.columns if column.type == "float"]
    frame = texts(table).with_columns(pl.col(floats).str.replace(".", ",", literal=True))
    frame.with_columns(pl.format('"{}"', "city").alias("city")).write_csv(
        path, separator=";", line_terminator="\r\n", quote_style="never"
    )
    return path


def latin1(table: Path, folder: Path) -> Path:
    """In another encoding, with a letter beyond ASCII in each row."""
    path = folder / "latin1.csv"
    path.write_bytes(table.read_text().replace("Oslo", "Tromsø").encode("latin-1"))
    return path


def doubled(table: Path, folder: Path) -> Path:
    """Quotes inside of quotes in one row of six."""
    path = folder / "doubled.csv"
    path.write_bytes(table.read_bytes().replace(b"Oslo", b'"the ""Oslo"""'))
    return path


FORMATS: dict[str, Callable[[Path, Path], Path]] = {
    "json_lines": json_lines,
    "parquet": parquet,
    "gzip": gzipped,
    "semicolons": semicolons,
    "latin1": latin1,
    "doubled": doubled,
}

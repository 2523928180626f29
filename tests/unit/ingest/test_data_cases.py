"""Small tables with one fault each, from public reports: exactly these rows are taken, and these lines set aside.

Each folder below tests/cases/data holds a table as it would be dropped, the contract of its plain columns, and in
`expected.yaml` what the contract says beside them and what becomes of the table.
"""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import polars as pl
import pytest
import yaml

from lakeloop.contract import DatasetContract
from lakeloop.errors import UnreadableObjectError
from lakeloop.ingest.transform import transform
from lakeloop.ingest.transformed import TransformedFile
from tests.cases import DATA, contract_of

BLOCKS = (1, 50, 2**23)
"""Sizes of blocks in bytes, from a record each to the whole file."""


NAMES = [
    "aligned-with-spaces",
    "backslash-before-closing-quote",
    "backslash-escapes",
    "bom-twice",
    "boolean-other-language",
    "boolean-t-f",
    "category-with-zero-width",
    "close-coordinates-as-feature",
    "codes-as-integers",
    "column-named-bad",
    "composite-key-hours",
    "composite-key-order-lines",
    "day-first",
    "double-pipe",
    "duplicates-hidden",
    "epoch-seconds-as-feature",
    "gzip-of-several-members",
    "header-names-exported",
    "header-names-instrument",
    "header-names-other-language",
    "headerless-census",
    "hourly-series",
    "hundreds-of-classes",
    "index-column-saved-twice",
    "index-column-unnamed",
    "integer-beyond-2-53",
    "jsonl-types",
    "key-apostrophe",
    "key-became-float",
    "key-formula-quoted",
    "key-integer-padded",
    "key-scientific",
    "key-zero-width",
    "label-became-float",
    "label-with-final-dot",
    "late-correction",
    "na-is-a-class",
    "no-key",
    "no-positive-in-validation",
    "one-byte-not-utf8",
    "one-cell-badly-quoted",
    "one-patient-many-visits",
    "open-end-9999",
    "parquet-from-pandas",
    "percent",
    "predict-spellings",
    "request-with-unlisted-value",
    "same-row-in-the-next-file",
    "same-row-under-two-keys",
    "sentinel-minus-200",
    "sep-line",
    "short-row-in-the-middle-of-a-quoted-break",
    "short-row-nullable",
    "space-before-quote",
    "surplus-two-first-row",
    "thousands-points-silent",
    "title-line",
    "totals-row",
    "trailing-delimiter-header-only",
    "trailing-delimiters-everywhere",
    "trailing-delimiters-rows-only",
    "two-header-rows",
    "units-line",
    "unseen-category",
]


def variants() -> Iterator[Any]:
    for folder in map(DATA.joinpath, NAMES):
        for number, expected in enumerate(yaml.safe_load((folder / "expected.yaml").read_text()), start=1):
            for size in BLOCKS:
                yield pytest.param(folder, expected, size, id=f"{folder.name}-{number}-{size}")


def taken(contract: DatasetContract, file: Path, folder: Path, size: int) -> TransformedFile | str:
    """What became of the file, or why it could not be read at all."""
    content = file.read_bytes()
    try:
        return transform(contract, lambda: io.BytesIO(content), file.name, folder, size)
    except UnreadableObjectError as error:
        return str(error)


def rows_of(result: TransformedFile, contract: DatasetContract) -> pl.DataFrame:
    """All rows, with the split of each."""
    frames = [
        pl.read_parquet(path).with_columns(pl.lit(split).alias("_split"))
        for part in result.ranges
        for split, path in part.rows.items()
    ]
    return (
        pl.concat(frames).drop("_source", "_landed")
        if frames
        else pl.DataFrame(schema=[*(column.name for column in contract.kept), "_split"])
    )


def reasons_of(result: TransformedFile) -> dict[int, str]:
    """All reasons against each line, as text."""
    if result.quarantine is None:
        return {}
    lines = pl.read_parquet(result.quarantine).iter_rows(named=True)
    return {
        row["line"]: "; ".join(f"{reason['column']}: {reason['rule']} `{reason['value']}`" for reason in row["reasons"])
        for row in lines
    }


def test_no_case_is_left_out() -> None:
    assert sorted(folder.name for folder in DATA.iterdir()) == NAMES


@pytest.mark.parametrize(("folder", "expected", "size"), list(variants()))
def test_a_table_with_one_fault_is_taken_as_far_as_it_is_right(
    folder: Path, expected: dict[str, Any], size: int, tmp_path: Path
) -> None:
    contract = contract_of(folder, expected.get("with", {}))
    result = taken(contract, folder / expected.get("file", "input.csv"), tmp_path, size)

    if isinstance(result, str):
        assert expected["refused"] in result
        return
    assert result.rows_in == result.rows_committed + result.rows_quarantined
    rows = rows_of(result, contract)
    if "refused" in expected:
        assert rows.is_empty()
        assert all(expected["refused"] in reason for reason in reasons_of(result).values())
    for key in expected.keys() & CHECKS.keys():
        CHECKS[key](expected[key], result, rows)
    assert expected.keys() <= {"with", "file", "refused", "split_as", *CHECKS}
    assert result.rows_quarantined == len(expected.get("quarantined", {})) or expected.keys() & {
        "refused",
        "quarantined_count",
    }
    if "split_as" in expected:
        other = taken(contract, folder / expected["split_as"], tmp_path, size)
        assert rows_of(cast("TransformedFile", other), contract)["_split"].to_list() == rows["_split"].to_list()


def same_rows(expected: list[Any], _: TransformedFile, rows: pl.DataFrame) -> None:
    found = rows.drop("_split").rows()
    assert sorted(map(repr, found)) == sorted(repr(tuple(row)) for row in expected)


def same_features(expected: list[Any], result: TransformedFile, _: pl.DataFrame) -> None:
    found = pl.concat(pl.read_parquet(path) for part in result.ranges for path in part.features.values())
    assert sorted(found.rows()) == sorted(map(tuple, expected))
    assert set(found.dtypes) == {pl.Float32}


def same_count(expected: int, result: TransformedFile, _: pl.DataFrame) -> None:
    assert result.rows_committed == expected


def said(expected: dict[int, str | list[str]], result: TransformedFile, _: pl.DataFrame) -> None:
    reasons = reasons_of(result)
    assert reasons.keys() == expected.keys()
    for line, parts in expected.items():
        for part in [parts] if isinstance(parts, str) else parts:
            assert part in reasons[line]
    lines = pl.read_parquet(result.quarantine).explode("reasons").unnest("reasons") if result.quarantine else None
    assert lines is None or lines["rule"].str.len_chars().max() <= 200  # type: ignore[operator]


def so_many_quarantined(expected: int, result: TransformedFile, _: pl.DataFrame) -> None:
    assert result.rows_quarantined == expected
    assert all(len(reason) <= 300 for reason in reasons_of(result).values())


def noted(expected: dict[str, int], result: TransformedFile, _: pl.DataFrame) -> None:
    assert dict(result.notes) == expected


def raw(expected: dict[int, str], result: TransformedFile, _: pl.DataFrame) -> None:
    kept = pl.read_parquet(cast("Path", result.quarantine))
    assert dict(zip(kept["line"], kept["raw"], strict=True)) == {line: text.encode() for line, text in expected.items()}


def in_one_split(expected: list[list[int]], _: TransformedFile, rows: pl.DataFrame) -> None:
    """Of rows in the order of all their values."""
    ordered = rows.sort(rows.columns)
    for places in expected:
        assert ordered["_split"].gather(places).n_unique() == 1


def one_split_for(column: str, _: TransformedFile, rows: pl.DataFrame) -> None:
    assert rows.group_by(column).agg(pl.col("_split").n_unique())["_split"].to_list() == [1] * rows[column].n_unique()
    assert rows["_split"].n_unique() > 1


CHECKS: dict[str, Callable[[Any, TransformedFile, pl.DataFrame], None]] = {
    "rows": same_rows,
    "features": same_features,
    "count": same_count,
    "quarantined": said,
    "quarantined_count": so_many_quarantined,
    "notes": noted,
    "raw": raw,
    "same_split": in_one_split,
    "one_split_for": one_split_for,
}

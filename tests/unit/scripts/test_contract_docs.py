"""docs/contract.md shows every key as it is now, with examples that do what they say."""

import io
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from lakeloop.compiler.judge import judge
from lakeloop.compiler.reference import keys
from lakeloop.contract import DatasetContract
from lakeloop.ingest.transform import transform
from lakeloop.ingest.transformed import TransformedFile
from lakeloop.scripts.contract_docs import PAGE, WITHOUT_EXAMPLE, examples, page, text_of, used_keys
from lakeloop.values.keys import value_text
from tests.unit.ingest.test_data_cases import reasons_of

EXAMPLES = examples()
BLOCKS = (1, 2**20)
"""Sizes of blocks in bytes, from a record each to the whole file."""


def contract_of(example: dict[str, Any], folder: Path) -> DatasetContract:
    for name, text in example.get("files", {}).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    verdict = judge("example.yaml", text_of(example).encode(), folder)
    assert verdict.contract, verdict.problems
    return verdict.contract


def taken(contract: DatasetContract, example: dict[str, Any], folder: Path, size: int) -> TransformedFile:
    content = example["input"].encode(contract.file.encoding)
    return transform(contract, lambda: io.BytesIO(content), "example.csv", folder, size)


def rows_of(result: TransformedFile, contract: DatasetContract) -> list[tuple[list[object], str]]:
    """Rows as the examples write them, each with its split."""
    names = [column.name for column in contract.kept]
    return [
        ([written(value) for value in row], split)
        for part in result.ranges
        for split, path in part.rows.items()
        for row in pl.read_parquet(path).select(names).iter_rows()
    ]


def written(value: Any) -> object:  # noqa: ANN401
    return value if value is None or isinstance(value, bool | int | float) else value_text(value)


def test_the_page_is_current() -> None:
    assert PAGE.read_text() == page(), "run `make contract-docs`"


def test_every_key_has_a_meaning() -> None:
    assert [key.path for key in keys() if not key.meaning] == []


def test_every_key_has_an_example() -> None:
    used = {key for example in EXAMPLES.values() for key in used_keys(yaml.safe_load(example["contract"]))}

    assert {key.path for key in keys()} - used - {"name"} == set(WITHOUT_EXAMPLE)


@pytest.mark.parametrize("size", BLOCKS)
@pytest.mark.parametrize("title", EXAMPLES)
def test_an_example_does_what_it_says(title: str, size: int, tmp_path: Path) -> None:
    example = EXAMPLES[title]
    contract = contract_of(example, tmp_path)

    result = taken(contract, example, tmp_path, size)

    rows, reasons = rows_of(result, contract), reasons_of(result)
    expected = example["rows"]
    assert sorted(repr(row) for row, _ in rows) == sorted(map(repr, expected))
    assert reasons.keys() == example.get("quarantined", {}).keys()
    for line, part in example.get("quarantined", {}).items():
        assert part in reasons[line]
    if "splits" in example:
        assert [next(split for found, split in rows if found == row) for row in expected] == example["splits"]
    if example.get("one_split"):
        assert len({split for _, split in rows}) == 1
    if "features" in example:
        [features] = (pl.read_parquet(path).row(0, named=True) for path in result.ranges[0].features.values())
        assert features == example["features"]

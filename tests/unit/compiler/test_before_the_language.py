"""Contracts in the words that there were before the language grew are right still, and take the same rows.

`before/breast_cancer.yaml` is the contract that was shipped then, unchanged; the others put a problem of several
classes and one of numbers into the same words.
"""

import io
from pathlib import Path

import polars as pl
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine

from lakeloop.compiler.build import build
from lakeloop.contract import DatasetContract
from lakeloop.ingest.transform import transform
from lakeloop.ingest.transformed import TransformedFile

BEFORE = Path(__file__).parent / "before"
LOADED = {"breast_cancer": load_breast_cancer, "wine": load_wine, "diabetes": load_diabetes}
SPLITS = {
    "breast_cancer": {"train": 366, "validation": 96, "test": 107},
    "wine": {"train": 112, "validation": 31, "test": 35},
    "diabetes": {"train": 282, "validation": 76, "test": 84},
}
"""Rows by split as the code of then placed them (0.2.0): a hash of the key, which no change of the language moves."""


@pytest.fixture(scope="module")
def contracts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, DatasetContract]:
    return build(BEFORE, tmp_path_factory.mktemp("compiled"))


def table(contract: DatasetContract) -> pl.DataFrame:
    """The set of scikit-learn under the contract's names, with a key."""
    source = LOADED[contract.name]()
    key, label, *names = [column.name for column in contract.columns]
    features = pl.DataFrame(source.data, schema=names)
    target = pl.Series(label, source.target)
    if contract.classes:
        target = pl.Series(label, [str(source.target_names[code]) for code in source.target])
    keys = pl.Series(key, [f"k-{number:04}" for number in range(1, features.height + 1)])
    return pl.DataFrame([keys, target, *features.get_columns()])


def taken(contract: DatasetContract, rows: pl.DataFrame, folder: Path) -> TransformedFile:
    content = rows.write_csv().encode()
    return transform(contract, lambda: io.BytesIO(content), "rows.csv", folder)


@pytest.mark.parametrize("name", sorted(LOADED))
def test_every_row_is_taken_as_the_values_it_has(
    name: str, contracts: dict[str, DatasetContract], tmp_path: Path
) -> None:
    contract, rows = contracts[name], table(contracts[name])

    result = taken(contract, rows, tmp_path)

    assert (result.rows_committed, result.rows_quarantined) == (rows.height, 0)
    [part] = result.ranges
    committed = pl.concat(pl.read_parquet(path) for path in part.rows.values()).sort(contract.row_key)
    assert committed.select(rows.columns).equals(rows)
    assert {split: pl.read_parquet(path).height for split, path in part.rows.items()} == SPLITS[name]


@pytest.mark.parametrize("name", sorted(LOADED))
def test_a_row_beyond_its_limits_is_set_aside(name: str, contracts: dict[str, DatasetContract], tmp_path: Path) -> None:
    contract, rows = contracts[name], table(contracts[name])
    last = contract.columns[-1].name

    result = taken(
        contract,
        rows.with_columns(pl.when(pl.int_range(pl.len()) == 7).then(1e6).otherwise(last).alias(last)),
        tmp_path,
    )

    assert (result.rows_committed, result.rows_quarantined) == (rows.height - 1, 1)

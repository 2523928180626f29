"""Other instances of the kind of each case: other columns, values, dialects, formats and places in the file.

Each file of `instances/` has a list for each kind, which is the name of the case's folder. An instance is the contract
(`columns` by name with a type or more, and what `contract` says beside them), the file (`text`, or `parquet` by column)
and what must become of it. A contract is text, as contracts are; `\\uDCxx` in a text is the byte xx.
"""

import gzip
import io
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from lakeloop.contract import DatasetContract
from lakeloop.errors import UnreadableObjectError
from lakeloop.ingest.transform import transform
from lakeloop.ingest.transformed import TransformedFile
from lakeloop.serving.reader import RequestReader
from tests.unit.ingest import test_data_cases as cases

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FOLDER = Path(__file__).parent / "instances"

Written = Callable[[str], str]


def as_it_is(text: str) -> str:
    return text


def without_last_line_end(text: str) -> str:
    return text.rstrip("\n")


def with_line_feeds_and_returns(text: str) -> str:
    return text.replace("\n", "\r\n")


WAYS: list[tuple[Written, int]] = [
    (as_it_is, 2**23),
    (without_last_line_end, 1),
    (with_line_feeds_and_returns, 17),
]
"""How the lines of one text end, and the size of the blocks it is read in."""


@cache
def kinds() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        # What contracts say is text, what is expected has types.
        texts = yaml.load(path.read_text(), Loader=yaml.BaseLoader)  # noqa: S506 it makes text only
        for kind, instances in yaml.safe_load(path.read_text()).items():
            for instance, text in zip(instances, texts[kind], strict=True):
                instance.update({key: text[key] for key in ("columns", "contract") if key in text})
            found[kind] = instances
    return found


def variants() -> Iterator[Any]:
    for kind, instances in kinds().items():
        for number, instance in enumerate(instances, start=1):
            ways = WAYS[:2] if instance.get("line_ends") else WAYS
            for written, size in ways if "text" in instance else [(as_it_is, size) for _, size in WAYS[:2]]:
                yield pytest.param(instance, written, size, id=f"{kind}-{number}-{written.__name__}-{size}")


def contract_of(instance: Mapping[str, Any]) -> DatasetContract:
    """Any part of the rows may be quarantined, unless the instance says otherwise."""
    columns = [
        {"name": name, **({"type": said} if isinstance(said, str) else said)}
        for name, said in instance["columns"].items()
    ]
    for column in columns:
        if listed := column.pop("many", None):
            column["allowed"] = [f"v{number}" for number in range(int(listed))]
    quality = {"max_rejected_fraction": "1"}
    return DatasetContract.model_validate(
        {"name": "instance", "quality": quality, **instance.get("contract", {}), "columns": columns}
    )


def content_of(file: Mapping[str, Any], written: Written) -> bytes:
    if "parquet" in file:
        frame = pl.DataFrame(file["parquet"], strict=False)
        frame = frame.cast({name: TYPES[type_] for name, type_ in file.get("types", {}).items()})
        whole = io.BytesIO()
        frame.write_parquet(whole)
        return whole.getvalue()
    plain = written(file["text"]).encode(file.get("encoding", "utf-8"), "surrogateescape")
    if "cut" not in file:
        return plain
    places = [0, *file["cut"], len(plain)]
    pack = zstd.compress if file["packed"] == "zstd" else gzip.compress
    return b"".join(pack(plain[start:end]) for start, end in pairwise(places))


def taken(instance: Mapping[str, Any], written: Written, folder: Path, size: int) -> TransformedFile | str:
    content = content_of(instance, written)
    name = instance.get("name", "t.parquet" if "parquet" in instance else "t.csv")
    try:
        return transform(contract_of(instance), lambda: io.BytesIO(content), name, folder, size)
    except UnreadableObjectError as error:
        return str(error)


def same_rows(expected: list[Any], _: TransformedFile, rows: pl.DataFrame) -> None:
    """Timestamps are written out."""
    found = [
        tuple(cell.isoformat() if isinstance(cell, datetime) else cell for cell in row)
        for row in rows.drop("_split").rows()
    ]
    assert sorted(map(repr, found)) == sorted(repr(tuple(row)) for row in expected)


def splits_by_first_column(expected: dict[Any, str], _: TransformedFile, rows: pl.DataFrame) -> None:
    assert dict(zip(rows.to_series(0), rows["_split"], strict=True)) == expected


def one_split_for(column: str, _: TransformedFile, rows: pl.DataFrame) -> None:
    splits = rows.group_by(column).agg(pl.len().alias("rows"), pl.col("_split").n_unique().alias("splits"))
    assert splits["splits"].to_list() == [1] * splits.height
    assert splits["rows"].max() > 1  # type: ignore[operator]


CHECKS: dict[str, Callable[[Any, TransformedFile, pl.DataFrame], None]] = {
    **cases.CHECKS,
    "rows": same_rows,
    "splits": splits_by_first_column,
    "one_split_for": one_split_for,
}
TYPES = {
    "Categorical": pl.Categorical(),
    "Decimal": pl.Decimal(10, 2),
    "Float32": pl.Float32(),
    "Int16": pl.Int16(),
    "Int32": pl.Int32(),
    "UInt64": pl.UInt64(),
}
"""Of columns of Parquet."""
SAID_OTHERWISE = {
    "about", "columns", "contract", "text", "name", "encoding", "packed", "cut", "parquet", "types", "line_ends",
    "refused", "earlier", "requests",
}  # fmt: skip


def test_each_kind_has_at_least_three_other_instances() -> None:
    counted = Counter({kind: len(instances) for kind, instances in kinds().items()})

    assert sorted(counted) == cases.NAMES
    assert {kind: count for kind, count in counted.items() if count < 3} == {}


@pytest.mark.parametrize(("instance", "written", "size"), list(variants()))
def test_another_instance_of_a_kind(instance: dict[str, Any], written: Written, size: int, tmp_path: Path) -> None:
    assert instance.keys() <= {*SAID_OTHERWISE, *CHECKS}
    result = taken(instance, written, tmp_path, size)

    if isinstance(result, str):
        assert instance["refused"] in result
        return
    assert result.rows_in == result.rows_committed + result.rows_quarantined
    contract = contract_of(instance)
    rows = cases.rows_of(result, contract)
    if "refused" in instance:
        assert rows.is_empty()
        assert all(instance["refused"] in reason for reason in cases.reasons_of(result).values())
    elif "quarantined" not in instance:
        assert cases.reasons_of(result) == {}
    for key in instance.keys() & CHECKS.keys() - {"one_split_for", "same_split"}:
        CHECKS[key](instance[key], result, rows)
    for file in instance.get("earlier", []):
        before = taken({**instance, **file}, written, tmp_path, size)
        assert isinstance(before, TransformedFile)
        rows = rows.vstack(cases.rows_of(before, contract))
    for key in instance.keys() & {"one_split_for", "same_split"}:
        CHECKS[key](instance[key], result, rows)


REQUESTS = [
    pytest.param(instance, features, said, id=f"{kind}-{number}-{place}")
    for kind, instances in kinds().items()
    for number, instance in enumerate(instances, start=1)
    for place, (features, said) in enumerate(instance.get("requests", []), start=1)
]


@pytest.mark.parametrize(("instance", "features", "said"), REQUESTS)
def test_a_request_of_an_instance(instance: dict[str, Any], features: dict[str, Any], said: str | list[str]) -> None:
    """It is asked for with a line of numbers, or answered with what is wrong (a list of what the answer says)."""
    line, problems = RequestReader(contract_of(instance)).csv(features)

    if isinstance(said, str):
        assert (line, problems) == (said, [])
        return
    told = [f"{problem.field}: {problem.problem}" for problem in problems]
    assert len(told) == len(said)
    assert all(part in problem and len(problem) <= 260 for part, problem in zip(said, told, strict=True))

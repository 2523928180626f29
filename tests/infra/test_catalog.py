"""The tables that Athena reads, against what the code writes, and every saved query run on rows of theirs."""

import re
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from lakeloop import names
from lakeloop.adapters.captures import SCHEMA as CAPTURES
from lakeloop.capture.keys import capture_key
from lakeloop.evaluation.cycle import Cycle
from lakeloop.failures import Failure
from lakeloop.ingest.quarantine import SCHEMA as QUARANTINE
from tests.infra.planned import Resource, Values, of_type
from tests.infra.running import INFRA

QUERIES = sorted((INFRA / "modules" / "catalog" / "queries").glob("*.sql"))
AT = datetime(2026, 11, 28, 9, tzinfo=UTC)
# Where the code puts an object of each table, and the partitions that this address stands for.
WRITTEN = {
    "captures": (
        capture_key("wine", AT, ["m"]),
        {"dataset": "wine", "day": "2026-11-28", "hour": "09"},
    ),
    "quarantine": (names.quarantine_key("wine", "e"), {"dataset": "wine"}),
    "failures": (names.failure_key("transform_data", "m"), {"chain": "transform_data"}),
    "history": (names.history_key("wine", "job"), {"dataset": "wine"}),
}
# What Trino has and DuckDB calls otherwise.
OF_TRINO = """
CREATE MACRO from_utf8(bytes) AS decode(bytes);
CREATE MACRO from_iso8601_timestamp(text) AS text::timestamptz;
CREATE MACRO approx_percentile(value, part) AS approx_quantile(value, part);
"""


@pytest.fixture(scope="module")
def tables(plan: list[Resource]) -> dict[str, Values]:
    return {table.values["name"]: table.values for table in of_type(plan, "aws_glue_catalog_table")}


def columns(table: Values) -> dict[str, str]:
    return {column["name"]: column["type"] for column in table["storage_descriptor"][0]["columns"]}


def in_athena(kind: Any) -> str:  # noqa: ANN401 - a type of polars
    """What Athena calls what Parquet holds of it."""
    if isinstance(kind, pl.List):
        return f"array<{in_athena(kind.inner)}>"
    if isinstance(kind, pl.Struct):
        return f"struct<{','.join(f'{field.name}:{in_athena(field.dtype)}' for field in kind.fields)}>"
    simple = {pl.String: "string", pl.Float64: "double", pl.Int64: "bigint", pl.UInt64: "bigint", pl.Binary: "binary"}
    return "timestamp" if isinstance(kind, pl.Datetime) else simple[kind.base_type()]


def in_json(written: type) -> dict[str, str]:
    """What Athena calls the fields of a dataclass that is written as JSON."""
    called = {"str": "string", "int": "bigint", "float | None": "double"}
    return {field.name: called[getattr(field.type, "__name__", str(field.type))] for field in fields(written)}


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("captures", {name: in_athena(kind) for name, kind in CAPTURES.items() if name != "dataset"}),
        ("quarantine", {name: in_athena(kind) for name, kind in QUARANTINE.items()}),
        ("failures", in_json(Failure)),
        ("history", in_json(Cycle)),
    ],
)
def test_a_table_has_the_columns_that_are_written(
    tables: Mapping[str, Values], name: str, written: dict[str, str]
) -> None:
    assert columns(tables[name]) == written


@pytest.mark.parametrize("name", WRITTEN)
def test_partitions_stand_where_the_code_writes(tables: Mapping[str, Values], name: str) -> None:
    key, partitions = WRITTEN[name]
    parameters = tables[name]["parameters"]

    place = re.sub(r"\$\{(\w+)\}", lambda found: partitions[found[1]], parameters["storage.location.template"])
    bucket = place.split("/")[2]

    assert f"s3://{bucket}/{key}".startswith(place)
    assert bucket.startswith("lakeloop-test-captures-" if name == "captures" else "lakeloop-test-artifacts-")
    keys = {one["name"] for one in tables[name]["partition_keys"]}
    assert keys == set(partitions)
    assert not keys & set(columns(tables[name]))


def test_partitions_are_all_that_can_be(tables: Mapping[str, Values], plan: list[Resource]) -> None:
    chains = {queue.values["name"] for queue in of_type(plan, "aws_sqs_queue")}
    failing = tables["failures"]["parameters"]["projection.chain.values"].split(",")

    assert {f"lakeloop-test-{chain.replace('_', '-')}" for chain in failing} <= chains
    assert len(failing) * 2 == len(chains)
    assert tables["captures"]["parameters"]["projection.hour.values"].split(",") == [f"{n:02d}" for n in range(24)]
    assert tables["captures"]["parameters"]["projection.day.range"] == "NOW-90DAYS,NOW"


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.stem)
def test_every_saved_query_asks_for_what_there_is(
    plan: list[Resource], tables: Mapping[str, Values], query: Path
) -> None:
    database = duckdb.connect()
    database.execute(OF_TRINO)
    for name, table in tables.items():
        kinds = {**columns(table), **{one["name"]: one["type"] for one in table["partition_keys"]}, "$path": "string"}
        made = ", ".join(f'"{column}" {in_duckdb(kind)}' for column, kind in kinds.items())
        database.execute(f"CREATE TABLE {name} ({made})")
    (saved,) = (one.values for one in of_type(plan, "aws_athena_named_query") if one.values["name"] == query.stem)

    assert database.execute(saved["query"]).fetchall() == []
    assert saved["description"]


def in_duckdb(kind: str) -> str:
    if kind.startswith("array"):
        return 'STRUCT("column" VARCHAR, rule VARCHAR, value VARCHAR)[]'
    return {"string": "VARCHAR", "binary": "BLOB"}.get(kind, kind)


def test_answers_are_encrypted_and_no_query_reads_without_end(plan: list[Resource]) -> None:
    (group,) = of_type(plan, "aws_athena_workgroup")
    (key,) = of_type(plan, "aws_kms_key")
    (configuration,) = group.values["configuration"]
    (result,) = configuration["result_configuration"]

    assert configuration["enforce_workgroup_configuration"]
    assert configuration["bytes_scanned_cutoff_per_query"] == 100 * 2**30
    assert result["encryption_configuration"] == [{"encryption_option": "SSE_KMS", "kms_key_arn": key.values["arn"]}]
    assert result["output_location"].endswith("/athena/")

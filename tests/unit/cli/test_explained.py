"""A contract told as a table, with a request that its model takes."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console
from rich.text import Text
from typer.testing import CliRunner

from lakeloop.cli.commands import contract as command
from lakeloop.cli.views.explained import explained, screen, splits_in_words
from lakeloop.client.errors import AdvisedError, MistakenNameError
from lakeloop.contract import DatasetContract
from tests.data import breast_cancer, tiny
from tests.unit.compiler.taxi import TAXI
from tests.unit.serving.asking import csv_of

RICH = DatasetContract.model_validate(
    {
        "name": "churn",
        "description": "Customers who left",
        "problem": "binary",
        "label": "churned",
        "positive_class": "Yes",
        "row_key": ["country", "year"],
        "file": {"decimal": ",", "thousands": ".", "na_values": ["NA", "?"]},
        "splits": {"by": ["patient"]},
        "columns": [
            {"name": "country", "type": "string", "pattern": "[A-Z]{2}"},
            {"name": "year", "type": "integer"},
            {"name": "patient", "type": "string"},
            {"name": "churned", "type": "category", "allowed": ["No", "Yes"]},
            {
                "name": "total_charges",
                "header": ["TotalCharges", "Total"],
                "type": "float",
                "min": 0,
                "nullable": True,
                "prefix": ["$", ""],
                "suffix": "k",
                "negative": ["brackets", "trailing"],
                "leading_zeros": True,
            },
            {
                "name": "plan",
                "type": "category",
                "allowed": list("abcdefgh"),
                "aliases": {"a": ["A", "aa"]},
                "encode": "onehot",
                "unlisted": "other",
            },
            {"name": "region", "type": "category", "allowed": ["n", "s"], "ignore_case": True},
            {"name": "late", "type": "boolean", "true_values": ["ja"]},
            {
                "name": "seen",
                "from": ["Date", "Time"],
                "type": "timestamp",
                "format": "%d.%m.%Y %H:%M",
                "timezone": "Europe/Berlin",
            },
            {"name": "born", "type": "date", "format": "%d.%m.%y", "century": 1920, "feature": True},
            {"name": "noise", "type": "skip"},
            {"name": "copies", "type": "integer", "min": 1},
            {"name": "income", "type": "integer", "sensitive": True},
        ],
        "weight": "copies",
        "derive": [
            {"name": "plan_by_region", "expression": "cross(plan, region)"},
            {"name": "hour", "expression": "hour(seen)"},
        ],
    }
)


def told(name: str) -> tuple[str, str]:
    """What a column accepts and what becomes of it."""
    column = next(column for column in explained(RICH).columns if column.name == name)
    return "; ".join(column.accepts), column.role


@pytest.mark.parametrize(
    ("name", "accepts", "role"),
    [
        ("country", "the pattern [A-Z]{2}", "key"),
        ("year", "decimal mark `,`; thousands by `.`", "key"),
        ("patient", "", "split"),
        ("churned", "No, Yes", "label"),
        (
            "total_charges",
            "at least 0; decimal mark `,`; thousands by `.`; `$` may stand in front; `k` stands behind; (5) is -5; "
            "5- is -5; leading zeros; nothing, or NA, ? for it",
            "feature",
        ),
        ("plan", "a, b, c, d, e, f and 2 more; also A, aa for a; others as they are", "9 flags"),
        ("region", "n, s; in any case", "code 1 to 2"),
        ("late", "true: ja; false: false, 0", "feature"),
        ("seen", "Date and Time, joined by a space; %d.%m.%Y %H:%M; local time of Europe/Berlin", "in rows/ only"),
        ("born", "%d.%m.%y; years 1920 to 2019", "days since 1970"),
        ("noise", "", "left out"),
        ("copies", "at least 1; decimal mark `,`; thousands by `.`", "weight"),
        ("income", "decimal mark `,`; thousands by `.`", "in rows/ only, sensitive"),
    ],
)
def test_a_column_says_what_it_accepts_and_becomes(name: str, accepts: str, role: str) -> None:
    assert told(name) == (accepts, role)


@pytest.mark.parametrize("contract", [RICH, breast_cancer(), tiny()], ids=lambda contract: contract.name)
def test_everything_fits_into_80_columns(contract: DatasetContract) -> None:
    out = Console(file=io.StringIO(), width=80, color_system=None, highlight=False)

    for piece in screen(explained(contract), ""):
        out.print(piece, soft_wrap=isinstance(piece, Text))

    assert isinstance(out.file, io.StringIO)
    shown = out.file.getvalue()
    assert max(map(len, shown.splitlines())) <= 80
    assert all(column.name in shown for column in contract.columns)
    assert all(derived.name in shown and derived.expression in shown for derived in contract.derive)


@pytest.mark.parametrize("contract", [RICH, breast_cancer(), tiny()], ids=lambda contract: contract.name)
def test_the_request_that_is_shown_is_one_that_predict_takes(contract: DatasetContract) -> None:
    body = json.dumps(explained(contract).request)

    assert csv_of(body, contract)


def test_where_nothing_is_learned_there_is_no_request() -> None:
    kept = tiny(problem=None, label=None, positive_class=None)

    assert explained(kept).request is None


@pytest.mark.parametrize(
    ("splits", "row_key", "said"),
    [
        ({}, "id", "70%, 15% and 15%, by the key"),
        ({}, (), "70%, 15% and 15%, equal rows together"),
        ({"by": "values"}, "id", "70%, 15% and 15%, rows of equal values together"),
        ({"by": ["c", "t"]}, "id", "70%, 15% and 15%, rows of one c and t together"),
        ({"by": {"column": "f", "every": 5}}, "id", "70%, 15% and 15%, whole blocks of 5.0 of f together"),
        (
            {"by": {"column": "f", "until": {"train": "1", "validation": "2"}}},
            "id",
            "by f: train before 1, validation before 2, then test",
        ),
    ],
)
def test_splits_are_told_in_words(splits: dict[str, object], row_key: str, said: str) -> None:
    assert splits_in_words(tiny(splits=splits, row_key=row_key)) == said


def test_a_program_reads_the_same_as_json() -> None:
    done = CliRunner().invoke(command.app, ["explain", "breast_cancer", "--json"])

    found = json.loads(done.stdout)
    assert (found["name"], found["label"], len(found["columns"])) == ("breast_cancer", "diagnosis", 32)
    assert found["columns"][2]["accepts"] == ["0 to 100"]
    assert len(found["request"]["features"]) == 30


def test_a_contract_that_is_not_there_or_wrong_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "CONTRACTS", tmp_path)
    (tmp_path / "taxi.yaml").write_text(TAXI.replace("eta:", "etta:"))

    with pytest.raises(MistakenNameError, match="there is no contract") as missing:
        command.contract_of("cab")
    with pytest.raises(AdvisedError, match=r"taxi is wrong:\ntaxi.yaml:19: training.ranges.etta"):
        command.contract_of("taxi")

    assert missing.value.advice == "name one of datasets/: taxi"

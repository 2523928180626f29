"""`lakeloop contract`, as a person and as a program use it; no cloud is asked."""

import json
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner

from lakeloop.cli.commands import contract
from tests.data import ROOT
from tests.unit.compiler.taxi import TAXI


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(contract.app, arguments)
    return result.exit_code, result.stdout


def test_shipped_contracts_are_right() -> None:
    assert run("check") == (0, "right: breast_cancer\n")


def test_one_file_is_checked_with_every_problem_on_a_line(tmp_path: Path) -> None:
    file = tmp_path / "taxi.yaml"
    file.write_text(TAXI.replace("eta:", "etta:").replace("type: float", "type: decimal"))

    code, said = run("check", str(file))

    assert code == 1
    assert said.splitlines() == [
        "taxi.yaml:10: columns.fare.type: expected one of float, integer, boolean, category, string, "
        "date, timestamp, skip, found decimal",
        "taxi.yaml:19: training.ranges.etta: expected a hyperparameter that can be tuned, such as eta, found etta",
        f"2 problems in {file}",
    ]


def test_a_program_reads_the_problems_as_json(tmp_path: Path) -> None:
    file = tmp_path / "taxi.yaml"
    file.write_text(TAXI.replace("seed: 7", "seed: x"))

    code, said = run("check", str(file), "--json")

    assert code == 1
    assert json.loads(said) == {
        "contracts": [],
        "problems": [
            {
                "file": "taxi.yaml",
                "line": 26,
                "path": "training.seed",
                "what": "expected a whole number of at least 0, found x",
            }
        ],
        "warnings": [],
    }


def test_what_a_contract_does_not_get_or_hardly_means_is_told_and_no_problem(tmp_path: Path) -> None:
    file = tmp_path / "taxi.yaml"
    weighted = TAXI.replace("label: tip", "label: tip\nweight: copies").replace(
        "{name: tip,", "{name: tip, sensitive: true,"
    )
    columns = (
        "columns:\n  - {name: copies, type: integer}\n  - {name: age, type: integer, sensitive: true, feature: true}"
    )
    file.write_text(weighted.replace("columns:", columns))

    code, said = run("check", str(file))

    assert code == 0
    capture, label, weight, sensitive, verdict = said.splitlines()
    assert capture.startswith("taxi.yaml:1: capture: warning: labels that callers send make no rows of predictions")
    assert label.startswith("taxi.yaml:5: label: warning: it is the label although it is sensitive")
    assert weight.startswith("taxi.yaml:6: weight: warning: it is kept in rows/ and each row counts once in training")
    assert "columns.age.feature: warning: it is a feature although it is sensitive" in sensitive
    assert verdict == "right: taxi"
    assert [warning["path"] for warning in json.loads(run("check", str(file), "--json")[1])["warnings"]] == [
        "capture",
        "label",
        "weight",
        "columns.age.feature",
    ]


def test_a_file_of_the_other_ending_is_to_be_renamed(tmp_path: Path) -> None:
    file = tmp_path / "taxi.yml"
    file.write_text(TAXI)

    assert run("check", str(file))[1].startswith("taxi.yml: a contract ends in .yaml: rename it to taxi.yaml\n")


def test_the_schema_is_printed_as_it_is_committed() -> None:
    assert run("schema") == (0, (ROOT / "datasets" / "contract.schema.json").read_text())


def test_judging_imports_no_client_of_aws_and_no_lake() -> None:
    code = (
        "import sys, lakeloop.compiler.build; print([m for m in ('boto3', 'lakefs_sdk', 'polars') if m in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"

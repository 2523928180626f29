"""`lakeloop contract infer` and a table against a contract, as a person reads them; no cloud is asked."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from lakeloop.cli.commands import contract, contract_infer
from lakeloop.cli.views.inference import outcome_view, screen
from lakeloop.client.errors import AdvisedError, MistakenNameError, RefusedDataError
from lakeloop.compiler.build import judge_file
from lakeloop.inference.infer import infer
from lakeloop.inference.outcome import outcome_of
from tests.data import ROOT
from tests.unit.inference.files import inferred, landed, on_disk

ROWS = [f"c{n},{n / 2},{'NA' if n % 9 == 0 else n % 7},{'yes' if n % 2 else 'no'}" for n in range(200)]
TABLE = "\n".join(["customerID,Total Charges,visits,churn", *ROWS, ""])


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(contract_infer, "CONTRACTS", tmp_path / "datasets")
    table = tmp_path / "churn.csv"
    table.write_text(TABLE)
    return table


def run(*arguments: object) -> str:
    result = CliRunner().invoke(contract.app, list(map(str, arguments)), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_contract_is_written_that_the_judge_takes_and_the_table_fits(file: Path) -> None:
    said = run("infer", file)

    target = file.parent / "datasets" / "churn.yaml"
    judged = judge_file(target)
    assert judged.contracts["churn"].row_key == ("customer_id",)
    assert "200 rows in, 200 committed, 0 quarantined" in said
    assert f"written to {target}" in said
    assert "contract check" in said.splitlines()[-1]
    assert "--contract churn`, then" in said.splitlines()[-1]
    assert run("check", file, "--contract", "churn").startswith("churn.csv: 200 rows in, 200 committed, 0 quarantined")


def test_a_contract_that_is_there_is_not_written_over(file: Path) -> None:
    run("infer", file)

    with pytest.raises(AdvisedError, match="is there already"):
        run("infer", file)
    with pytest.raises(AdvisedError, match="is there already"):
        run("infer", file, "-o", file.parent / "datasets" / "churn.yaml")


def test_a_contract_is_called_as_the_file_it_is_written_to(file: Path) -> None:
    target = file.parent / "leavers.yaml"

    run("infer", file, "-o", target, "--label", "Total Charges", "--key", "customerID, churn")

    judged = judge_file(target).contracts["leavers"]
    assert (judged.label, judged.row_key) == ("total_charges", ("customer_id", "churn"))


@pytest.mark.parametrize(
    ("arguments", "better"),
    [(("-o", "my-table.csv.yaml"), "-o my_table.yaml"), (("--name", "My Table"), "--name my_table")],
)
def test_a_name_that_no_dataset_can_have_is_said_with_one_that_it_can(
    file: Path, arguments: tuple[str, ...], better: str
) -> None:
    with pytest.raises(MistakenNameError) as error:
        run("infer", file, *arguments)

    assert better in error.value.advice


def test_a_contract_is_written_to_yaml_alone(file: Path) -> None:
    with pytest.raises(MistakenNameError, match=r"churn\.txt"):
        run("infer", file, "-o", file.parent / "churn.txt")


def test_columns_of_a_key_may_have_spaces_in_their_names(file: Path) -> None:
    run("infer", file, "--key", "customerID, Total Charges")

    judged = judge_file(file.parent / "datasets" / "churn.yaml").contracts["churn"]
    assert judged.row_key == ("customer_id", "total_charges")


def test_the_screen_says_what_is_guessed_of_the_table_as_a_whole(file: Path) -> None:
    said = " ".join(run("infer", file).split())

    assert "row_key customer_id customer_id is different in all rows" in said
    assert "label churn" in said
    assert "problem binary" in said


def test_cells_that_look_like_markup_are_shown_to_the_letter(file: Path) -> None:
    rows = "".join(f"{n / 2},{('[/b]', '[a]', ':no:')[n % 3]}\n" for n in range(60))
    file.write_text("x,churn\n" + rows)

    said = run("infer", file)

    assert all(word in said for word in ("[/b]  ", "[a]  ", ":no:  "))


def test_a_label_is_no_key(file: Path) -> None:
    with pytest.raises(RefusedDataError, match="churn is named as label and as key"):
        run("infer", file, "--label", "churn", "--key", "churn")


def test_a_header_alone_gets_a_contract_and_is_told_to_hold_no_rows(file: Path) -> None:
    file.write_text("a,b\n")

    assert "churn.csv: the file has no rows" in run("infer", file)


def test_the_contract_alone_is_printed_where_it_goes_to_a_pipe(file: Path) -> None:
    assert run("infer", file, "-o", "-") == inferred(TABLE, name="churn.csv").text


def test_what_is_no_table_is_refused(file: Path) -> None:
    file.write_bytes(b"PK\x03\x04")

    with pytest.raises(RefusedDataError, match="a spreadsheet or a zip"):
        run("infer", file)


def test_a_table_is_judged_with_reasons_lines_and_classes(file: Path) -> None:
    run("infer", file)
    file.write_text(TABLE + "c7,1,1,yes\nc900,many,1,yes\n")

    said = run("check", file, "--contract", "churn")

    assert "202 rows in, 200 committed, 2 quarantined" in said
    assert "unique: an earlier row has this key" in said
    assert "'many'" in said
    assert "validation" in said


def test_a_program_reads_the_outcome_as_json(file: Path) -> None:
    run("infer", file)

    outcome = json.loads(run("check", file, "--contract", "churn", "--json"))

    assert (outcome["rows_in"], outcome["committed"], outcome["quarantined"]) == (200, 200, 0)
    assert sum(outcome["classes"]["yes"].values()) == 100


def test_a_table_of_which_nothing_would_be_committed_is_refused(file: Path) -> None:
    run("infer", file)
    file.write_text("other,names\n1,2\n")

    with pytest.raises(RefusedDataError, match=r"nothing of churn\.csv would be committed"):
        run("check", file, "--contract", "churn")


@pytest.mark.parametrize(
    "arguments",
    [("check", "churn.csv", "--contract", "nothing"), ("check", "--contract", "churn"), ("infer", "gone.csv")],
)
def test_what_is_not_there_is_a_mistaken_name(
    file: Path, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file.parent)

    with pytest.raises(MistakenNameError):
        run(*arguments)


def test_the_page_about_your_own_table_shows_what_is_printed() -> None:
    table = ROOT / "datasets" / "examples" / "penguins.csv"
    found = infer([on_disk(table)])
    out = Console(file=io.StringIO(), width=80, color_system=None, legacy_windows=False, highlight=False)

    for part in (
        *screen(found, [table.name]),
        "",
        outcome_view(table.name, outcome_of(found.contract, on_disk(table))),
    ):
        out.print(part)

    assert isinstance(out.file, io.StringIO)
    printed = "\n".join(line.rstrip() for line in out.file.getvalue().strip().splitlines())
    assert printed in (ROOT / "docs" / "your-own-table.md").read_text()


def test_screens_fit_80_columns_and_name_every_column() -> None:
    found = inferred(TABLE, name="churn.csv")
    out = Console(file=io.StringIO(), width=80, color_system=None, legacy_windows=False)

    for part in (*screen(found, ["churn.csv"]), outcome_view("churn.csv", outcome_of(found.contract, landed(TABLE)))):
        out.print(part)

    assert isinstance(out.file, io.StringIO)
    lines = out.file.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    for column in ("customer_id", "total_charges", "visits", "churn"):
        assert any(line.startswith(column) for line in lines)
    warnings = next(place for place, line in enumerate(lines) if line.startswith("ask") or line.startswith("column"))
    assert warnings <= next(place for place, line in enumerate(lines) if line.startswith("customer_id"))


def test_a_class_with_too_few_rows_is_marked() -> None:
    found = inferred("x,label\n" + "".join(f"{n},{'ab'[n % 2]}\n" for n in range(20)))
    out = Console(file=io.StringIO(), width=80, color_system=None)

    content = landed("x,label\n1,a\n2,b\n")
    out.print(outcome_view("few.csv", outcome_of(found.contract, content)))

    assert isinstance(out.file, io.StringIO)
    assert "(too few)" in out.file.getvalue()

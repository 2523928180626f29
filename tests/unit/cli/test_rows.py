"""`lakeloop rows`: what a commit holds, on the screen and in files."""

from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from lakeloop.cli.commands import rows as command
from lakeloop.cli.main import Options, app
from lakeloop.client.errors import AdvisedError

FRAME = pl.DataFrame({"id": ["a", "[b]", "c"], "x": [1.5, None, 3.0]})


class Stub:
    """A table as the command uses it."""

    uri = "lakefs://r/c1/"

    def polars(self, split: str | None = None, *, origin: bool = False) -> pl.DataFrame:
        return FRAME if split is None else FRAME.head(1)


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    calls: list[tuple[str, str]] = []

    def data(dataset: str, at: str) -> Stub:
        calls.append((dataset, at))
        return Stub()

    monkeypatch.setattr(command, "data", data)
    return calls


def run(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["rows", "churn", *arguments], obj=Options(), catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


def test_rows_are_shown_to_the_letter_and_the_commit_is_named(asked: list[tuple[str, str]]) -> None:
    shown = run("--at", "v1", "--limit", "2")

    assert asked == [("churn", "v1")]
    assert "[b]" in shown
    assert " c " not in shown
    assert "3 rows, 2 shown, of lakefs://r/c1/" in shown


def test_a_cell_cannot_colour_the_screen_or_move_the_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Stub, "polars", lambda *_, **__: pl.DataFrame({"na\x1bme": ["a\x1b[2Jb"]}))

    shown = run()

    assert "\x1b" not in shown
    assert r"a\x1b[2Jb" in shown


def test_one_split_as_lines_of_json() -> None:
    assert run("--split", "train", "--json") == '{"id":"a","x":1.5}\n'


@pytest.mark.parametrize(
    ("ending", "read"), [(".csv", pl.read_csv), (".jsonl", pl.read_ndjson), (".parquet", pl.read_parquet)]
)
def test_a_file_gets_all_rows(tmp_path: Path, ending: str, read: object) -> None:
    file = tmp_path / f"rows{ending}"

    run("--out", str(file), "--limit", "1")

    assert callable(read)
    assert read(file).equals(FRAME)


def test_a_file_of_no_known_format_is_refused_before_anything_is_read(asked: list[tuple[str, str]]) -> None:
    with pytest.raises(AdvisedError, match="says no format"):
        run("--out", "rows.xlsx")

    assert asked == []

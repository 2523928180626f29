"""`lakeloop contract advance` moves two borders in the text of a contract, and nothing else."""

from pathlib import Path

import pytest

from lakeloop.cli.commands import contract as commands
from lakeloop.client.errors import AdvisedError
from lakeloop.compiler.borders import advanced_by, written
from lakeloop.compiler.judge import judge
from lakeloop.contract import DatasetContract

TEXT = """\
name: trips
# What comes later judges.
splits: {by: {column: at, until: {train: 2024-03-01, validation: "2024-04-01"}, gap: 1d}}  # as agreed
columns:
  - {name: id, type: string}
  - {name: at, type: TYPE}
"""


def text(kind: str = "date", **borders: str) -> str:
    found = TEXT.replace("TYPE", kind)
    if kind in ("integer", "float"):
        found = found.replace(", gap: 1d", "")
    for was, now in zip(("2024-03-01", "2024-04-01"), borders.values(), strict=False):
        found = found.replace(was, now)
    return found


def contract(given: str) -> DatasetContract:
    verdict = judge("trips.yaml", given.encode())
    assert verdict.contract, verdict.problems
    return verdict.contract


@pytest.mark.parametrize(
    ("given", "step", "expected"),
    [
        (text(), "30d", ("2024-03-31", "2024-05-01")),
        (text("timestamp"), "12h", ("2024-03-01T12:00:00+00:00", "2024-04-01T12:00:00+00:00")),
        (text("integer", train="10", validation="20"), "5", ("15", "25")),
        (text("float", train="1.5", validation="2"), "0.25", ("1.75", "2.25")),
    ],
)
def test_both_borders_move_and_the_rest_of_the_text_stays(given: str, step: str, expected: tuple[str, str]) -> None:
    train, validation = advanced_by(contract(given), step)

    changed = written(given, train, validation)

    assert (train, validation) == expected
    by = contract(changed).splits.by
    assert (by.until.train, by.until.validation) == expected  # type: ignore[union-attr]
    assert [line for line in changed.splitlines() if "until" not in line] == [
        line for line in given.splitlines() if "until" not in line
    ]
    assert changed.splitlines()[2].endswith("# as agreed")


@pytest.mark.parametrize(
    ("given", "step", "said"),
    [
        (text(), None, "not said"),
        (text(), "12h", "no whole days"),
        (text(), "soon", "no time"),
        (text("integer", train="10", validation="20"), "5d", "no number"),
        ("name: trips\ncolumns: [{name: id, type: string}]\n", "5d", "no borders"),
    ],
)
def test_what_cannot_move_is_said(given: str, step: str | None, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        advanced_by(contract(given), step)


def test_the_command_writes_the_file_and_says_what_comes_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(commands, "CONTRACTS", tmp_path)
    (tmp_path / "trips.yaml").write_text(text() + "retrain: {advance: 10d}\n")

    commands.advance("trips")

    assert "train: 2024-03-11, validation: 2024-04-11" in (tmp_path / "trips.yaml").read_text()
    assert "train now ends before 2024-03-11" in capsys.readouterr().out
    (tmp_path / "trips.yaml").write_text(text())
    with pytest.raises(AdvisedError, match="not said"):
        commands.advance("trips")

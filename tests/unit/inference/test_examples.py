"""The shipped examples: each contract is what is inferred of its table, and takes all its rows."""

import re
from pathlib import Path

import pytest

from lakeloop.compiler.build import judge_folder
from lakeloop.inference.infer import infer
from lakeloop.inference.outcome import outcome_of
from lakeloop.inference.roles import Wishes
from lakeloop.lake.layout import SPLITS
from tests.data import ROOT
from tests.unit.inference.files import on_disk

EXAMPLES = ROOT / "datasets" / "examples"
README = (ROOT / "datasets" / "README.md").read_text()
COMMANDS = dict(re.findall(r"^lakeloop contract infer datasets/examples/(\w+)\.csv(?: --label (\w+))?$", README, re.M))
FIGURES = {
    name: [int(figure.replace(",", "")) for figure in re.split(" / ", splits)]
    for name, splits in re.findall(r"^\| `(\w+)` \|.*\| ([\d,]+ / [\d,]+ / [\d,]+) \|", README, re.M)
}


def test_each_example_has_a_table_a_contract_a_command_and_figures() -> None:
    judged = judge_folder(EXAMPLES)

    assert judged.problems == ()
    assert sorted(judged.contracts) == sorted(file.stem for file in EXAMPLES.glob("*.csv"))
    assert sorted(judged.contracts) == sorted(COMMANDS) == sorted(FIGURES)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_command_of_the_readme_makes_the_contract(name: str) -> None:
    found = infer([on_disk(EXAMPLES / f"{name}.csv")], Wishes(label=COMMANDS[name] or None))

    assert found.contract == judge_folder(EXAMPLES).contracts[name]


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_all_rows_are_committed_with_the_figures_of_the_readme(name: str) -> None:
    table: Path = EXAMPLES / f"{name}.csv"

    outcome = outcome_of(judge_folder(EXAMPLES).contracts[name], on_disk(table))

    assert (outcome.rows_in, outcome.quarantined) == (sum(FIGURES[name]), 0)
    assert [sum(rows[split] for rows in outcome.classes.values()) for split in SPLITS] == FIGURES[name]
    assert all(
        rows["train"] >= 10 and rows["validation"] >= 2 and rows["test"] >= 2 for rows in outcome.classes.values()
    )

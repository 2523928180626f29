"""A contract is found for each table of tests/cases/data, and for those that were shipped."""

import csv
from pathlib import Path

import pytest
from sklearn import datasets

from lakeloop.inference.infer import infer
from lakeloop.inference.outcome import outcome_of
from tests.cases import DATA
from tests.unit.inference.files import inferred, landed, on_disk

SUFFIXES = (".csv", ".gz", ".jsonl", ".parquet")
CASES = sorted(folder for folder in DATA.iterdir() if folder.is_dir())
BROKEN = {
    "short-row-in-the-middle-of-a-quoted-break": "columns: 4, the line has 2",
    "short-row-nullable": "columns: 4, the line has 3",
    "surplus-two-first-row": "columns: 3, the line has 5",
}
"""So many lines of so few that the file is set aside whole, whatever the contract says of columns."""


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_the_gate_takes_a_case_under_the_contract_inferred_from_it(folder: Path) -> None:
    files = [on_disk(path) for path in sorted(folder.iterdir()) if path.suffix in SUFFIXES]

    found = infer(files)

    for file in files:
        outcome = outcome_of(found.contract, file)
        assert outcome.rows_in == outcome.committed + outcome.quarantined
        if folder.name in BROKEN:
            assert BROKEN[folder.name] in {reason.rule for reason in outcome.reasons}
        else:
            assert all(not reason.column for reason in outcome.reasons)
            assert outcome.committed > 0


@pytest.mark.parametrize(
    ("load", "label", "problem", "classes"),
    [
        (datasets.load_breast_cancer, "target", "binary", 2),
        (datasets.load_wine, "target", "multiclass", 3),
        (datasets.load_iris, "target", "multiclass", 3),
        (datasets.load_diabetes, "target", "regression", 1),
    ],
    ids=["breast_cancer", "wine", "iris", "diabetes"],
)
def test_a_known_set_is_taken_whole_with_its_classes_in_each_split(
    load: object, label: str, problem: str, classes: int, tmp_path: Path
) -> None:
    source = load()  # type: ignore[operator]
    file = tmp_path / "known.csv"
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow([*source.feature_names, label])
        writer.writerows(
            [*map(repr, map(float, row)), target] for row, target in zip(source.data, source.target, strict=True)
        )

    contract = infer([on_disk(file)]).contract
    outcome = outcome_of(contract, on_disk(file))

    assert (contract.label, contract.problem) == (label, problem)
    assert outcome.quarantined == 0
    assert len(outcome.classes) == classes
    assert all(
        rows["train"] >= 10 and rows["validation"] >= 2 and rows["test"] >= 2 for rows in outcome.classes.values()
    )


def test_an_outcome_counts_rows_by_reason_class_and_split() -> None:
    content = "id,x,label\n" + "".join(f"r{n},{n},{'yn'[n % 2]}\n" for n in range(200))
    contract = inferred(content).contract

    outcome = outcome_of(contract, landed(content + "r7,1,y\nr900,x,n\nr901,x,n\n"))

    assert (outcome.rows_in, outcome.committed, outcome.quarantined) == (203, 200, 3)
    assert [(reason.column, reason.rows, reason.first_line, reason.first_value) for reason in outcome.reasons] == [
        ("x", 2, 203, "x"),
        ("id", 1, 202, "r7"),
    ]
    assert sum(sum(splits.values()) for splits in outcome.classes.values()) == 200
    assert list(outcome.classes) == ["n", "y"]

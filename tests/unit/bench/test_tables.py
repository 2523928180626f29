"""The measures of `make bench-tables`, each on a table that passes and on one that must not."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from bench.tables import oracle, verdict
from bench.tables.__main__ import summary
from bench.tables.damage import plant
from bench.tables.sources import Source
from bench.tables.verdict import MEASURES, Taken, Verdict, judged
from lakeloop.contract import DatasetContract
from lakeloop.inference.infer import infer
from tests.unit.inference.files import landed

ROWS = [
    f"c{n},{n / 4},{'NA' if n % 9 == 0 else n % 7},2024-01-{n % 28 + 1:02},{'yes' if n % 2 else 'no'}"
    for n in range(60)
]
BODY = "\n".join(["id,x,visits,day,churn", *ROWS, ""]).encode()
SOURCE = Source("tests/table.csv", BODY)


@pytest.fixture
def contract() -> DatasetContract:
    return infer([landed(BODY)]).contract


def test_a_plain_table_passes_all_measures() -> None:
    assert judged(SOURCE) == Verdict("tests/table.csv", {}, 60)


def test_what_is_no_table_fails_all_measures() -> None:
    assert judged(Source("tests/table.csv", b"PK\x03\x04")).failed.keys() == set(MEASURES)


@pytest.mark.parametrize(
    ("change", "measure"),
    [
        (lambda taken: replace(taken, rows_in=59), "ingested"),
        (lambda taken: replace(taken, quarantined={1: (2, [("x", "type: float")])}), "ingested"),
        (lambda taken: replace(taken, committed=other_value(taken.committed)), "exact"),
    ],
)
def test_rows_that_are_lost_or_changed_fail(
    change: Callable[[Taken], Taken], measure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = verdict.take
    monkeypatch.setattr(verdict, "take", lambda source, contract: change(take(source, contract)))

    assert measure in judged(SOURCE).failed


def other_value(rows: Counter[tuple[object, ...]]) -> Counter[tuple[object, ...]]:
    """The same rows, but for the last digit of one number."""
    first = next(iter(rows))
    changed = (first[0], first[1] + 1e-9, *first[2:])  # type: ignore[operator]
    return Counter({changed if row == first else row: count for row, count in rows.items()})


def test_a_column_of_another_type_than_its_cells_fails(
    contract: DatasetContract, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = tuple(
        column.model_copy(update={"type": "string"}) if column.name == "day" else column for column in contract.columns
    )
    wrong = contract.model_copy(update={"columns": columns})
    monkeypatch.setattr(verdict, "infer", lambda files: replace(infer(files), contract=wrong))

    assert judged(SOURCE).failed == {"typed": "day is string, its cells are dates"}


def test_damage_that_is_taken_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdict, "plant", lambda body, *_: replace(plant(body, *_), body=body))

    assert judged(SOURCE).failed.keys() == {"planted"}


def test_ten_kinds_of_damage_are_planted_each_on_a_line_of_its_own(contract: DatasetContract) -> None:
    reading = oracle.read(BODY, contract)

    planted = plant(BODY, contract, reading, reading.records)

    assert len(planted.lines) >= 10
    assert len(set(planted.lines.values())) == len(planted.lines)
    lines = planted.body.splitlines(keepends=True)
    assert [line for number, line in enumerate(lines, start=1) if number not in planted.lines] == BODY.splitlines(True)


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "2.5", "NA", "1e3"], "number"),
        (["00501", "501"], ""),
        (["TRUE", "false"], "boolean"),
        (["2024-02-29", ""], "date"),
        (["2023-02-29"], ""),
        (["1", "x"], ""),
        (["", "NA"], ""),
    ],
)
def test_a_kind_is_what_all_cells_are(cells: list[str], kind: str) -> None:
    assert oracle.kind(cells) == kind


def test_shares_are_of_all_tables_and_exactness_of_those_that_got_in() -> None:
    verdicts = [Verdict("a", rows=2), Verdict("b", {"ingested": "lost"}, 1), Verdict("c", {"exact": "changed"}, 1)]

    assert summary(verdicts) == {
        "tables": 3,
        "rows": 4,
        "inferred": 1.0,
        "ingested": 0.6667,
        "exact": 0.5,
        "typed": 1.0,
        "planted": 1.0,
    }

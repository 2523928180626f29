"""What columns are for: key, label, groups, splits; and what only a person knows."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lakeloop.compiler.judge import judge
from lakeloop.errors import UnreadableObjectError
from lakeloop.inference.outcome import outcome_of
from tests.unit.inference.files import asked, inferred, landed


def rows(count: int, *cells: str) -> Iterator[str]:
    """Lines whose cells say `{n}` for the number of the row."""
    for n in range(count):
        yield ",".join(
            cell.format(n=n, n3=n % 3, n7=n % 7, half=n / 2, third=n // 20, odd="yn"[n % 2]) for cell in cells
        )


def table(header: str, count: int, *cells: str) -> str:
    return "\n".join([header, *rows(count, *cells), ""])


@pytest.mark.parametrize(
    ("header", "cells", "key"),
    [
        ("customer_id,x,label", ("c{n}", "{n7}", "{odd}"), ("customer_id",)),
        ("code,x,label", ("{n}", "{n7}", "{odd}"), ("code",)),
        (",x,label", ("{n}", "{n7}", "{odd}"), ()),
        ("Unnamed: 0,x,label", ("{n}", "{n7}", "{odd}"), ()),
        ("x,w,label", ("{half}", "{n7}", "{odd}"), ()),
        ("car,x,label", ("car {n}", "{n7}", "{odd}"), ("car",)),
        ("patient,visit,x,label", ("p{third}", "{n}", "{n7}", "{odd}"), ("patient", "visit")),
    ],
)
def test_a_key_is_what_tells_rows_apart_and_no_running_number(
    header: str, cells: tuple[str, ...], key: tuple[str, ...]
) -> None:
    assert inferred(table(header, 60, *cells)).contract.row_key == key


def test_a_running_number_in_front_is_skipped() -> None:
    contract = inferred(table(",x,label", 60, "{n}", "{n7}", "{odd}")).contract

    assert (contract.columns[0].header, contract.columns[0].type) == (("",), "skip")


@pytest.mark.parametrize(
    ("header", "cells", "problem", "label", "positive"),
    [
        ("x,churn,w", ("{n7}", "{odd}", "{half}"), "binary", "churn", "y"),
        ("x,w,group", ("{n7}", "{half}", "c{n3}"), "multiclass", "group", None),
        ("x,w,amount", ("{n7}", "c{n3}", "{half}"), "regression", "amount", None),
        ("target,w,amount", ("{n3}", "{n7}", "{half}"), "multiclass", "target", None),
        ("x,quality,w", ("{n7}", "{half}", "{n7}"), "regression", "quality", None),
    ],
)
def test_label_and_problem_are_told_by_names_and_values(
    header: str, cells: tuple[str, ...], problem: str, label: str, positive: str | None
) -> None:
    contract = inferred(table(header, 120, *cells)).contract

    assert (contract.problem, contract.label, contract.positive_class) == (problem, label, positive)


def test_wishes_are_columns_as_the_file_or_the_contract_calls_them() -> None:
    content = table("Total Charges,kind,x,w", 60, "{half}", "{odd}", "{n}", "{n7}")

    contract = inferred(content, label="Total Charges", key=("x",), name="t.csv").contract

    assert (contract.label, contract.problem, contract.row_key) == ("total_charges", "regression", ("x",))


def test_a_wish_for_a_column_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(UnreadableObjectError, match="no column is called z: the file has a, b"):
        inferred("a,b\n1,2\n3,4\n", label="z")


@pytest.mark.parametrize("label", ["day", "same", "number"])
def test_a_wish_for_a_label_that_cannot_be_learned_is_refused(label: str) -> None:
    content = table("number,day,same,x", 20, "", "2024-01-01", "a", "{n7}")

    with pytest.raises(UnreadableObjectError, match=f"{label}, a .*, is no label"):
        inferred(content, label=label)


def test_a_column_that_tells_the_label_alone_is_asked_for_first() -> None:
    found = inferred(table("x,reason,label", 200, "{n7}", "because {odd}", "{odd}"))

    assert asked(found)[0].startswith("reason: is it known before label is?")


@pytest.mark.parametrize("kind", ["amount", "date"])
def test_a_column_that_is_there_for_one_class_alone_is_asked_for(kind: str) -> None:
    cells = {"amount": "{n}", "date": "2024-01-{n:02d}"}[kind]
    lines = [
        f"{n % 7},{cells.format(n=n % 28 + 1) if n % 3 else ''},{'no' if n % 3 == 0 else 'yes'}" for n in range(90)
    ]

    found = inferred("\n".join(["x,cancelled_on,churn", *lines, ""]))

    assert asked(found)[0].startswith("cancelled_on: is it known before churn is? It is there for one class alone")


def test_a_column_that_tells_nearly_all_of_the_label_is_asked_for() -> None:
    lines = [f"{n % 7},{'ab'[n % 2 if n % 101 else 0]},{'yn'[n % 2]}" for n in range(300)]

    found = inferred("\n".join(["x,status,churn", *lines, ""]))

    assert asked(found)[0].startswith("status: is it known before churn is? It tells 99")


def test_a_column_that_tells_a_rare_class_no_better_than_chance_is_not_asked_for() -> None:
    lines = [f"{n % 7},{'ab'[n % 2]},{'yn'[n % 100 == 0]}" for n in range(300)]

    assert not any("is it known before" in text for text in asked(inferred("\n".join(["x,w,churn", *lines, ""]))))


def test_a_column_that_is_the_label_in_another_unit_is_asked_for() -> None:
    content = "\n".join(["x,pounds,price", *(f"{n % 7},{n * 2.5},{n}" for n in range(60)), ""])

    assert any(text.startswith("pounds: is it known before price is?") for text in asked(inferred(content)))


def test_rows_of_one_patient_stay_together_and_it_is_asked_for() -> None:
    content = table("patient,x,label", 240, "p{third}", "{n7}", "{odd}")

    found = inferred(content)

    assert found.contract.splits.by == ("patient",)
    assert found.contract.column("patient").type == "string"
    assert any(text.startswith("splits: do rows of one patient stay together?") for text in asked(found))


def test_equal_rows_under_two_keys_stay_together() -> None:
    content = table("id,x,w,label", 60, "r{n}", "{n7}", "{n3}", "{odd}")

    assert inferred(content).contract.splits.by == "values"


def test_equal_rows_stay_together_only_where_something_is_learned() -> None:
    assert inferred(table("time_id,count", 60, "r{n}", "{n7}")).contract.splits.by is None


def test_a_key_that_no_name_speaks_for_is_asked_for() -> None:
    found = inferred(table("first_name,x,label", 60, "n{n}", "{n7}", "{odd}"))

    assert found.contract.row_key == ("first_name",)
    assert any(text.startswith("row_key: does first_name name a row in all files?") for text in asked(found))


def test_a_label_is_called_the_last_column_only_where_it_is() -> None:
    last = inferred(table("x,w,amount", 120, "{n7}", "c{n3}", "{half}"))
    first = inferred(table("amount,year,w", 120, "{half}", "{n3}", "{n3}"))

    assert "the last column that can be learned" in asked(last)[0]
    assert first.contract.label == "amount"
    assert "the last column that can be learned" not in asked(first)[0]


def test_a_table_without_a_label_says_so_and_what_to_do() -> None:
    (note,) = inferred(table("time,count", 60, "r{n}", "{n7}")).notes

    assert note.startswith("no label: ")
    assert "--label" in note


def test_the_first_seed_that_gives_each_class_its_rows_is_written() -> None:
    """16 rows of a rare class cannot be left to chance: seed 0 gives too few of them to one split."""
    content = "\n".join(["x,label", *(f"{n / 2},{'rare' if n % 15 == 0 else 'often'}" for n in range(240)), ""])

    contract = inferred(content).contract
    classes = outcome_of(contract, landed(content)).classes

    assert all(classes[name][split] >= needed for name in classes for split, needed in NEEDED.items())
    others = contract.model_copy(
        update={"splits": contract.splits.model_copy(update={"seed": contract.splits.seed - 1})}
    )
    assert contract.splits.seed > 0
    found = outcome_of(others, landed(content)).classes
    assert any(found[name][split] < needed for name in found for split, needed in NEEDED.items())


NEEDED = {"train": 10, "validation": 2, "test": 2}


def test_twelve_patients_of_twenty_rows_have_both_classes_in_each_split() -> None:
    content = "\n".join(["patient,x,label", *(f"p{n // 20},{n % 7},{'ny'[n // 20 % 2]}" for n in range(240)), ""])

    contract = inferred(content).contract
    classes = outcome_of(contract, landed(content)).classes

    assert contract.splits.by == ("patient",)
    assert all(classes[name][split] >= needed for name in "yn" for split, needed in NEEDED.items())


def test_too_few_groups_for_a_split_are_said() -> None:
    content = table("patient,x,label", 140, "p{third}", "{n7}", "{odd}")

    assert any("fewer than 3 patient are in a split" in note for note in inferred(content).notes)


def test_lines_that_cannot_be_read_are_said_with_the_first_of_them() -> None:
    found = inferred("a,b\n1,2\n3\n4,5\n6,7\n")

    assert found.notes[0].endswith("quarantined: 1, the first is line 3: columns: 2, the line has 1")


def test_classes_that_no_seed_can_serve_are_said() -> None:
    found = inferred("x,label\n1.5,a\n2.5,b\n3.5,a\n4.5,b\n")

    assert any("no seed of 0 to 99" in note for note in found.notes)


def test_times_are_asked_for_with_the_line_to_write() -> None:
    days = "\n".join(f"2024-01-{day:02},{day % 7},{'yn'[day % 2]}" for day in range(1, 31))

    texts = asked(inferred(f"day,x,label\n{days}\n"))

    assert any(
        "splits: {by: {column: day, until: {train: 2024-01-22, validation: 2024-01-26}}}" in text for text in texts
    )


@pytest.mark.parametrize(
    "content",
    [
        table("country,indicator,value", 60, "c{n7}", "i{n3}", "{half}"),
        "country,1990,1991,1992,1993,1994\n" + "\n".join(rows(20, "c{n}", "{n}", "{n}", "{n}", "{n7}", "{n3}")) + "\n",
    ],
)
def test_a_long_or_a_wide_table_is_said_to_be_none_to_train_on(content: str) -> None:
    found = inferred(content)

    assert found.contract.label is None
    assert asked(found)[0].startswith("this is no table to train on")


@pytest.mark.parametrize(
    ("later", "delivery"),
    [(range(60, 90), "append"), (range(40, 90), "upsert"), (range(2, 70), "snapshot")],
)
def test_keys_of_several_files_tell_what_a_later_one_does(later: range, delivery: str) -> None:
    files = [
        "\n".join(["id,x,label", *(f"r{n},{n / 2},{'yn'[n % 2]}" for n in part), ""]) for part in (range(60), later)
    ]

    found = inferred(*files)

    assert found.contract.row_key == ("id",)
    said = found.contract.delivery if found.contract.delivery != "append" else " ".join(asked(found)) or "append"
    assert delivery in said


def test_at_most_five_questions_are_asked_and_the_contract_holds_them_worst_first() -> None:
    content = table("id,a,b,c,d,e,f,label", 80, "{n}", *["{odd}"] * 6, "{odd}")

    found = inferred(content)

    assert len(found.asks) == 5
    lines = [line.removeprefix("# ask: ") for line in found.text.splitlines() if line.startswith("# ask: ")]
    assert lines == asked(found)


def test_what_is_written_is_what_was_judged_and_no_longer_than_needed() -> None:
    found = inferred(table("customerID,Total Charges,churn", 80, "c{n}", "{half}", "{odd}"), name="my table.csv")

    assert judge("my_table.yaml", found.text.encode()).contract == found.contract
    assert [line.partition("  # ")[0] for line in found.text.splitlines() if not line.startswith("#")] == [
        "name: my_table",
        "problem: binary",
        "label: churn",
        'positive_class: "y"',
        "row_key: customer_id",
        "retrain: {min_new_rows: 80}",
        "columns:",
        "  - {name: customer_id, header: customerID, type: string}",
        "  - {name: total_charges, header: Total Charges, type: float}",
        '  - {name: churn, header: churn, type: category, allowed: ["n", "y"]}',
    ]


def test_a_file_with_a_header_alone_has_columns_and_nothing_to_learn() -> None:
    found = inferred("a,b\n")

    assert [column.name for column in found.contract.columns] == ["a", "b"]
    assert found.contract.label is None


def test_inference_is_in_no_function_and_asks_no_cloud() -> None:
    source = Path(__file__).parents[3] / "layers" / "lakeloop" / "inference"

    imported = {line for file in source.glob("*.py") for line in file.read_text().splitlines() if "import" in line}

    assert not [line for line in imported if "boto3" in line or "adapters" in line or "client" in line]

"""The type of a column by itself: the narrowest under which the gate takes its cells."""

from typing import Any

import pytest

from tests.unit.inference.files import asked, column, inferred


@pytest.mark.parametrize(
    ("cells", "settings"),
    [
        (["1", "2", "30"], {"type": "integer"}),
        (["1.5", "2", "1e5"], {"type": "float"}),
        (["TRUE", "false", "TRUE"], {"type": "boolean"}),
        (["yes", "no", "YES"], {"type": "boolean", "true_values": ("yes",), "false_values": ("no",)}),
        (["WAHR", "FALSCH", "wahr"], {"type": "boolean", "true_values": ("WAHR",), "false_values": ("FALSCH",)}),
        (["a", "b", "a", "b"], {"type": "category", "allowed": ("a", "b")}),
        (["a", "b", "c"], {"type": "string"}),
        (["00501", "10001", "501"], {"type": "string"}),
        (["9007199254740993", "2", "3"], {"type": "integer", "feature": False}),
        (["", "", ""], {"type": "string"}),
        (["NA", "", "NA"], {"type": "string"}),
        (["$1,200.50", "$3.00", "$14,000"], {"type": "float", "prefix": ("$",), "thousands": (",",)}),
        (["1,5", "2,25", "10"], {"type": "float", "decimal": ","}),
        (["1.234,50", "12.500", "999,9"], {"type": "float", "decimal": ",", "thousands": (".",)}),
        (["1,234", "12,500", "7"], {"type": "integer", "thousands": (",",)}),
        (["12%", "7.5 %", "3%"], {"type": "float", "suffix": ("%",)}),
        (["12%", "7.5 %", "0.12"], {"type": "string"}),
        (["(3)", "4", "5"], {"type": "integer", "negative": ("brackets",)}),
        (["d16", "d20", "d21"], {"type": "string"}),
        (["2024-01-05", "2024-02-29"], {"type": "date"}),
        (["29.01.2024", "01.03.2024"], {"type": "date", "format": "%d.%m.%Y"}),
        (["1/31/2024", "2/3/2024"], {"type": "date", "format": "%m/%d/%Y"}),
        (["05-Jan-24", "06-Feb-24"], {"type": "date", "format": "%d-%b-%y", "century": 1950}),
        (["2024-01-05 10:00:00", "2024-01-06"], {"type": "timestamp"}),
        (["2024-01-05T10", "2024-01-06T11"], {"type": "timestamp", "format": "%Y-%m-%dT%H"}),
        (["5.1.2024 10:30", "6.1.2024 11:45"], {"type": "timestamp", "format": "%d.%m.%Y %H:%M"}),
    ],
)
def test_the_narrowest_type_that_takes_all_cells_is_guessed(cells: list[str], settings: dict[str, Any]) -> None:
    found = column(cells).model_dump(exclude_defaults=True, by_alias=False)

    assert {key: found[key] for key in settings} == settings
    assert found.keys() <= {"name", "header", "nullable", *settings}


def test_a_day_that_can_be_read_two_ways_is_asked_for() -> None:
    found = inferred("n,day\n1,01/02/2024\n2,03/01/2024\n3,02/02/2024\n")

    assert any("day: is 01/02/2024 written as %d/%m/%Y?" in text for text in asked(found))


def test_of_two_ways_to_read_days_the_one_in_order_is_guessed() -> None:
    found = inferred("n,day\n1,01/02/2024\n2,02/01/2024\n3,03/01/2024\n")

    assert found.contract.column("day").format == "%m/%d/%Y"


@pytest.mark.parametrize("word", ["NA", "n/a", "NULL", "?", "\\N"])
def test_words_for_no_value_are_those_of_the_file(word: str) -> None:
    contract = inferred(f"n,x,w\n1,5,a\n2,{word},{word}\n3,6,a\n4,7,b\n5,8,b\n").contract

    assert contract.file.na_values == (word,)
    assert [contract.column(name).type for name in "xw"] == ["integer", "category"]
    assert contract.column("x").nullable
    assert contract.column("w").allowed == ("a", "b")


def test_a_word_among_numbers_means_missing_there_and_is_asked_for() -> None:
    found = inferred("n,x\n1,5\n2,-\n3,6\n4,7\n")

    assert found.contract.column("x").na_values == ("-",)
    assert any(text.startswith("x: does - mean missing?") for text in asked(found))


def test_a_word_that_looks_like_all_other_codes_is_a_value() -> None:
    countries = ["DE", "FR", "NA", "GB", "US", "IT", "ES", "PT", "SE", "NO", "FI"]
    rows = "\n".join(f"{place},{country}" for place, country in enumerate(countries * 2))

    found = inferred(f"n,country\n{rows}\n")

    assert "NA" in found.contract.column("country").allowed
    assert any(text.startswith("country: is NA a value?") for text in asked(found))


def test_one_negative_number_among_positive_ones_means_missing_and_is_asked_for() -> None:
    found = inferred("n,x\n1,150\n2,-200\n3,-200\n4,11\n")

    assert found.contract.column("x").na_values == ("-200",)
    assert any("x: does -200 mean missing?" in text for text in asked(found))


def test_negative_numbers_among_others_are_numbers() -> None:
    assert column(["150", "-200", "-200", "-3"]).na_values is None


def test_spellings_of_one_class_are_aliases() -> None:
    contract = inferred("a,income\n1,<=50K\n2,>50K\n3,<=50K.\n4,>50K.\n").contract

    assert contract.column("income").allowed == ("<=50K", ">50K")
    assert contract.column("income").aliases == {"<=50K": ("<=50K.",), ">50K": (">50K.",)}


def test_a_few_cells_that_are_no_numbers_cost_their_rows_and_are_asked_for() -> None:
    rows = "\n".join(f"{place},{place * 7}" for place in range(1, 400))

    found = inferred(f"n,x\n{rows}\n400,7O1\n")

    assert found.contract.column("x").type == "integer"
    assert any("x: is 7O1 a mistake?" in text for text in asked(found))


def test_texts_that_a_spreadsheet_wrote_are_let_in_and_asked_for() -> None:
    found = inferred("a,code\n1,'00010\n2,'00020\n3,'00030\n")

    assert found.contract.column("code").pattern
    assert any("code: did a spreadsheet write '00010?" in text for text in asked(found))


def test_nines_far_above_all_others_mean_missing_and_are_asked_for() -> None:
    found = inferred("n,x\n1,3\n2,999\n3,999\n4,11\n5,20\n6,7\n7,9\n")

    assert found.contract.column("x").na_values == ("999",)
    assert any("x: does 999 mean missing? Guessed yes, all others are at most 20" in text for text in asked(found))


@pytest.mark.parametrize(
    "cells",
    [
        ["3", "99999", "99999", "41310", "7", "9", "12"],
        ["3", "9999", "11", "20", "7", "9", "12"],
        ["3", "9999", "9999", "3"],
    ],
)
def test_nines_among_large_numbers_or_once_or_among_few_are_a_number(cells: list[str]) -> None:
    assert column(cells).na_values is None


def test_points_before_three_digits_are_asked_for_where_commas_are_decimal() -> None:
    found = inferred("n;x;y\n1;1.000;0,5\n2;2.500;1,5\n3;12.750;2,5\n")

    assert found.contract.column("x").type == "float"
    assert any(text.startswith("x: is 1.000 one, or a thousand? Guessed one") for text in asked(found))


@pytest.mark.parametrize("content", ["n,x\n1,1.000\n2,2.500\n3,12.750\n", "n;x\n1;1.000\n2;2.5\n3;12.75\n"])
def test_points_that_are_decimal_are_not_asked_for(content: str) -> None:
    assert not any("thousand" in text for text in asked(inferred(content)))


def test_a_month_is_read_one_way_alone() -> None:
    found = inferred("n,month\n1,1949-02\n2,1949-11\n3,1950-01\n")

    assert found.contract.column("month").format == "%Y-%m"
    assert not any("month" in text and "Both fit" in text for text in asked(found))


def test_numbers_with_some_other_texts_are_words_with_the_reason() -> None:
    rows = "\n".join(f"{place},{place / 8}" for place in range(1, 60))

    found = inferred(f"n,x\n{rows}\n60,<0.006\n61,<0.01\n")

    assert found.guesses[1].type == "string"
    assert found.guesses[1].reason == "2 rows are no numbers, as <0.006, so all is text"


def test_a_sign_among_words_is_a_value_and_asked_for() -> None:
    found = inferred("n,x\n" + "\n".join(f"{n},{('1st', '2nd', '*')[n % 3]}" for n in range(30)))

    assert "*" in (found.contract.column("x").allowed or ())
    assert "x: is * a value? Guessed yes; if it means missing: `na_values: [*]`, and take it out of `allowed`" in (
        text.replace('"', "") for text in asked(found)
    )


@pytest.mark.parametrize("name", ["postal_code", "Zip", "airport_ref"])
def test_whole_numbers_that_are_codes_are_no_feature_and_asked_for(name: str) -> None:
    rows = "\n".join(f"{10000 + 37 * (n % 40)},{n % 7},{'yn'[n % 2]}" for n in range(120))

    found = inferred(f"{name},x,churn\n{rows}\n")

    assert found.contract.columns[0].feature is False
    assert any(": is it an amount? Guessed no, a code" in text for text in asked(found))


@pytest.mark.parametrize("word", ["#DIV/0!", "#VALUE!", "#REF!", "k.A.", "n.a.", "nil"])
def test_what_a_spreadsheet_or_a_person_writes_for_no_number_is_missing_and_asked_for(word: str) -> None:
    rows = "\n".join(f"{n},{word if n % 9 == 0 else n / 4}" for n in range(100))

    found = inferred(f"n,x\n{rows}\n")

    assert (found.contract.column("x").type, found.contract.column("x").na_values) == ("float", (word,))
    assert any(text.startswith(f"x: does {word} mean missing?") for text in asked(found))


def test_a_column_that_is_nearly_the_same_in_all_rows_says_so() -> None:
    rows = "\n".join(f"{n % 9},5,{int(n == 77)},{'yn'[n % 2]}" for n in range(300))

    guesses = inferred(f"x,same,nearly,churn\n{rows}\n").guesses

    assert [guess.reason for guess in guesses[:3]] == [
        "whole numbers",
        "whole numbers; 5 in all rows",
        "whole numbers; 0 in 299 of 300 rows",
    ]

"""Of the cells of a sensitive column nothing is told, whatever is wrong with them."""

import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakeloop.contract import Column, DatasetContract, FileFormat
from lakeloop.ingest.transform import transform
from lakeloop.serving.reader import RequestReader
from lakeloop.values import RefusedValueError
from lakeloop.values.reading import CellReader
from tests.data import tiny

WORDS = [f"Morbus {name}" for name in ("Crohn", "Basedow", "Parkinson", "Wilson", "Addison", "Bechterew")]
LIMITS = {"min": -1, "max": 1}
KINDS: list[dict[str, Any]] = [
    {"type": "float", **LIMITS},
    {"type": "integer", "suffix": "%", **LIMITS},
    {"type": "boolean"},
    {"type": "category", "allowed": WORDS},
    {"type": "string", "pattern": "[a-z]{2}"},
    {"type": "date"},
    {"type": "timestamp", "timezone": "Europe/Berlin"},
]


def sensitive(**options: Any) -> DatasetContract:  # noqa: ANN401
    column = Column.model_validate({"name": "secret", "sensitive": True, **options})
    return tiny(columns=[*tiny().columns, column])


def reasons(contract: DatasetContract, content: str) -> list[dict[str, Any]]:
    with TemporaryDirectory() as folder:
        result = transform(contract, lambda: io.BytesIO(content.encode()), "tiny.csv", Path(folder))
        if result.quarantine is None:
            return []
        return [reason for row in pl.read_parquet(result.quarantine)["reasons"] for reason in row]


@pytest.mark.parametrize("options", KINDS, ids=[kind["type"] for kind in KINDS])
@given(cell=st.text(max_size=20) | st.from_regex(r"[+-]?[0-9., ']{1,12}[€%a-z]{0,3}", fullmatch=True))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_reason_against_a_cell_is_the_same_whatever_of_its_kind_stands_there(
    options: dict[str, Any], cell: str
) -> None:
    told = {
        "plain": CellReader(Column.model_validate({"name": "c", **options}), FileFormat(), feature=False),
        "untold": CellReader(
            Column.model_validate({"name": "c", "sensitive": True, **options}), FileFormat(), feature=False
        ),
    }
    answers: dict[str, object] = {}
    for how, reader in told.items():
        try:
            answers[how] = reader.text(cell)
        except RefusedValueError as error:
            answers[how] = error

    plain, untold = answers["plain"], answers["untold"]
    if isinstance(untold, RefusedValueError):
        assert isinstance(plain, RefusedValueError)
        assert untold.rule == plain.expected if cell.isascii() else plain.rule.startswith(untold.rule[:20])
        assert not any(character in untold.rule for character in cell if not character.isascii())
    else:
        assert untold == plain


def test_a_reason_has_no_value_of_it_and_no_words_near_it() -> None:
    contract = sensitive(type="category", allowed=WORDS)

    found = reasons(contract, "id,y,f,i,c,t,secret\na,yes,1,1,a,1,Morbus Krohn\nb,yes,99,1,a,1,Morbus Wilson\n")

    assert found == [
        {"column": "secret", "rule": "one of 6 listed values", "value": None},
        {"column": "f", "rule": "max: 10", "value": "99"},
    ]


def test_a_key_that_comes_again_is_not_told() -> None:
    contract = sensitive(type="string").model_copy(update={"row_key": ("id", "secret")})

    [reason] = reasons(contract, "id,y,f,i,c,t,secret\na,yes,1,1,a,1,4711\na,yes,2,1,a,1,4711\n")

    assert (reason["column"], reason["value"]) == ("id, secret", None)


def test_a_row_in_the_place_of_the_header_is_not_quoted() -> None:
    found = reasons(
        sensitive(type="string"), "Ann,yes,low,high,b,true,Morbus Wilson\nBob,no,low,low,a,true,Morbus Crohn\n"
    )

    assert any(reason["rule"] == "missing column: secret" for reason in found)
    assert not any("Morbus" in reason["rule"] for reason in found)


def test_a_misspelled_header_is_told_as_ever() -> None:
    found = reasons(sensitive(type="string"), "id,y,fee,i,c,t,secret\na,yes,1,1,a,1,4711\n")

    assert any("unknown column: `fee`" in reason["rule"] for reason in found)


def test_a_missing_label_is_one_although_its_values_are_not_told() -> None:
    label = tiny().label_column.model_copy(update={"sensitive": True})
    contract = tiny(
        columns=[label if column.name == "y" else column for column in tiny().columns],
        quality={"max_rejected_fraction": 0.4},
    )

    found = reasons(contract, "id,y,f,i,c,t\na,yes,1,1,a,1\nb,,1,1,a,1\nc,,1,1,a,1\nd,,1,1,a,1\ne,maybe,1,1,a,1\n")

    assert [(reason["rule"], reason["value"]) for reason in found] == [
        *[("required", None)] * 3,
        ("one of yes, no", None),
    ]


def test_it_is_no_feature_unless_the_contract_says_so() -> None:
    assert "secret" not in [column.name for column in sensitive(type="float").features]
    assert "secret" in [column.name for column in sensitive(type="float", feature=True).features]


def test_the_answer_to_a_request_does_not_repeat_it() -> None:
    reader = RequestReader(sensitive(type="category", allowed=WORDS, feature=True))

    _, problems = reader.csv({"f": 1, "secret": "Morbus Krohn"})

    assert json.dumps([problem.problem for problem in problems]) == (
        '["expected one of 6 listed values, found a sensitive value"]'
    )

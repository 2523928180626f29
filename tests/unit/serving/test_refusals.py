"""What is wrong with a row is said field by field, and never at length."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeloop.serving.request import INFERENCE_ID_EXPECTED, LARGEST_BODY
from tests.unit.serving.asking import GOOD, ask, problems, with_columns


def test_every_field_that_does_not_fit_is_named() -> None:
    answer = ask({"features": {"i": 1.5, "c": "z", "t": "perhaps", "q": 1}, "inference_id": 7, "extra": 1})

    assert answer.status == 400
    assert problems(answer) == {
        "features.f": "missing",
        "features.i": "expected integer, found `1.5`",
        "features.c": "expected one of a, b, found `z`",
        "features.t": "expected boolean, true or false, found `perhaps`",
        "features.q": "unknown",
        "inference_id": INFERENCE_ID_EXPECTED,
        "extra": "unknown",
    }


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("x", "expected float, found `x`"),
        (True, "expected float, found `true`"),
        (-1, "expected at least 0, found `-1`"),
        ("11", "expected at most 10, found `11`"),
    ],
)
def test_a_number_is_a_number_within_its_limits(value: object, problem: str) -> None:
    assert problems(ask({"features": {**GOOD, "f": value}})) == {"features.f": problem}


@pytest.mark.parametrize("value", [0, 10])
def test_the_limits_of_a_number_are_within_them(value: int) -> None:
    assert ask({"features": {**GOOD, "f": value}}).status == 200


@pytest.mark.parametrize("body", ["", "no json", "[]", "{}", '{"features": 1}', '{"features": {"f": NaN}}'])
def test_what_is_no_request_is_refused(body: str) -> None:
    assert ask(body).status == 400


@pytest.mark.parametrize(
    ("body", "field", "problem"),
    [
        ('{"features": {"f": 1%s}}' % ("0" * 400), "features.f", "expected float that is finite"),
        ('{"features": {"f": 1%s}}' % ("0" * 5000), "features.f", "expected float that is finite"),
        ('{"features": {"f": -%s}}' % ("9" * 5000), "features.f", "expected float that is finite"),
        ('{"features": {"f": 1, "i": 9223372036854775808}}', "features.i", "expected integer of 64 bits"),
        ('{"features": {"f": %s}}' % ("[" * 20000), "", "nested too deeply"),
        ('{"features": {"f": [[1]]}}', "features.f", "expected float, found a list"),
        ('{"features": {"f": {"a": 1}}}', "features.f", "expected float, found an object"),
        ('{"features": {"f": "%s"}}' % ("x" * 500), "features.f", "…"),
        ('{"features": {"f": 1, "t": [1]}}', "features.t", "expected boolean, found a list"),
        ('{"features": {"f": 1}, "inference_id": "a\\nb"}', "inference_id", "printable ASCII"),
        ('{"features": {"f": 1}, "inference_id": " a"}', "inference_id", "printable ASCII"),
        ('{"features": {"f": 1}, "inference_id": "\\ud800"}', "inference_id", "printable ASCII"),
        ('{"features": {"f": 1}, "inference_id": "%s"}' % ("x" * 65), "inference_id", "1 to 64"),
        ('{"features": {"f": 1}, "%s": 1}' % ("x" * 500), "x" * 40, "unknown"),
    ],
)
def test_what_a_caller_makes_up_is_a_400_that_names_it(body: str, field: str, problem: str) -> None:
    answer = ask(body)

    assert answer.status == 400
    assert problem in problems(answer)[field]
    assert len(json.dumps(answer.to_proxy())) < 2000


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (-1.5, "expected integer, found `-1.5`"),
        (10**30, "expected integer of 64 bits, found `1000000000000000000000000000000`"),
        (-(10**30), "expected integer of 64 bits, found `-1000000000000000000000000000000`"),
    ],
)
def test_an_integer_is_one_of_64_bits_on_both_sides_of_zero(value: float, problem: str) -> None:
    assert problems(ask({"features": {**GOOD, "i": value}})) == {"features.i": problem}


def test_the_largest_body_is_one_of_a_mebibyte() -> None:
    body = json.dumps({"features": GOOD}).ljust(1024 * 1024)

    assert ask(body).status == 200
    assert ask(f"{body} ").status == 413


@pytest.mark.parametrize(("length", "shown"), [(40, f"`{'x' * 40}`"), (41, f"`{'x' * 40}…`")], ids=["whole", "cut"])
def test_a_wrong_value_is_shown_to_its_40th_character(length: int, shown: str) -> None:
    assert problems(ask({"features": {"f": "x" * length}})) == {"features.f": f"expected float, found {shown}"}


@pytest.mark.parametrize(("length", "status"), [(1, 200), (2, 200), (64, 200), (65, 400)])
def test_an_inference_id_has_at_most_64_characters(length: int, status: int) -> None:
    assert ask({"features": GOOD, "inference_id": "x" * length}).status == status


def test_a_thousand_wrong_fields_are_not_all_listed() -> None:
    answer = ask({"features": {f"q{n}": n for n in range(1000)}})

    assert len(problems(answer)) == 100


@pytest.mark.parametrize(
    ("values", "listed"),
    [
        (10, "v0, v1, v2, v3, v4, v5, v6, v7, v8, v9"),
        (11, "11 listed values"),
        (500, "500 listed values"),
    ],
)
def test_allowed_values_are_listed_while_they_fit_into_forty_characters(values: int, listed: str) -> None:
    contract = with_columns(c={"allowed": [f"v{n}" for n in range(values)]})

    said = problems(ask({"features": {**GOOD, "c": "z"}}, today=contract))["features.c"]

    assert said == f"expected one of {listed}, found `z`"


def test_a_body_larger_than_a_row_can_be_is_413() -> None:
    answer = ask('{"features": {"f": "%s"}}' % ("é" * (LARGEST_BODY // 2)))

    assert (answer.status, answer.body) == (
        413,
        {"error": "invalid_request", "message": "a request has at most 1,048,576 bytes"},
    )


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_no_body_whatever_breaks_the_service(body: object) -> None:
    assert ask({"features": body}).status in (200, 400)
    assert ask({"features": {"f": body, "c": body}}).status in (200, 400)

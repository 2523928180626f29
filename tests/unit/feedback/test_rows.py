"""A prediction and its label make a row, or say why not."""

import json
from datetime import timedelta

import pytest

from lakeloop.compiler.warnings import warned
from lakeloop.feedback.rows import join
from tests.cases import PLAN
from tests.data import tiny
from tests.unit.capture.world import AT, capture
from tests.unit.serving.asking import with_columns


def test_sensitive_column_is_a_feature() -> None:
    assert (PLAN / "sensitive-column-is-a-feature" / "expected.md").exists()
    contract = with_columns(c={"sensitive": True, "feature": True})
    hashed = capture(input='{"id":"k1","f":1.5,"i":7,"c":"hmac-sha256:00ff","t":true}')

    joined = join(contract, [hashed], {hashed.inference_id: '"yes"'})

    assert joined.rows == []
    assert joined.skipped == {"`c` is sensitive, so predictions are kept without it": 1}
    assert any("`c` is sensitive" in said for path, said in warned(contract) if path == ("capture",))
    assert not [said for path, said in warned(tiny()) if path == ("capture",)]


@pytest.mark.parametrize(
    ("inputs", "label", "reason"),
    [
        (['{"id":"a","f":1}', '{"id":"a","f":2}'], '"yes"', "the inference id was given to several inputs"),
        (['{"id":"a","f":99}'], '"yes"', "today's contract refuses the `f`"),
        (['{"id":"a"}'], '"yes"', "the request held no `f`"),
        (['{"id":"a","f":1}'], '"maybe"', "the label does not fit today's contract"),
    ],
)
def test_what_makes_no_row_is_counted_with_its_reason(inputs: list[str], label: str, reason: str) -> None:
    captures = [capture("order-7", AT + timedelta(seconds=number), input=text) for number, text in enumerate(inputs)]

    joined = join(tiny(), captures, {"order-7": label})

    assert (joined.rows, joined.skipped) == ([], {reason: 1})


def test_of_one_key_the_latest_prediction_makes_the_row_and_the_others_are_counted() -> None:
    captures = [
        capture(f"order-{number}", AT + timedelta(seconds=number), input=json.dumps({"id": "a", "f": number}))
        for number in (2, 0, 1)
    ]

    joined = join(tiny(), captures, dict.fromkeys(("order-0", "order-1", "order-2"), '"yes"'))

    assert [row["f"] for row in joined.rows] == [2]
    assert joined.skipped == {"a later prediction of the same key": 2}


def test_a_request_that_was_sent_again_is_one_row() -> None:
    captures = [capture("order-7", AT + timedelta(seconds=number)) for number in range(3)]

    assert len(join(tiny(), captures, {"order-7": '"yes"'}).rows) == 1

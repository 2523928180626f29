"""What AWS takes for the value of a tag."""

import pytest
import regex

from lakeloop import names


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("job gave no model: `a`, 'b' (c)", "job gave no model: a b c"),
        ("größer = 1+1 @x/y_z-0.5:", "größer = 1+1 @x/y_z-0.5:"),
        ("x" * 300, "x" * 256),
        (f"{'x' * 255} y", "x" * 255),
        ("\n\t", ""),
    ],
)
def test_a_sentence_becomes_a_value_that_aws_takes_for_a_tag(text: str, value: str) -> None:
    assert names.tag_value(text) == value
    assert regex.fullmatch(r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)", value)

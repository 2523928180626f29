"""Booleans, categories, texts and words for nothing."""

from typing import Any

import pytest

from lakeloop.values import Value
from tests.unit.values.cells import json, text

MANY = [str(number) for number in range(100, 700)]


@pytest.mark.parametrize(
    ("cell", "type_", "options", "value"),
    [
        ("TRUE", "boolean", {}, True),
        ("0", "boolean", {}, False),
        ("1.0", "boolean", {}, True),
        ("Ja", "boolean", {"true_values": ["ja"], "false_values": ["nein"]}, True),
        ("0", "boolean", {"true_values": ["ja"]}, False),
        ("yes\u200b", "category", {"allowed": ["no", "yes"]}, "yes"),
        ("GRO\u0308SSE", "category", {"allowed": ["gr\u00f6\u00dfe"], "ignore_case": True}, "gr\u00f6\u00dfe"),
        ("<=50K.", "category", {"allowed": ["<=50K"], "aliases": {"<=50K": ["<=50K."]}}, "<=50K"),
        ("1.0", "category", {"allowed": ["0", "1"]}, "1"),
        ("+1", "category", {"allowed": ["0", "1"]}, "1"),
        ("NA", "category", {"allowed": ["NA", "b"], "file": {"na_values": "NA"}}, "NA"),
        ("app", "category", {"allowed": ["a"], "unlisted": "missing", "nullable": False}, None),
        ("app", "category", {"allowed": ["a"], "unlisted": "other"}, "app"),
        ("8.80E+12", "category", {"allowed": ["a"], "unlisted": "other", "pattern": ".*"}, "8.80E+12"),
        ("-9.0", "category", {"allowed": ["1", "2"], "na_values": "-9"}, None),
        ("-9.0", "category", {"allowed": ["1", "b"], "na_values": "-9", "unlisted": "other"}, "-9.0"),
        ("-9.0", "boolean", {"na_values": "-9"}, None),
        ("1.00", "boolean", {}, True),
        ("-0.0", "boolean", {}, False),
        ("a  b", "string", {}, "a  b"),
        ("e\u0301", "string", {}, "\u00e9"),
        ("a\tb", "string", {}, "a\tb"),
        ("line\nbreak", "string", {}, "line\nbreak"),
        ("8.80E+12", "string", {"pattern": ".*"}, "8.80E+12"),
        ("?", "string", {"file": {"na_values": "?"}}, None),
        ("?", "string", {"file": {"na_values": "?"}, "na_values": ["-"]}, "?"),
        ("Z-1", "string", {"pattern": "[A-Z]-[0-9]"}, "Z-1"),
    ],
)
def test_a_word_is_what_the_contract_says_it_is(cell: str, type_: str, options: dict[str, Any], value: Value) -> None:
    assert text(cell, type_, **options) == value


@pytest.mark.parametrize(
    ("cell", "type_", "options", "said"),
    [
        ("maybe", "boolean", {}, "! type: boolean, true or false"),
        ("0", "boolean", {"true_values": ["ja"], "false_values": ["nein"]}, "! type: boolean, ja or nein"),
        ("x", "category", {"allowed": ["no", "yes"]}, "! one of no, yes"),
        ("1.5", "category", {"allowed": ["0", "1"]}, "! one of 0, 1"),
        ("01", "category", {"allowed": ["00", "10"]}, "! one of 00, 10"),
        ("1234", "category", {"allowed": MANY}, "! one of 600 listed values; near it: 234, 134, 124"),
        ("Blue-gray", "category", {"allowed": [*MANY, "blue gray"]}, "near it: blue gray"),
        ("Mass", "category", {"allowed": [*MANY, "Massachusetts"]}, "near it: Massachusetts"),
        ("zzz", "category", {"allowed": MANY}, "! one of 600 listed values"),
        ("8.80E+12", "category", {"allowed": ["a"], "unlisted": "other"}, "! type: text, not scientific notation"),
        ("'00123", "category", {"allowed": ["a"], "unlisted": "missing"}, "! type: text without the ' in front"),
        ("a\u001f", "string", {}, "! no control characters, not U+001F"),
        ("\ud800", "string", {}, "! no control characters, not U+D800"),
        ("8.80E+12", "string", {}, "! type: text, not scientific notation"),
        ('="00123"', "string", {}, "! type: text, not the formula"),
        ("'00123", "string", {}, "! type: text without the ' in front"),
        ("z-1", "string", {"pattern": "[A-Z]-[0-9]"}, "! pattern: [A-Z]-[0-9]"),
        ("a\u0007", "string", {}, "! no control characters, not U+0007"),
        ("\uff59\uff45\uff53", "category", {"allowed": ["no", "yes"]}, "U+FF59"),
    ],
)
def test_another_word_is_refused_with_what_was_expected(
    cell: str, type_: str, options: dict[str, Any], said: str
) -> None:
    found = text(cell, type_, **options)

    assert isinstance(found, str)
    assert said in found
    assert found.startswith("! ")
    assert len(found) <= 202


@pytest.mark.parametrize(
    ("cell", "type_", "options", "value"),
    [
        (True, "boolean", {}, True),
        (0, "boolean", {}, False),
        (1.0, "boolean", {}, True),
        ("False", "boolean", {}, False),
        (1, "category", {"allowed": ["1", "2"]}, "1"),
        (2.0, "category", {"allowed": ["1", "2"]}, "2"),
        (True, "category", {"allowed": ["false", "true"]}, "true"),
        ("", "category", {"allowed": ["1"]}, None),
        (7, "string", {}, "7"),
        (1e-7, "string", {}, "0.0000001"),
        (1e-7, "category", {"allowed": ["0.0000001"]}, "0.0000001"),
        (-9.0, "category", {"allowed": ["1", "2"], "na_values": "-9"}, None),
        (7, "integer", {"pattern": "[0-9]{2}"}, "! pattern: [0-9]{2}"),
        ({}, "string", {}, "! type: string"),
    ],
)
def test_a_value_of_json_is_what_its_text_is(cell: object, type_: str, options: dict[str, Any], value: Value) -> None:
    assert json(cell, type_, **options) == value

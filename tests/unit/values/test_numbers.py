"""Numbers: exactly the one that was written, or a refusal that says what it looks like."""

from decimal import Decimal
from typing import Any

import pytest

from lakeloop.values import Value
from tests.unit.values.cells import json, text

EURO = {"decimal": ",", "thousands": [".", " "]}


@pytest.mark.parametrize(
    ("cell", "type_", "options", "value"),
    [
        ("12", "integer", {}, 12),
        (" +12 ", "integer", {}, 12),
        ("-0", "integer", {}, 0),
        ("12.0", "integer", {}, 12),
        ("12.", "integer", {}, 12),
        ("9223372036854775807", "integer", {"feature": False}, 2**63 - 1),
        ("-9223372036854775808", "integer", {"feature": False}, -(2**63)),
        ("9007199254740992", "integer", {}, 2**53),
        ("-9007199254740992", "integer", {}, -(2**53)),
        ("0000000000000000000000012", "integer", {"leading_zeros": True}, 12),
        ("1000000000000001", "float", {}, 1000000000000001.0),
        ("0.12345678901234567", "float", {}, 0.12345678901234567),
        ("1.00000000000000001", "float", {}, 1.0),
        ("3.4028234663852886e38", "float", {}, 3.4028234663852886e38),
        ("-3.4028234663852886e38", "float", {}, -3.4028234663852886e38),
        ("3.5e38", "float", {"feature": False}, 3.5e38),
        ("0", "float", {"min": 0}, 0.0),
        ("10", "float", {"max": 10}, 10.0),
        ("0e-999", "float", {}, 0.0),
        ("999.999,5", "float", EURO, 999999.5),
        ("+$5", "float", {"prefix": "$"}, 5.0),
        ("USD 5", "float", {"prefix": ["US", "USD"]}, 5.0),
        ("5 kg", "float", {"suffix": ["g", "kg", ""]}, 5.0),
        ("00501", "integer", {"leading_zeros": True}, 501),
        ("1.5", "float", {}, 1.5),
        (".5", "float", {}, 0.5),
        ("5.", "float", {}, 5.0),
        ("1e5", "float", {}, 1e5),
        ("1E-5", "float", {}, 1e-5),
        ("123456789012345680", "float", {}, 123456789012345680.0),
        ("1.2345e25", "float", {}, 1.2345e25),
        ("1.2089258196146302e+24", "float", {}, 2.0**80 + 2**30),
        ("1,5", "float", {"decimal": ","}, 1.5),
        ("1\u00b75", "float", {"decimal": "\u00b7"}, 1.5),
        ("999999999999999.000", "float", {}, 999999999999999.0),
        ("1.234,5", "float", EURO, 1234.5),
        ("1 234 567", "float", EURO, 1234567.0),
        ("1\u202f234", "integer", EURO, 1234),
        ("-1.234", "integer", EURO, -1234),
        ("1,234", "float", {"file": {"thousands": ","}}, 1234.0),
        ("$5", "float", {"prefix": "$"}, 5.0),
        ("-$ 5", "float", {"prefix": "$"}, -5.0),
        ("$-5", "float", {"prefix": "$"}, -5.0),
        ("5", "float", {"prefix": ["$", ""]}, 5.0),
        ("7.5 %", "float", {"suffix": "%"}, 7.5),
        ("(1.5)", "float", {"negative": ["brackets"]}, -1.5),
        ("($1.5)", "float", {"negative": ["brackets"], "prefix": "$"}, -1.5),
        ("1.5-", "float", {"negative": ["trailing"]}, -1.5),
        ("-200.0", "float", {"na_values": "-200"}, None),
        ("-200,0", "float", {"na_values": "-200", "decimal": ","}, None),
        ("-999", "integer", {"file": {"na_values": ["NA", "-999.0"]}}, None),
        ("NA", "integer", {"file": {"na_values": ["NA"]}}, None),
        ("-9999", "float", {"na_values": "-9.999", **EURO}, None),
        ("9007199254740992", "integer", {"na_values": "9007199254740993"}, 2**53),
        ("1000", "integer", {"na_values": "1_000"}, 1000),
        ("", "integer", {}, None),
        ("\u200e2", "float", {}, 2.0),
    ],
)
def test_a_number_is_the_one_that_was_written(cell: str, type_: str, options: dict[str, Any], value: Value) -> None:
    found = text(cell, type_, **options)

    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("cell", "type_", "options", "said"),
    [
        ("", "integer", {"nullable": False}, "required"),
        ("NA", "integer", {}, "type: integer"),
        ("1.5", "integer", {}, "type: integer"),
        ("1e3", "integer", {}, "type: integer: scientific notation, as a spreadsheet shows long numbers"),
        ("9223372036854775808", "integer", {"feature": False}, "type: integer of 64 bits"),
        ("1" * 5000, "integer", {}, "type: integer of 64 bits"),
        ("1" * 5000, "float", {}, "type: float that is finite"),
        ("-9223372036854775809", "integer", {"feature": False}, "type: integer of 64 bits"),
        ("9007199254740993", "integer", {}, "type: integer up to 2^53"),
        ("-9007199254740993", "integer", {}, "type: integer up to 2^53"),
        ("1.5e16", "integer", {}, "type: integer: scientific notation"),
        ("9007199254740993", "float", {}, "type: float: a whole number of so many digits would be rounded"),
        ("3.4028236e38", "float", {}, "type: float of at most 3.4e38"),
        ("-3.4028236e38", "float", {}, "type: float of at most 3.4e38"),
        ("1e-324", "float", {}, "type: float: too near zero"),
        ("0.0000001e-320", "float", {}, "type: float: too near zero"),
        ("00.5", "float", {}, "type: float without leading zeros"),
        (".", "float", {}, "type: float"),
        ("", "float", {"nullable": False}, "required"),
        ("1.2345,6", "float", EURO, "a point"),
        ("$5", "float", {"suffix": "%"}, "type: float with `%` behind it"),
        ("5", "float", {"prefix": ["$", "€"]}, "type: float with `$` or `€` before it"),
        ("-0.5", "float", {"min": 0}, "min: 0"),
        ("10.5", "float", {"max": 10}, "max: 10"),
        ("1,5", "float", {"decimal": ";"}, "type: float"),
        ("1'234'567", "float", {}, "separators of thousands? Then say `thousands`"),
        ("12 kg", "float", {}, 'then say `suffix: "kg"`'),
        ("EUR 5", "float", {}, 'then say `prefix: "EUR"`'),
        ("12 pint", "float", {}, "! type: float"),
        ("00501", "integer", {}, "type: integer without leading zeros: is it a code"),
        ("-007", "float", {}, "type: float without leading zeros"),
        ("1_000", "integer", {}, "type: integer"),
        ("0x1F", "integer", {}, "type: integer"),
        ("\u0661\u0662", "integer", {}, "type: integer"),
        ("nan", "float", {}, "type: float"),
        ("inf", "float", {}, "type: float"),
        ("1E400", "float", {}, "type: float that is finite"),
        ("1E-400", "float", {}, "type: float: too near zero"),
        ("1e39", "float", {}, "type: float of at most 3.4e38"),
        ("1234567890123456789", "float", {}, "type: float: a whole number of so many digits would be rounded"),
        ("1,5", "float", {}, 'decimal comma? Then say `decimal: ","`'),
        ("1,234,567", "float", {}, "separators of thousands? Then say `thousands`"),
        ("1.234", "float", {"decimal": ","}, "a point may be one of `thousands` only"),
        ("1.2345", "float", EURO, "a point may be one of `thousands` only"),
        ("12.34.567", "float", EURO, "a point"),
        ("0.123", "float", {**EURO, "leading_zeros": True}, "a point"),
        ("12%", "float", {}, 'then say `suffix: "%"`'),
        ("12", "float", {"suffix": "%"}, "type: float with `%` behind it"),
        ("€5", "float", {}, 'then say `prefix: "€"`'),
        ("(1.5)", "float", {}, "type: float"),
        ("-(1.5)", "float", {"negative": ["brackets"]}, "type: float"),
        ("--5", "float", {}, "type: float"),
        ("-5-", "float", {"negative": ["trailing"]}, "type: float"),
        ("-1", "float", {"min": 0}, "min: 0"),
        ("11", "integer", {"max": 10.5}, "max: 10.5"),
        ("1\u00002", "float", {}, "no control characters, not U+0000"),
    ],
)
def test_what_is_no_number_is_refused_with_what_it_looks_like(
    cell: str, type_: str, options: dict[str, Any], said: str
) -> None:
    found = text(cell, type_, **options)

    assert isinstance(found, str)
    assert found.startswith("! ")
    assert said in found
    assert len(found) <= 202


@pytest.mark.parametrize(
    ("cell", "type_", "value"),
    [
        (2, "integer", 2),
        (2.0, "integer", 2),
        (1.5, "integer", "! type: integer"),
        (2**63, "integer", "! type: integer of 64 bits"),
        (2, "float", 2.0),
        (10**400, "integer", "! type: integer of 64 bits"),
        (Decimal("1e-999999999"), "float", "! type: float: too near zero for 64 bits"),
        (Decimal("1e999999999"), "string", "! type: float that is finite, up to about 1.8e308"),
        (Decimal("0e999999999"), "integer", 0),
        (2.0**80 + 2**30, "float", 2.0**80 + 2**30),
        (1e400, "float", "! type: float that is finite, up to about 1.8e308"),
        (float("nan"), "float", None),
        (2.0, "string", "2"),
        (2.5, "string", "2.5"),
        (-200, "integer", -200),
        ([1], "integer", "! type: integer"),
        ("2", "integer", 2),
        (20000, "date", "! type: date, not the number of a day"),
    ],
)
def test_a_number_of_json_is_the_number_it_is(cell: object, type_: str, value: Value) -> None:
    assert json(cell, type_) == value

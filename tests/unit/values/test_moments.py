"""Dates and timestamps: one day and one moment, or a refusal."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from lakeloop.values import Value
from lakeloop.values.moments import letters_of, unknown_letters
from tests.unit.values.cells import json, text

BERLIN = {"timezone": "Europe/Berlin"}


@pytest.mark.parametrize(
    ("cell", "type_", "options", "value"),
    [
        ("2024-03-01", "date", {}, date(2024, 3, 1)),
        ("2024-01-05 00:00:00", "date", {}, date(2024, 1, 5)),
        ("9999-12-31", "date", {}, date(9999, 12, 31)),
        ("01.03.2024", "date", {"format": "%d.%m.%Y"}, date(2024, 3, 1)),
        ("1/3/2024", "date", {"format": "%m/%d/%Y"}, date(2024, 1, 3)),
        ("20240301", "date", {"format": "%Y%m%d"}, date(2024, 3, 1)),
        ("1 Mar 24", "date", {"format": "%d %b %y"}, date(2024, 3, 1)),
        ("1 march 49", "date", {"format": "%d %B %y", "century": 1950}, date(2049, 3, 1)),
        ("1 march 50", "date", {"format": "%d %B %y", "century": 1950}, date(1950, 3, 1)),
        ("2024-060", "date", {"format": "%Y-%j"}, date(2024, 2, 29)),
        ("2024", "date", {"format": "%Y"}, date(2024, 1, 1)),
        ("2024-03-01T12:30", "timestamp", {}, datetime(2024, 3, 1, 12, 30, tzinfo=UTC)),
        ("2024-03-01 12:30:15.25Z", "timestamp", {}, datetime(2024, 3, 1, 12, 30, 15, 250000, tzinfo=UTC)),
        ("2024-03-01T12:30:00+02:00", "timestamp", BERLIN, datetime(2024, 3, 1, 10, 30, tzinfo=UTC)),
        ("2024-07-01 12:30:00", "timestamp", BERLIN, datetime(2024, 7, 1, 10, 30, tzinfo=UTC)),
        ("2024-01-01T05", "timestamp", {"format": "%Y-%m-%dT%H"}, datetime(2024, 1, 1, 5, tzinfo=UTC)),
        ("3/1/2024 12:05 AM", "timestamp", {"format": "%m/%d/%Y %I:%M %p"}, datetime(2024, 3, 1, 0, 5, tzinfo=UTC)),
        ("3/1/2024 12:30 PM", "timestamp", {"format": "%m/%d/%Y %I:%M %p"}, datetime(2024, 3, 1, 12, 30, tzinfo=UTC)),
        ("3/1/2024 1:05 pm", "timestamp", {"format": "%m/%d/%Y %I:%M %p"}, datetime(2024, 3, 1, 13, 5, tzinfo=UTC)),
        ("3/1/2024 1:05", "timestamp", {"format": "%m/%d/%Y %I:%M"}, datetime(2024, 3, 1, 1, 5, tzinfo=UTC)),
        ("01.03.2024 12:00 am", "timestamp", {"format": "%d.%m.%Y %I:%M %p"}, datetime(2024, 3, 1, tzinfo=UTC)),
        ("2024-03-01 12:00 PM", "timestamp", {"format": "%Y-%m-%d %H:%M %p"}, datetime(2024, 3, 1, 12, tzinfo=UTC)),
        ("2024-03-01 11:59 AM", "timestamp", {"format": "%Y-%m-%d %H:%M %p"}, datetime(2024, 3, 1, 11, 59, tzinfo=UTC)),
        ("2024-03-01T00:00+0530", "timestamp", {}, datetime(2024, 2, 29, 18, 30, tzinfo=UTC)),
        ("2024-03-01T00:00-03:30", "timestamp", {}, datetime(2024, 3, 1, 3, 30, tzinfo=UTC)),
        ("2024-03-01T00:00+00:59", "timestamp", {}, datetime(2024, 2, 29, 23, 1, tzinfo=UTC)),
        ("2024-03-01T00:00:00,5", "timestamp", {}, datetime(2024, 3, 1, 0, 0, 0, 500_000, tzinfo=UTC)),
        ("2024-03-01T00:00:00.000001000", "timestamp", {}, datetime(2024, 3, 1, 0, 0, 0, 1, tzinfo=UTC)),
        ("05:06", "timestamp", {"format": "%H:%M"}, datetime(1970, 1, 1, 5, 6, tzinfo=UTC)),
        ("05", "timestamp", {"format": "%S"}, datetime(1970, 1, 1, 0, 0, 5, tzinfo=UTC)),
        ("1.1.68", "date", {"format": "%d.%m.%y"}, date(2068, 1, 1)),
        ("1.1.69", "date", {"format": "%d.%m.%y"}, date(1969, 1, 1)),
        ("1Mar2024", "date", {"format": "%d%b%Y"}, date(2024, 3, 1)),
        ("1x2024", "date", {"format": "%mx%Y"}, date(2024, 1, 1)),
        ("100% 2024", "date", {"format": "100%% %Y"}, date(2024, 1, 1)),
        ("2024-1", "date", {"format": "%Y-%j"}, date(2024, 1, 1)),
        ("2024-366", "date", {"format": "%Y-%j"}, date(2024, 12, 31)),
        ("2024-02 (060)", "date", {"format": "%Y-%m (%j)"}, date(2024, 2, 29)),
        ("Feb 2024 060", "date", {"format": "%b %Y %j"}, date(2024, 2, 29)),
        ("29 2024 060", "date", {"format": "%d %Y %j"}, date(2024, 2, 29)),
        ("3 (Mar) 2024", "date", {"format": "%m (%b) %Y"}, date(2024, 3, 1)),
        ("2024-10-27 03:00:00", "timestamp", BERLIN, datetime(2024, 10, 27, 2, tzinfo=UTC)),
        ("0000-00-00", "date", {"na_values": "0000-00-00"}, None),
        ("31.12.9999", "date", {"format": "%d.%m.%Y", "na_values": "9999-12-31"}, None),
        ("2024\u5e743\u67081\u65e5", "date", {"format": "%Y\u5e74%m\u6708%d\u65e5"}, date(2024, 3, 1)),
        ("2024-02-29 (060)", "date", {"format": "%Y-%m-%d (%j)"}, date(2024, 2, 29)),
        ("2024-03-01 13:00 PM", "timestamp", {"format": "%Y-%m-%d %H:%M %p"}, datetime(2024, 3, 1, 13, tzinfo=UTC)),
    ],
)
def test_a_moment_is_the_one_that_was_written(cell: str, type_: str, options: dict[str, Any], value: Value) -> None:
    assert text(cell, type_, **options) == value


@pytest.mark.parametrize(
    ("cell", "type_", "options", "said"),
    [
        ("01.03.2024", "date", {}, "! type: date written as ISO 8601, as 2024-03-01"),
        ("2024-1-5", "date", {}, "! type: date written as ISO"),
        ("2024-02-30", "date", {}, "! type: date: no such day or time in the calendar"),
        ("2024-01-05 10:00:00", "date", {}, "! type: date without a time of day: is it a timestamp?"),
        ("45000", "date", {}, "! type: date, not the number of a day"),
        ("2024115", "date", {"format": "%Y%m%d"}, "! type: date written as %Y%m%d"),
        ("2023-366", "date", {"format": "%Y-%j"}, "! type: date: no such day"),
        ("9999-366", "date", {"format": "%Y-%j"}, "! type: date: no such day"),
        ("2024-02-29 (061)", "date", {"format": "%Y-%m-%d (%j)"}, "! type: date: no such day"),
        ("1 Mar (4) 2024", "date", {"format": "%d %b (%m) %Y"}, "! type: date: no such day"),
        ("2024-03-01 01:00 PM", "timestamp", {"format": "%Y-%m-%d %H:%M %p"}, "! type: timestamp: no such day or time"),
        ("1.2.2024", "date", {"format": "%d.%d.%Y"}, "! type: date written as %d.%d.%Y"),
        ("2024-03-01T24:00", "timestamp", {}, "! type: timestamp: no such day or time"),
        ("2024-03-31 02:30:00", "timestamp", BERLIN, "! type: timestamp: Europe/Berlin skips this local time"),
        ("2024-10-27 02:30:00", "timestamp", BERLIN, "! type: timestamp: Europe/Berlin skips this local time"),
        ("13:00 PM", "timestamp", {"format": "%I:%M %p"}, "! type: timestamp: no such day or time"),
        ("00:30 AM", "timestamp", {"format": "%I:%M %p"}, "! type: timestamp: no such day or time"),
        ("2024-03-01 12:00 AM", "timestamp", {"format": "%Y-%m-%d %H:%M %p"}, "! type: timestamp: no such day or time"),
        ("2024-03-01 11:59 PM", "timestamp", {"format": "%Y-%m-%d %H:%M %p"}, "! type: timestamp: no such day or time"),
        ("2024-03-01T00:00+01:60", "timestamp", {}, "! type: timestamp: no such day or time"),
        ("2024-03-01T00:00:00.1234567", "timestamp", {}, "! type: timestamp written as ISO"),
        ("1232024", "date", {"format": "%d%m%Y"}, "! type: date written as %d%m%Y"),
        ("2024-000", "date", {"format": "%Y-%j"}, "! type: date: no such day"),
        ("Jan 2024 060", "date", {"format": "%b %Y %j"}, "! type: date: no such day"),
        ("28 2024 060", "date", {"format": "%d %Y %j"}, "! type: date: no such day"),
        ("123456", "date", {}, "! type: date, not the number of a day"),
        ("1234567", "date", {}, "! type: date written as ISO"),
        ("45000.5", "timestamp", {}, "! type: timestamp, not the number of a day"),
        ("9999-12-31T23:59:59-00:01", "timestamp", {}, "! type: timestamp between the years 1 and 9999"),
        ("\u0662024-01-01", "date", {}, "! type: date written as ISO"),
        ("0001-01-01T00:00:00+14:00", "timestamp", {}, "! type: timestamp between the years 1 and 9999"),
    ],
)
def test_another_moment_is_refused(cell: str, type_: str, options: dict[str, Any], said: str) -> None:
    found = text(cell, type_, **options)

    assert isinstance(found, str)
    assert found.startswith(said)


@pytest.mark.parametrize(
    ("cell", "type_", "value"),
    [
        (date(2024, 3, 1), "date", date(2024, 3, 1)),
        (datetime(2024, 3, 1, tzinfo=UTC), "date", date(2024, 3, 1)),
        (datetime(2024, 3, 1, 5, tzinfo=UTC), "date", "! type: date without a time of day: is it a timestamp?"),
        (datetime(2024, 3, 1, 5, tzinfo=UTC), "timestamp", datetime(2024, 3, 1, 5, tzinfo=UTC)),
        (date(2024, 3, 1), "timestamp", datetime(2024, 3, 1, tzinfo=UTC)),
        (date(2024, 3, 1), "string", "2024-03-01"),
    ],
)
def test_a_moment_of_parquet_is_taken_as_it_is(cell: object, type_: str, value: Value) -> None:
    assert json(cell, type_) == value


@pytest.mark.parametrize(
    ("cell", "type_", "options", "value"),
    [
        (date(9999, 12, 31), "date", {"na_values": "9999-12-31"}, None),
        (datetime(1900, 1, 1, tzinfo=UTC), "timestamp", {"na_values": "1900-01-01"}, None),
        (-1, "date", {"na_values": "-1"}, None),
        (20240301, "date", {"format": "%Y%m%d"}, date(2024, 3, 1)),
        (45000, "date", {}, "! type: date, not the number of a day"),
        (1709251200, "timestamp", {}, "! type: timestamp, not the number of a day"),
    ],
)
def test_a_moment_with_a_type_is_what_its_text_is(
    cell: object, type_: str, options: dict[str, Any], value: Value
) -> None:
    assert json(cell, type_, **options) == value


@pytest.mark.parametrize("month", range(1, 13))
def test_every_month_has_its_english_names(month: int) -> None:
    written = date(2024, month, 1)

    for form in ("%d %b %Y", "%d %B %Y"):
        assert text(f"{written:{form}}", "date", format=form) == written


@pytest.mark.parametrize(
    ("form", "letters", "unknown"),
    [
        ("%d.%m.%Y", ["d", "m", "Y"], []),
        ("100%% %Y", ["Y"], []),
        ("%#d %Q", ["#", "Q"], ["%#", "%Q"]),
        ("%Y %", ["Y"], ["%"]),
        ("day", [], []),
    ],
)
def test_letters_that_mean_nothing_are_told(form: str, letters: list[str], unknown: list[str]) -> None:
    assert letters_of(form) == letters
    assert list(unknown_letters(form)) == unknown

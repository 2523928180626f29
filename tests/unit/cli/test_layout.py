"""Words that several screens share."""

from datetime import UTC, datetime, timedelta

import pytest

from lakeloop.cli.views.layout import age, counted, is_wide, visible
from lakeloop.cli.views.letters import LONGEST_REASON, shortened
from lakeloop.cli.views.log_lines import short
from tests.unit.cli.rendering import console_of

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        (timedelta(seconds=9), "just now"),
        (timedelta(seconds=10), "10 s ago"),
        (timedelta(seconds=119), "119 s ago"),
        (timedelta(minutes=2), "2 minutes ago"),
        (timedelta(minutes=119), "119 minutes ago"),
        (timedelta(hours=2), "2 hours ago"),
        (timedelta(hours=47, minutes=59), "47 hours ago"),
        (timedelta(days=2), "2 days ago"),
        (timedelta(days=3, hours=23), "3 days ago"),
    ],
    ids=str,
)
def test_an_age_is_told_in_the_largest_unit_of_which_there_are_two(passed: timedelta, said: str) -> None:
    assert age(NOW - passed, NOW) == said


def test_one_is_counted_as_one_and_thousands_are_parted() -> None:
    assert [counted(number, "row") for number in (0, 1, 2, 1234)] == ["0 rows", "1 row", "2 rows", "1,234 rows"]
    assert [counted(number, "entry", "entries") for number in (1, 2)] == ["1 entry", "2 entries"]


def test_tables_begin_at_a_hundred_columns() -> None:
    assert [is_wide(console_of(width)) for width in (99, 100)] == [False, True]


def test_what_would_move_the_cursor_is_shown_as_its_code() -> None:
    assert visible("ä\x1b[2J\n\ud800") == "ä\\x1b[2J\\n\\ud800"


def test_a_reason_of_a_thousand_characters_is_whole_and_a_longer_one_says_how_long_it_is() -> None:
    assert shortened("x" * LONGEST_REASON) == "x" * LONGEST_REASON
    assert shortened("x" * 1001) == f"{'x' * 1000}… (1,001 characters, `--json` has all)"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("0123456789abcdef" * 4, "0123456789ab"),
        ("0123456789abcdef" * 2, "0123456789ab"),
        ("0123456789abcdef" * 3, "0123456789abcdef" * 3),
        ("0123456789abcdeg" * 2, "0123456789abcdeg" * 2),
        ("two words", '"two words"'),
        (3, "3"),
    ],
)
def test_digests_are_shortened_and_words_kept_together(value: object, shown: str) -> None:
    assert short(value) == shown

"""Why rows were set aside, for a person: by rule, not row by row."""

import pytest

from lakeloop.cli import console
from lakeloop.cli.quarantine import show
from lakeloop.client.quarantine import BrokenRule, Reason, Rejected, broken_rules

REJECTED = [
    Rejected(3, 4, b"", (Reason("y", "required", None), Reason("f", "max: 10", "11"))),
    Rejected(7, 8, b"", (Reason("f", "max: 10", "[12]"),)),
    Rejected(9, 10, b"", (Reason("", "file: 3 rows", None),)),
]


def test_rows_are_counted_by_the_rule_they_break() -> None:
    assert broken_rules(REJECTED) == [
        BrokenRule("y", "required", 1, 3, None),
        BrokenRule("f", "max: 10", 2, 3, "11"),
        BrokenRule("", "file: 3 rows", 1, 9, None),
    ]


def test_address_and_rules_are_shown_on_unbroken_lines(capsys: pytest.CaptureFixture[str]) -> None:
    uri = "s3://artifacts/" + "long/" * 40

    show(console.stdout(), REJECTED, uri)

    said = capsys.readouterr().out
    assert f"3 rows quarantined at {uri}" in said
    (line,) = (line for line in said.splitlines() if "max: 10" in line)
    assert [cell.strip() for cell in line.split("\u2502")[1:-1]] == ["f", "max: 10", "2", "3", "'11'"]

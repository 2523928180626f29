"""M out of N periods and missing data, as CloudWatch's documentation tells them."""

import pytest

from lakeloop.local.aws.alarms import Rule, judge

X, OK, GAP = 2.0, 0.0, None  # above the threshold, below it, nothing reported


def state(
    missing: str, *values: float | None, needed: int | None = None, comparison: str = "GreaterThanThreshold"
) -> str | None:
    return judge(Rule(comparison, 1.0, needed or len(values), missing), values).state


@pytest.mark.parametrize("missing", ["missing", "ignore", "breaching", "notBreaching"])
def test_with_all_data_there_missing_data_does_not_matter(missing: str) -> None:
    assert state(missing, X, X, X) == "ALARM"
    assert state(missing, X, OK, X) == "OK"
    assert state(missing, X, OK, X, needed=2) == "ALARM"


@pytest.mark.parametrize(
    ("missing", "expected"),
    [("missing", "INSUFFICIENT_DATA"), ("ignore", None), ("breaching", "ALARM"), ("notBreaching", "OK")],
)
def test_silence(missing: str, expected: str | None) -> None:
    assert state(missing, GAP, GAP, GAP) == expected


@pytest.mark.parametrize(
    ("missing", "expected"), [("missing", "OK"), ("ignore", None), ("breaching", "ALARM"), ("notBreaching", "OK")]
)
def test_one_good_datapoint_among_gaps(missing: str, expected: str | None) -> None:
    assert state(missing, OK, GAP, GAP, needed=2) == expected


@pytest.mark.parametrize(
    ("missing", "expected"), [("missing", "ALARM"), ("ignore", None), ("breaching", "ALARM"), ("notBreaching", "OK")]
)
def test_one_bad_datapoint_among_gaps(missing: str, expected: str | None) -> None:
    assert state(missing, GAP, GAP, X) == expected


@pytest.mark.parametrize(
    ("comparison", "at_threshold"),
    [
        ("GreaterThanThreshold", "OK"),
        ("GreaterThanOrEqualToThreshold", "ALARM"),
        ("LessThanThreshold", "OK"),
        ("LessThanOrEqualToThreshold", "ALARM"),
    ],
)
def test_the_threshold_itself(comparison: str, at_threshold: str) -> None:
    assert state("missing", 1.0, comparison=comparison) == at_threshold


def test_the_reason_tells_values_and_threshold() -> None:
    reason = judge(Rule("GreaterThanThreshold", 1.0, 1, "missing"), [7.5]).reason

    assert reason == "Threshold Crossed: 1 of 1 datapoints GreaterThanThreshold 1.0: [7.5]"

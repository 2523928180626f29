"""What SageMaker says of a job that failed, for people."""

import pytest

from lakeloop.training.failure import explained


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("", "SageMaker gave no reason"),
        ("AlgorithmError:\n  out of\tmemory ", "AlgorithmError: out of memory"),
        ("x" * 400, "x" * 400),
        ("x" * 401, "x" * 400),
        (
            "The account-level service limit 'ml.m5.large' is 0 Instances.",
            "quota: The account-level service limit 'ml.m5.large' is 0 Instances. "
            "Ask for more under Service Quotas, or name another training.instance_type",
        ),
    ],
    ids=["none", "several lines", "400", "401", "quota"],
)
def test_the_reason_of_a_failed_job_is_one_line_that_says_what_helps(reason: str, said: str) -> None:
    assert explained(reason) == said

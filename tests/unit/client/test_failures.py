"""The records that functions leave of their failures, as people read them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from lakeloop.adapters.s3 import S3FailureLog
from lakeloop.client.environment import Environment
from lakeloop.client.failures import MESSAGES_SAID, Failures, described
from lakeloop.failures import Failure
from tests.unit.client.deployed import emulated


def failure(reason: str, *, message: str = "m", tries: int = 2) -> Failure:
    return Failure("start_tuning", message, "object", reason, "TransientError", tries, "first", "last", "")


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("x" * MESSAGES_SAID, "x" * MESSAGES_SAID),
        ("x" * (MESSAGES_SAID + 1), "x" * MESSAGES_SAID + "…"),
        (" two\n\tlines ", "two lines"),
    ],
    ids=["as long as may be", "longer", "lines"],
)
def test_a_failure_is_one_line_that_is_not_too_long(reason: str, said: str) -> None:
    assert described(failure(reason)) == f"start_tuning failed (2 tries): {said}"


def test_one_try_is_not_called_tries() -> None:
    assert described(failure("why", tries=1)) == "start_tuning failed (1 try): why"


class TestSince:
    @pytest.fixture
    def environment(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Environment]:
        with emulated(monkeypatch) as environment:
            yield environment

    def test_a_moment_in_the_future_nothing_has_failed(self, environment: Environment) -> None:
        S3FailureLog(environment.s3, environment.outputs.artifacts_bucket).put(failure("why"))
        now = datetime.now(UTC)

        assert [f.reason for f in Failures(environment).since("start_tuning", now - timedelta(hours=1))] == ["why"]
        assert list(Failures(environment).since("start_tuning", now + timedelta(hours=1))) == []
        assert list(Failures(environment).since("deploy_model", now - timedelta(hours=1))) == []

"""How long functions may run, against how long what they wait for, or what waits for them, takes."""

from typing import Any

import pytest

from lakeloop.adapters.reaper import LONGEST_WAIT_SECONDS
from lakeloop.adapters.runtime import CONTROL_CONFIG, RUNTIME_CONFIG, STORE_CONFIG
from lakeloop.serving.scoring import SECONDS_FOR_FIRST_ANSWER
from lakeloop.settings import ReaperSettings
from lakeloop.training.service import LEASE_SECONDS
from tests.infra.planned import Resource, environment_of, of_type


@pytest.fixture(scope="module")
def timeouts(plan: list[Resource]) -> dict[str, int]:
    """Seconds of each function."""
    return {
        function.values["function_name"].removeprefix("lakeloop-test-"): function.values["timeout"]
        for function in of_type(plan, "aws_lambda_function")
    }


def test_predictions_are_answered_before_the_gateway_gives_up(timeouts: dict[str, int]) -> None:
    assert timeouts["predict"] < 29


def test_the_reaper_waits_as_long_as_those_who_make_jobs_and_endpoints_may_run(
    plan: list[Resource], timeouts: dict[str, int]
) -> None:
    settings = ReaperSettings.model_validate(environment_of(plan, "reap_endpoints"))

    assert settings.in_flight_seconds >= max(timeouts["start-tuning"], timeouts["deploy-model"])
    assert timeouts["reap-endpoints"] > LONGEST_WAIT_SECONDS + settings.in_flight_seconds


def test_the_lease_outlives_the_function_that_holds_it(timeouts: dict[str, int]) -> None:
    assert timeouts["start-tuning"] < LEASE_SECONDS


def test_what_predict_waits_for_at_most_fits_its_time(timeouts: dict[str, int]) -> None:
    """One look at the endpoint, of four calls, one invocation, and another look while the endpoint changes."""
    control: Any = CONTROL_CONFIG
    runtime: Any = RUNTIME_CONFIG
    store: Any = STORE_CONFIG
    look = 4 * (control.connect_timeout + control.read_timeout)
    ask = runtime.connect_timeout + runtime.read_timeout

    # A client that was made of one writes its mode into it.
    assert all(config.retries["total_max_attempts"] == 1 for config in (control, runtime, store))
    assert look + ask < timeouts["predict"]
    # A second attempt begins only while it fits too.
    assert SECONDS_FOR_FIRST_ANSWER + ask < timeouts["predict"]

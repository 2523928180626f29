"""What an endpoint serves, in words, and which data and job its model came from."""

from datetime import UTC, datetime, timedelta

import pytest

from lakeloop import names
from lakeloop.client.served import describe_state
from lakeloop.deployment.ports import EndpointState

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def endpoint(status: str, config: str, desired: str = "new", reason: str = "") -> EndpointState:
    return EndpointState("e", status, config, reason, {names.DESIRED_CONFIG_TAG: desired})


@pytest.mark.parametrize(
    ("state", "changed_after_seconds", "words"),
    [
        (endpoint("Creating", "new"), 0, "starting its first model"),
        (endpoint("Updating", "old"), 5, "changing to a new model"),
        (endpoint("RollingBack", "old"), 5, "going back to the model before"),
        (endpoint("InService", "new"), 5, "in service"),
        (endpoint("InService", "old"), 5, "set by hand to another model"),
        (endpoint("InService", "old"), -600, "about to be updated"),
        (endpoint("InService", "old", reason="alarm fired"), 5, "rolled back: alarm fired"),
        (endpoint("Failed", "new", reason="no image"), 5, "Failed: no image"),
    ],
)
def test_the_state_of_an_endpoint_is_told_in_words(
    state: EndpointState, changed_after_seconds: int, words: str
) -> None:
    changed = NOON + timedelta(seconds=changed_after_seconds)

    assert words in describe_state(state, changed=changed, wanted_since=NOON)


def test_an_endpoint_set_back_by_hand_is_not_said_to_be_unfinished() -> None:
    """Also when the config that was deployed last is gone."""
    said = describe_state(endpoint("InService", "old"), changed=NOON, wanted_since=None)

    assert "set by hand" in said
    assert "not yet" not in said

"""Any key that is enabled calls the API; a caller's own by its name."""

from collections.abc import Iterator

import pytest

from lakeloop.client.api_keys import ApiKeys
from lakeloop.client.environment import Environment
from lakeloop.client.errors import AdvisedError, MistakenNameError
from tests.unit.client.deployed import emulated


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Environment]:
    with emulated(monkeypatch) as found:
        yield found


def keys(environment: Environment, **enabled: bool) -> ApiKeys:
    """Keys by caller, whose values are the callers' names."""
    client = environment._session.client("apigateway")
    ids = {
        name: client.create_api_key(name=name, enabled=state, value=f"key-of-{name}-of-twenty-characters")["id"]
        for name, state in enabled.items()
    }
    return ApiKeys(client, ids)


def test_any_key_that_is_enabled_is_taken_the_default_before_others(environment: Environment) -> None:
    assert keys(environment, all=True, default=True).value().startswith("key-of-default")
    assert keys(environment, old=False, b=True, c=True).value().startswith("key-of-b")


def test_a_callers_key_is_read_by_its_name(environment: Environment) -> None:
    assert keys(environment, web=True, batch=True).value("web").startswith("key-of-web")


def test_a_key_that_cannot_be_used_is_said_with_what_to_do(environment: Environment) -> None:
    found = keys(environment, default=False, web=False)

    with pytest.raises(AdvisedError, match="no API key is enabled"):
        found.value()
    with pytest.raises(AdvisedError, match="the key of web is disabled"):
        found.value("web")
    with pytest.raises(MistakenNameError, match="'nobody' has no API key"):
        found.value("nobody")

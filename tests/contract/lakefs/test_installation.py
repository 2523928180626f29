"""A fresh server: set-up, keys, health, and what it says of itself."""

from __future__ import annotations

import inspect
import re
import signal

import lakefs_sdk.api
import pytest
import urllib3
from lakefs_sdk import AccessKeyCredentials, Configuration, Setup
from lakefs_sdk.client import LakeFSClient
from lakefs_sdk.exceptions import ApiException

from lakeloop.local.lakefs import operations
from tests.contract.lakefs.servers import Server, StandIn


def test_set_up_works_once(stand_in: StandIn) -> None:
    anonymous = LakeFSClient(Configuration(host=stand_in.endpoint))
    assert anonymous.internal_api.get_setup_state().state == "not_initialized"
    key = AccessKeyCredentials(access_key_id="AKIATEST", secret_access_key="a-test-secret")

    credentials = anonymous.internal_api.setup(Setup(username="admin", key=key))

    assert (credentials.access_key_id, credentials.secret_access_key) == ("AKIATEST", "a-test-secret")
    assert anonymous.internal_api.get_setup_state().state == "initialized"
    assert stand_in.server().client().auth_api.get_current_user().user.id == "admin"
    with pytest.raises(ApiException) as error:
        anonymous.internal_api.setup(Setup(username="mallory", key=key))
    assert error.value.status == 409


def test_set_up_without_a_key_invents_one(stand_in: StandIn) -> None:
    anonymous = LakeFSClient(Configuration(host=stand_in.endpoint))

    credentials = anonymous.internal_api.setup(Setup(username="admin"))

    known = Server(stand_in.endpoint, credentials.access_key_id, credentials.secret_access_key, "")
    assert known.client().config_api.get_config().storage_config.pre_sign_support


def test_survives_a_restart(stand_in: StandIn) -> None:
    stand_in.set_up()
    assert stand_in.stop(signal.SIGTERM) == 0

    stand_in.restart()

    assert stand_in.server().client().auth_api.get_current_user().user.id == "admin"


@pytest.mark.parametrize(("name", "password"), [("AKIATEST", "wrong"), ("wrong", "a-test-secret"), (None, None)])
def test_wrong_keys_are_401(server: Server, name: str | None, password: str | None) -> None:
    client = LakeFSClient(Configuration(host=server.endpoint, username=name, password=password))

    with pytest.raises(ApiException) as error:
        client.repositories_api.list_repositories()

    assert error.value.status == 401


def test_health_needs_no_key(server: Server) -> None:
    assert urllib3.request("GET", f"{server.endpoint}/_health").status == 200
    assert urllib3.request("GET", f"{server.endpoint}/api/v1/healthcheck").status == 204


def test_configuration_offers_presigned_urls(server: Server) -> None:
    config = server.client().config_api.get_config()

    assert config.storage_config.blockstore_type == "s3"
    assert config.storage_config.pre_sign_support
    assert config.version_config.version


def test_what_the_stand_in_lacks_it_refuses_by_name(stand_in_server: Server) -> None:
    client = stand_in_server.client()

    with pytest.raises(ApiException) as error:
        client.auth_api.list_groups()

    assert error.value.status == 501
    assert "listGroups" in error.value.body
    unknown = urllib3.request("GET", f"{stand_in_server.endpoint}/api/v1/no/such/thing")
    assert unknown.status == 404
    assert "/api/v1/no/such/thing" in unknown.json()["message"]


def test_every_operation_of_the_published_client_is_served_or_refused() -> None:
    path_and_method = re.compile(r"""call_api\(\s*'(/[^']*)',\s*'([A-Z]+)'""")
    published = {
        (method, path)
        for _, api in inspect.getmembers(lakefs_sdk.api, inspect.isclass)
        for path, method in path_and_method.findall(inspect.getsource(api))
    }

    known = {(operation.method, operation.path) for operation in (*operations.SERVED, *operations.refused())}

    assert len(published) > 100
    assert published - known == set()

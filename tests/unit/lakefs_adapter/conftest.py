"""The adapter before a server that answers as a test says."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from lakeloop.adapters.lakefs import LakeFS
from lakeloop.adapters.secrets import LakeCredentials
from tests.unit.lakefs_adapter.scripted import ScriptedServer


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer().running() as scripted:
        yield scripted


@pytest.fixture
def lake(server: ScriptedServer) -> LakeFS:
    credentials = LakeCredentials(access_key_id="id", secret_access_key=SecretStr("s"))
    return LakeFS(server.url, lambda: credentials, budget_seconds=5)

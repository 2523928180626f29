"""The server the contract is tested on: the stand-in, or a real one.

By default a stand-in is started for the session, with moto as its S3. With LAKEFS_ENDPOINT in the environment, and
LAKEFS_ACCESS_KEY_ID, LAKEFS_SECRET_ACCESS_KEY and LAKEFS_STORAGE_NAMESPACE (such as s3://bucket/prefix), the same tests
run on whatever answers there: a real lakeFS, or the one of a running local cloud. Tests that need a server of their own
(set-up, faults, kill) start a stand-in in any case: they are about it alone.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from lakefs_sdk.client import LakeFSClient

from tests.contract.lakefs.servers import Repository, Server, StandIn, start_s3


@pytest.fixture(scope="session")
def s3() -> Iterator[Mapping[str, str]]:
    """The environment of the S3 that stand-ins keep their objects in."""
    with start_s3() as environment:
        yield environment


@pytest.fixture(scope="session")
def stand_in_server(tmp_path_factory: pytest.TempPathFactory, s3: Mapping[str, str]) -> Iterator[Server]:
    """A stand-in, whatever the environment says."""
    with StandIn.start(tmp_path_factory.mktemp("lakefs"), s3) as stand_in:
        yield stand_in.set_up()


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Server:
    if endpoint := os.environ.get("LAKEFS_ENDPOINT"):
        return Server(
            endpoint,
            os.environ["LAKEFS_ACCESS_KEY_ID"],
            os.environ["LAKEFS_SECRET_ACCESS_KEY"],
            os.environ["LAKEFS_STORAGE_NAMESPACE"],
        )
    own: Server = request.getfixturevalue("stand_in_server")
    return own


@pytest.fixture
def stand_in(tmp_path: Path, s3: Mapping[str, str]) -> Iterator[StandIn]:
    """A stand-in of the test's own, not set up yet, to be killed and restarted at will."""
    with StandIn.start(tmp_path, s3) as own:
        yield own


@pytest.fixture(scope="session")
def client(server: Server) -> LakeFSClient:
    return server.client()


@pytest.fixture
def repository(server: Server, client: LakeFSClient) -> Repository:
    """A new repository with an empty `main`."""
    return Repository.create(client, server, f"contract-{uuid.uuid4().hex[:12]}")


@pytest.fixture
def stand_in_repository(stand_in_server: Server) -> Repository:
    return Repository.create(stand_in_server.client(), stand_in_server, f"own-{uuid.uuid4().hex[:12]}")

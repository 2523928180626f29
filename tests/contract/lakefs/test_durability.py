"""kill -9 at any moment loses nothing that was acknowledged."""

from __future__ import annotations

import contextlib
import random
import signal
import sqlite3
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import urllib3
from lakefs_sdk import StagingLocation, StagingMetadata
from lakefs_sdk.exceptions import ApiException

from tests.contract.lakefs.servers import Repository, StandIn

_ROUNDS = 5
_WRITERS = 4


@dataclass
class Acknowledged:
    """What the server said it had done."""

    commits: dict[str, str] = field(default_factory=dict)  # by branch
    merges: dict[str, str] = field(default_factory=dict)  # by path


def ingest_until(stop: threading.Event, repository: Repository, prefix: str, seen: Acknowledged) -> None:
    """Cycles without the bytes, which are S3's to keep, until told to stop or the server is gone."""
    number = 0
    with contextlib.suppress(urllib3.exceptions.HTTPError):
        while not stop.is_set():
            name = f"{prefix}-{number}"
            branch = repository.branch(name)
            location = StagingLocation(physical_address=f"s3://elsewhere/{name}")
            metadata = StagingMetadata(staging=location, checksum=name, size_bytes=1)
            repository.client.staging_api.link_physical_address(repository.id, branch, name, metadata)
            seen.commits[branch] = repository.commit(branch, name).id
            seen.merges[name] = repository.merge(branch)
            number += 1


def test_no_acknowledged_commit_is_lost(stand_in: StandIn, tmp_path: Path) -> None:
    repository = Repository.create(stand_in.set_up().client(), stand_in.server(), "durable")
    seen = Acknowledged()

    for number in range(_ROUNDS):
        stop = threading.Event()
        writers = [
            threading.Thread(
                target=ingest_until,
                args=(stop, Repository(stand_in.server().client(), "durable", ""), f"r{number}w{writer}", seen),
            )
            for writer in range(_WRITERS)
        ]
        for writer in writers:
            writer.start()
        time.sleep(random.uniform(0.1, 0.5))  # noqa: S311 - any moment will do
        stand_in.stop(signal.SIGKILL)
        stop.set()
        for writer in writers:
            writer.join()
        stand_in.restart()

        repository = Repository(stand_in.server().client(), "durable", "")
        assert {branch: repository.head(branch) for branch in seen.commits} == seen.commits
        assert set(seen.merges.values()) <= {commit.id for commit in repository.log("main")}
        assert set(seen.merges) <= set(repository.paths("main"))

    assert len(seen.merges) > _ROUNDS * _WRITERS
    with contextlib.closing(sqlite3.connect(tmp_path / "state" / "lakefs.sqlite3")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_link_given_out_before_the_kill_is_still_good(stand_in: StandIn) -> None:
    repository = Repository.create(stand_in.set_up().client(), stand_in.server(), "durable")
    location = repository.client.staging_api.get_physical_address("durable", "main", "a", presign=True)

    stand_in.stop(signal.SIGKILL)
    stand_in.restart()

    repository = Repository(stand_in.server().client(), "durable", "")
    urllib3.request("PUT", location.presigned_url, body=b"x")
    metadata = StagingMetadata(staging=location, checksum="c", size_bytes=1)
    repository.client.staging_api.link_physical_address("durable", "main", "a", metadata)
    assert repository.read("main", "a") == b"x"


def test_uncommitted_changes_survive_too(stand_in: StandIn) -> None:
    repository = Repository.create(stand_in.set_up().client(), stand_in.server(), "durable")
    repository.put("main", "a", b"x")

    stand_in.stop(signal.SIGKILL)
    stand_in.restart()

    repository = Repository(stand_in.server().client(), "durable", "")
    assert repository.read("main", "a") == b"x"
    with contextlib.suppress(ApiException):
        repository.commit("main")
    assert repository.paths("main@") == ["a"]

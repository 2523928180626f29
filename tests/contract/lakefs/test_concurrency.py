"""Many writers at once."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest
from lakefs_sdk import StagingMetadata
from lakefs_sdk.exceptions import ApiException

from tests.contract.lakefs import ingest
from tests.contract.lakefs.servers import Repository, Server

_PROCESSES = 8
_CYCLES = 200


def test_200_ingest_cycles_from_8_processes_are_all_committed_once(server: Server, repository: Repository) -> None:
    events = [f"{number:03}" for number in range(_CYCLES)]
    # Forked from a process without threads that has imported the SDK: eight imports would take longer than the test.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([ingest.__name__])

    with ProcessPoolExecutor(_PROCESSES, mp_context=context) as pool:
        shares = [events[start::_PROCESSES] for start in range(_PROCESSES)]
        done = [pool.submit(ingest.run_cycles, server, repository.id, share) for share in shares]
        merges = {event: merged for worker in done for event, merged in worker.result().items()}

    mainline = repository.log("main", first_parent=True)
    assert Counter(commit.metadata["event"] for commit in mainline[:-1]) == Counter(events)
    assert {commit.id for commit in mainline[:-1]} == set(merges.values())
    assert [commit.parents[0] for commit in mainline[:-1]] == [commit.id for commit in mainline[1:]]
    assert repository.paths("main") == sorted(
        f"{split}/{event}.parquet" for split in ("test", "train") for event in events
    )
    assert repository.read("main", "train/137.parquet") == b"train 137"
    branches = repository.client.branches_api.list_branches(repository.id, show_hidden=True).results
    assert [branch.id for branch in branches] == ["main"]


def test_of_many_who_create_one_branch_one_succeeds(server: Server, repository: Repository) -> None:
    def create(_: int) -> int:
        try:
            Repository(server.client(), repository.id, "").branch("same")
        except ApiException as error:
            return int(error.status)
        return 201

    with ThreadPoolExecutor(8) as pool:
        statuses = Counter(pool.map(create, range(8)))

    assert statuses == {201: 1, 409: 7}


def test_of_many_who_write_only_if_absent_one_succeeds(server: Server, repository: Repository) -> None:
    def write(number: int) -> int:
        client = server.client()
        location = client.staging_api.get_physical_address(repository.id, "main", "once", presign=True)
        metadata = StagingMetadata(staging=location, checksum=str(number), size_bytes=1)
        try:
            client.staging_api.link_physical_address(repository.id, "main", "once", metadata, if_none_match="*")
        except ApiException as error:
            return int(error.status)
        return 200

    with ThreadPoolExecutor(8) as pool:
        statuses = Counter(pool.map(write, range(8)))

    assert statuses == {200: 1, 412: 7}


@pytest.mark.parametrize("action", ["commit", "merge"])
def test_of_many_identical_requests_one_has_changes(server: Server, repository: Repository, action: str) -> None:
    branch = repository.branch("work")
    repository.put(branch, "a", b"1")
    if action == "merge":
        repository.commit(branch)

    def act(_: int) -> int:
        own = Repository(server.client(), repository.id, "")
        try:
            own.commit(branch) if action == "commit" else own.merge(branch)
        except ApiException as error:
            return int(error.status)
        return 200

    with ThreadPoolExecutor(8) as pool:
        statuses = Counter(pool.map(act, range(8)))

    assert statuses[200] == 1
    # Who loses the race to a commit is told 500 "predicate failed"; merges are tried again by the server itself.
    assert set(statuses) <= ({200, 400, 500} if action == "commit" else {200, 400})

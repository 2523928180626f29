"""Faults on request, each as a client meets it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import urllib3
from lakefs_sdk import CommitCreation
from lakefs_sdk.exceptions import ApiException

from tests.contract.lakefs.servers import Repository, Server

FAULTS = "/_control/faults"


@pytest.fixture(autouse=True)
def _no_fault_outlives_its_test(stand_in_server: Server) -> Iterator[None]:
    yield
    urllib3.request("DELETE", stand_in_server.endpoint + FAULTS, headers=stand_in_server.headers)


def arm(server: Server, **fault: object) -> int:
    return urllib3.request("POST", server.endpoint + FAULTS, headers=server.headers, json=fault).status


def test_an_answer_in_place_of_the_operation(stand_in_server: Server, stand_in_repository: Repository) -> None:
    stand_in_repository.put("main", "a", b"1")
    arm(stand_in_server, operation="commit", effect="answer", status=500, message="predicate failed")

    with pytest.raises(ApiException) as error:
        stand_in_repository.commit("main")

    assert error.value.status == 500
    assert json.loads(error.value.body) == {"message": "predicate failed"}
    assert stand_in_repository.commit("main").id == stand_in_repository.head("main")


def test_strikes_as_often_as_asked_after_some_calls(stand_in_server: Server, stand_in_repository: Repository) -> None:
    arm(stand_in_server, operation="getBranch", effect="answer", status=429, skip=1, times=2)

    statuses = []
    for _ in range(4):
        try:
            stand_in_repository.head("main")
            statuses.append(200)
        except ApiException as error:
            statuses.append(error.status)

    assert statuses == [200, 429, 429, 200]


def test_a_conflict_that_is_none(stand_in_server: Server, stand_in_repository: Repository) -> None:
    stand_in_repository.put_and_commit(stand_in_repository.branch("work"), "a", b"1")
    arm(stand_in_server, operation="mergeIntoBranch", effect="answer", status=409, message="")

    with pytest.raises(ApiException) as error:
        stand_in_repository.merge("work")

    assert error.value.status == 409


def test_a_connection_dropped_after_the_commit_was_made(
    stand_in_server: Server, stand_in_repository: Repository
) -> None:
    stand_in_repository.put("main", "a", b"1")
    arm(stand_in_server, operation="commit", effect="drop", when="after")

    with pytest.raises(urllib3.exceptions.HTTPError):
        stand_in_repository.commit("main", "lost answer")

    assert stand_in_repository.log("main")[0].message == "lost answer"
    with pytest.raises(ApiException, match="no changes"):
        stand_in_repository.commit("main", "lost answer")


def test_a_connection_dropped_before_anything_happened(
    stand_in_server: Server, stand_in_repository: Repository
) -> None:
    stand_in_repository.put("main", "a", b"1")
    arm(stand_in_server, operation="commit", effect="drop")

    with pytest.raises(urllib3.exceptions.HTTPError):
        stand_in_repository.commit("main")

    assert stand_in_repository.log("main")[0].message == "Repository created"


def test_a_hang_that_only_a_timeout_ends(stand_in_server: Server, stand_in_repository: Repository) -> None:
    stand_in_repository.put("main", "a", b"1")
    arm(stand_in_server, operation="commit", effect="hang", when="after", seconds=5)

    with pytest.raises(urllib3.exceptions.HTTPError):
        stand_in_repository.client.commits_api.commit(
            stand_in_repository.id, "main", CommitCreation(message="hung"), _request_timeout=0.5
        )

    assert stand_in_repository.log("main")[0].message == "hung"


def test_faults_are_listed_disarmed_and_checked(stand_in_server: Server, stand_in_repository: Repository) -> None:
    url = stand_in_server.endpoint + FAULTS
    assert arm(stand_in_server, operation="getBranch", effect="answer", status=503) == 200
    assert arm(stand_in_server, operation="noSuchOperation", effect="answer") == 400
    assert arm(stand_in_server, operation="getBranch", effect="explode") == 400
    assert urllib3.request("GET", url).status == 401
    listed = urllib3.request("GET", url, headers=stand_in_server.headers).json()
    assert [fault["operation"] for fault in listed] == ["getBranch"]

    urllib3.request("DELETE", url, headers=stand_in_server.headers)

    assert stand_in_repository.head("main")

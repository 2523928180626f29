"""Requests at the border of what a server takes, sent bare: the SDK would not send some of them."""

import json
from collections.abc import Callable

import pytest
import urllib3
from lakefs_sdk import CherryPickCreation
from lakefs_sdk.exceptions import ApiException

from tests.contract.lakefs.servers import Repository, Server

Ask = Callable[..., urllib3.BaseHTTPResponse]


@pytest.fixture
def ask(server: Server, repository: Repository) -> Ask:
    """One request below the repository."""

    def send(method: str, path: str, **options: object) -> urllib3.BaseHTTPResponse:
        headers = {**server.headers, **dict(options.pop("headers", {}))}  # type: ignore[call-overload]
        url = f"{server.endpoint}/api/v1/repositories/{repository.id}{path}"
        return urllib3.request(method, url, headers=headers, retries=False, **options)  # type: ignore[arg-type]

    return send


def link(ask: Ask, repository: Repository, **facts: object) -> urllib3.BaseHTTPResponse:
    body = {
        "staging": {"physical_address": f"{repository.storage_namespace}-elsewhere/x"},
        "checksum": "c",
        "size_bytes": 1,
        **facts,
    }
    return ask("PUT", "/branches/main/staging/backing?path=a", json=body)


@pytest.mark.parametrize(("amount", "status"), [(-1, 200), (0, 200), (1000, 200), (1001, 400), (-2, 400)])
def test_amounts_of_a_page(ask: Ask, amount: int, status: int) -> None:
    assert ask("GET", f"/refs/main/objects/ls?amount={amount}").status == status


def test_no_amount_is_a_hundred(ask: Ask, repository: Repository) -> None:
    for number in range(101):
        repository.link("main", f"{number:03}", f"{repository.storage_namespace}-elsewhere/{number}", 1)

    assert len(ask("GET", "/refs/main/objects/ls?amount=0").json()["results"]) == 100


def test_a_link_needs_a_checksum_and_loses_its_quotes(ask: Ask, repository: Repository) -> None:
    assert link(ask, repository, checksum="").status == 400
    assert link(ask, repository, checksum='"c"').json()["checksum"] == "c"


def test_a_link_keeps_the_time_it_is_given(ask: Ask, repository: Repository) -> None:
    assert link(ask, repository, mtime=5).json()["mtime"] == 5


def test_a_link_into_the_namespace_beside_its_data_needs_no_proof(ask: Ask, repository: Repository) -> None:
    beside = {"physical_address": f"{repository.storage_namespace}/_lakefs/dummy"}

    assert link(ask, repository, staging=beside).status == 200
    assert ask("GET", "/refs/main/objects?path=a", headers={"Range": "bytes=0-0"}).status == 206


def test_an_address_is_given_out_for_a_branch_that_is_not_there(ask: Ask) -> None:
    assert ask("GET", "/branches/nowhere/staging/backing?path=a&presign=true").status == 200


def test_a_path_has_1024_bytes_at_most(ask: Ask, repository: Repository) -> None:
    address = f"{repository.storage_namespace}-elsewhere/x"
    body = {"staging": {"physical_address": address}, "checksum": "c", "size_bytes": 1}

    statuses = [
        ask("PUT", f"/branches/main/staging/backing?path={'a' * length}", json=body).status for length in (1024, 1025)
    ]

    assert statuses == [200, 400]


def test_a_thousand_paths_are_deleted_at_once_at_most(ask: Ask) -> None:
    statuses = [
        ask("POST", "/branches/main/objects/delete", json={"paths": [str(n) for n in range(count)]}).status
        for count in (1000, 1001)
    ]

    assert statuses == [200, 400]


def test_a_branch_a_tag_and_a_commit_share_no_name(ask: Ask, repository: Repository) -> None:
    repository.branch("taken")
    ask("POST", "/tags", json={"id": "v1", "ref": "main"})
    commit = repository.head("main")

    assert ask("POST", "/branches", json={"name": "v1", "source": "main"}).status == 409
    assert ask("POST", "/branches", json={"name": commit, "source": "main"}).status == 409
    assert ask("POST", "/tags", json={"id": "taken", "ref": "main"}).status == 409
    assert ask("POST", "/tags", json={"id": commit, "ref": "main"}).status == 409


def test_headers_a_server_does_not_know_are_refused(ask: Ask, repository: Repository) -> None:
    repository.put_and_commit("main", "a", b"12345")

    assert ask("GET", "/refs/main/objects?path=a", headers={"Range": "lines=0-1"}).status == 400
    upload = ask("POST", "/branches/main/objects?path=a", headers={"If-None-Match": '"x"'}, body=b"1")
    assert upload.status == 501


def test_a_cherry_pick_of_a_merge_needs_the_parent_number(repository: Repository) -> None:
    branch = repository.branch("work")
    repository.put_and_commit(branch, "a", b"1")
    other = repository.branch("other")
    merged = repository.merge(branch)

    with pytest.raises(ApiException) as error:
        repository.client.branches_api.cherry_pick(repository.id, other, CherryPickCreation(ref=merged))

    assert error.value.status == 400


def test_a_repository_in_a_storage_that_is_not_there(server: Server) -> None:
    body = {
        "name": "in-another-storage",
        "storage_namespace": f"{server.storage_namespace}/other",
        "storage_id": "second",
    }
    answer = urllib3.request("POST", f"{server.endpoint}/api/v1/repositories", headers=server.headers, json=body)

    assert answer.status == 400, json.loads(answer.data)

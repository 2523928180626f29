"""Action files the stand-in cannot honour: refused, never passed over."""

from __future__ import annotations

import pytest
from lakefs_sdk.exceptions import ApiException

from tests.contract.lakefs.servers import Repository


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"name: x\non: {pre-merge: }\nhooks: [{id: a, type: lua, properties: {script: ''}}]", 501),
        (b"name: x\non: {pre-create-tag: }\nhooks: []", 501),
        (b"name: x\non: {pre-merge: }\nhooks: [{id: a, type: webhook, properties: {timeout: 1s}}]", 400),
        (b"name: x\non: {pre-merge: }\nhooks: [{id: a, type: webhook, if: failure(), properties: {url: u}}]", 400),
        (b"name: [", 400),
    ],
)
def test_an_action_it_cannot_run_blocks_the_commit(
    stand_in_repository: Repository, content: bytes, status: int
) -> None:
    branch = stand_in_repository.branch("work")
    stand_in_repository.put(branch, "_lakefs_actions/x.yaml", content)

    with pytest.raises(ApiException) as error:
        stand_in_repository.commit(branch)

    assert error.value.status == status
    assert "_lakefs_actions/x.yaml" in error.value.body

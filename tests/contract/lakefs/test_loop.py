"""The write path of one ingest, as a handler walks it."""

from __future__ import annotations

import pytest
from lakefs_sdk.exceptions import ApiException

from tests.contract.lakefs.servers import Repository


def test_branch_put_link_commit_merge_delete(repository: Repository) -> None:
    branch = repository.branch("ingest-1", hidden=True)
    repository.put(branch, "train/1.parquet", b"train", user_metadata={"rows": "5"})
    repository.put(branch, "test/1.parquet", b"test")

    repository.commit(branch, "ingest", metadata={"event": "1"})
    merged = repository.merge(branch, metadata={"event": "1"})
    repository.client.branches_api.delete_branch(repository.id, branch)

    assert repository.paths(merged) == ["test/1.parquet", "train/1.parquet"]
    assert repository.read("main", "train/1.parquet") == b"train"
    assert repository.head("main") == merged
    assert repository.log("main")[0].metadata["event"] == "1"
    with pytest.raises(ApiException, match="404"):
        repository.head(branch)

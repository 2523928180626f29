"""The loop's own adapter on the server that the contract is tested on."""

from pathlib import Path

from lakefs_sdk import BranchProtectionRule
from pydantic import SecretStr

from lakeloop.adapters.lakefs import LakeFS
from lakeloop.adapters.secrets import LakeCredentials
from lakeloop.lake.ports import Lake
from tests.contract.lakefs.servers import Repository, Server


def adapter(server: Server) -> LakeFS:
    return LakeFS(server.endpoint, lambda: credentials(server))


def credentials(server: Server) -> LakeCredentials:
    return LakeCredentials(access_key_id=server.access_key_id, secret_access_key=SecretStr(server.secret_access_key))


def make(server: Server, repository: str) -> None:
    client = server.client()
    Repository.create(client, server, repository)
    rule = BranchProtectionRule(pattern="main")
    client.repositories_api.set_branch_protection_rules(repository, [rule])


def ingest(lake: Lake, repository: str, branch: str, files: dict[str, Path], rows: str = "1") -> str:
    """One whole ingest; the head of main after it."""
    lake.ensure_branch(repository, branch)
    for path, file in files.items():
        lake.upload(repository, branch, path, file)
    committed = lake.commit(repository, branch, "Ingest", {"rows_committed": rows})
    merged = lake.merge(repository, branch, "Ingest", committed.metadata)
    lake.delete_branch(repository, branch)
    return merged.id

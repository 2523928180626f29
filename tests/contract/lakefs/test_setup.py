"""What `terraform apply` makes of a server, and what it says of one that cannot work."""

import json
import time
import uuid
from collections.abc import Mapping
from pathlib import Path

import pytest
from lakefs_sdk.client import LakeFSClient
from pydantic import SecretStr

from lakeloop.adapters.lakefs_setup import LakeSetup
from lakeloop.adapters.secrets import LakeCredentials
from lakeloop.errors import TransientError, UnusableLakeError
from lakeloop.lake.sweep import sweep
from tests.contract.lakefs.lakes import adapter, credentials, ingest
from tests.contract.lakefs.rules import CASES, rules, set_rules
from tests.contract.lakefs.servers import BUCKET, Repository, Server, StandIn, s3_client

DAY = 24 * 3600.0


@pytest.fixture
def setup(server: Server) -> LakeSetup:
    return LakeSetup(server.endpoint, lambda: credentials(server))


@pytest.fixture
def name() -> str:
    return f"setup-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def namespace(server: Server, name: str) -> str:
    return f"{server.storage_namespace}/{name}"


def hidden_branches(client: LakeFSClient, repository: str) -> list[str]:
    found = client.branches_api.list_branches(repository, show_hidden=True).results
    return [branch.id for branch in found if branch.id != "main"]


def test_a_new_repository_has_a_protected_main_and_nothing_left_of_the_proof(
    setup: LakeSetup, server: Server, client: LakeFSClient, name: str, namespace: str
) -> None:
    setup.ensure_repository(name, namespace)

    assert rules(server, name) == [{"pattern": "main"}]
    assert hidden_branches(client, name) == []
    assert [commit.message for commit in Repository(client, name, namespace).log("main")] == ["Repository created"]


def test_making_a_repository_again_changes_nothing_and_another_place_is_an_error(
    setup: LakeSetup, server: Server, name: str, namespace: str
) -> None:
    lake = adapter(server)
    setup.ensure_repository(name, namespace)
    head = lake.head(name)

    setup.ensure_repository(name, namespace)

    assert lake.head(name) == head
    with pytest.raises(UnusableLakeError, match="lies at"):
        setup.ensure_repository(name, f"{server.storage_namespace}/elsewhere")


def test_a_repository_with_data_is_read_back(
    setup: LakeSetup, server: Server, name: str, namespace: str, tmp_path: Path
) -> None:
    setup.ensure_repository(name, namespace)
    file = tmp_path / "a"
    file.write_bytes(b"12345")
    head = ingest(adapter(server), name, "ingest-1", {"train/a": file})

    setup.ensure_repository(name, namespace)

    assert adapter(server).head(name) == head


class TestProtection:
    def test_branch_protection_of_others_is_kept(
        self, setup: LakeSetup, server: Server, name: str, namespace: str
    ) -> None:
        """The case branch-protection-of-others."""
        setup.ensure_repository(name, namespace)
        set_rules(server, name, [{"pattern": "main"}, {"pattern": "release-*"}])

        setup.ensure_repository(name, namespace)

        assert {rule["pattern"] for rule in rules(server, name)} == {"main", "release-*"}

    def test_main_is_protected_beside_the_rules_of_others(
        self, setup: LakeSetup, server: Server, name: str, namespace: str
    ) -> None:
        setup.ensure_repository(name, namespace)
        set_rules(server, name, [{"pattern": "release-*"}])

        setup.ensure_repository(name, namespace)

        assert {rule["pattern"] for rule in rules(server, name)} == {"main", "release-*"}

    def test_protection_rule_with_blocked_actions_is_kept_as_it_is(
        self, setup: LakeSetup, server: Server, name: str, namespace: str
    ) -> None:
        written = json.loads((CASES / "protection-rule-with-blocked-actions.json").read_text())
        setup.ensure_repository(name, namespace)
        set_rules(server, name, written)
        # A server that does not know blocked_actions keeps the pattern alone.
        before = rules(server, name)

        setup.ensure_repository(name, namespace)

        assert rules(server, name) == before

    def test_rule_protects_every_branch_is_said_when_applying(
        self, setup: LakeSetup, server: Server, name: str, namespace: str
    ) -> None:
        setup.ensure_repository(name, namespace)
        set_rules(server, name, json.loads((CASES / "rule-protects-every-branch.json").read_text()))

        with pytest.raises(UnusableLakeError, match=r"the rule `\*` of .* exclude ingest-\*"):
            setup.ensure_repository(name, namespace)


class TestLostData:
    """On the stand-in's S3, which the tests may empty: destroy, then apply on a server that stays."""

    def test_an_emptied_bucket_is_said_when_applying(self, lost: tuple[LakeSetup, str, str]) -> None:
        setup, name, namespace = lost

        with pytest.raises(UnusableLakeError, match=rf"the objects of {name} .* are gone .*lakectl repo delete"):
            setup.ensure_repository(name, namespace)

    def test_where_data_may_go_the_repository_is_made_anew(
        self, lost: tuple[LakeSetup, str, str], stand_in_server: Server, tmp_path: Path
    ) -> None:
        setup, name, namespace = lost

        setup.ensure_repository(name, namespace, replace_lost=True)

        lake = adapter(stand_in_server)
        assert [commit.metadata for commit in lake.log(name, "main")] == [{}]
        file = tmp_path / "a"
        file.write_bytes(b"12345")
        ingest(lake, name, "ingest-1", {"train/a": file})
        setup.ensure_repository(name, namespace)

    def test_an_emptied_repository_of_which_the_first_object_is_new_is_found_by_the_marker(
        self, lost: tuple[LakeSetup, str, str], stand_in_server: Server, tmp_path: Path
    ) -> None:
        setup, name, namespace = lost
        file = tmp_path / "a"
        file.write_bytes(b"new")
        ingest(adapter(stand_in_server), name, "ingest-2", {"a-first": file})

        with pytest.raises(UnusableLakeError, match="marker"):
            setup.ensure_repository(name, namespace)

    def test_objects_of_a_repository_that_lakefs_forgot_are_said(self, stand_in_server: Server, name: str) -> None:
        setup = LakeSetup(stand_in_server.endpoint, lambda: credentials(stand_in_server))
        namespace = f"{stand_in_server.storage_namespace}/{name}"
        setup.ensure_repository(name, namespace)
        stand_in_server.client().repositories_api.delete_repository(name)

        with pytest.raises(UnusableLakeError, match="objects of an earlier repository"):
            setup.ensure_repository(name, namespace)


@pytest.fixture
def lost(stand_in_server: Server, s3: Mapping[str, str], name: str, tmp_path: Path) -> tuple[LakeSetup, str, str]:
    """A repository with a file whose bucket was emptied."""
    setup = LakeSetup(stand_in_server.endpoint, lambda: credentials(stand_in_server))
    namespace = f"{stand_in_server.storage_namespace}/{name}"
    setup.ensure_repository(name, namespace)
    file = tmp_path / "lost"
    file.write_bytes(b"12345")
    ingest(adapter(stand_in_server), name, "ingest-1", {"train/lost": file})
    client = s3_client(s3)
    listed = client.list_objects_v2(Bucket=BUCKET, Prefix=namespace.removeprefix(f"s3://{BUCKET}/"))
    for entry in listed["Contents"]:
        client.delete_object(Bucket=BUCKET, Key=entry["Key"])
    return setup, name, namespace


class TestSetUp:
    def test_makes_the_user_once(self, stand_in: StandIn) -> None:
        server = stand_in.server()
        setup = LakeSetup(server.endpoint, lambda: credentials(server))

        for _ in range(2):
            setup.set_up()
            setup.check_server()

        assert server.client().auth_api.get_current_user().user.id == "lakeloop"

    def test_another_key_than_the_servers_is_said(self, server: Server) -> None:
        wrong = LakeCredentials(access_key_id=server.access_key_id, secret_access_key=SecretStr("wrong"))
        setup = LakeSetup(server.endpoint, lambda: wrong, budget_seconds=1)
        setup.set_up()

        with pytest.raises(TransientError, match="key pair in the secret is wrong, or lakeFS cannot reach its data"):
            setup.check_server()


def test_sweep_takes_away_what_killed_ingests_left_also_hidden(
    setup: LakeSetup, server: Server, client: LakeFSClient, name: str, namespace: str
) -> None:
    setup.ensure_repository(name, namespace)
    repository = Repository(client, name, namespace)
    for branch in ("ingest-empty", "ingest-staged", "ingest-committed", "other"):
        repository.branch(branch, hidden=True)
    repository.put("ingest-staged", "train/a", b"1")
    repository.put_and_commit("ingest-committed", "train/a", b"1")
    repository.put_and_commit(repository.branch("done"), "train/b", b"1")
    repository.merge("done")
    repository.branch("ingest-new", hidden=True)

    assert sweep(setup, name, now=time.time()) == []
    assert sweep(setup, name, now=time.time() + DAY + 60) == ["ingest-committed", "ingest-empty", "ingest-staged"]

    assert hidden_branches(client, name) == ["done", "ingest-new", "other"]
    assert repository.paths("main") == ["train/b"]

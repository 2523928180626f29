"""What apply asks of a lakeFS server and says of one that will not do."""

import json
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from pydantic import SecretStr

from lakeloop.adapters.lakefs_calls import LakeCaller
from lakeloop.adapters.lakefs_protection import TRIES, protect_main
from lakeloop.adapters.lakefs_setup import LakeSetup
from lakeloop.adapters.secrets import LakeCredentials, lake_credentials
from lakeloop.errors import TransientError, UnusableLakeError
from tests.unit.lakefs_adapter.scripted import REPOSITORY, Answer, Asked, ScriptedServer, refused

RULES = f"{REPOSITORY}/settings/branch_protection"
ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:lakefs"


def key() -> LakeCredentials:
    return LakeCredentials(access_key_id="id", secret_access_key=SecretStr("s"))


@pytest.fixture
def setup(server: ScriptedServer) -> LakeSetup:
    return LakeSetup(server.url, key, budget_seconds=2)


@pytest.fixture
def caller(server: ScriptedServer) -> LakeCaller:
    return LakeCaller(server.url, key, 2)


class TestServer:
    SET_UP = Asked(
        "POST /api/v1/setup_lakefs",
        {"username": "lakeloop", "key": {"access_key_id": "id", "secret_access_key": "s"}},
    )

    def test_that_is_still_starting_is_waited_for(self, setup: LakeSetup, server: ScriptedServer) -> None:
        done = Answer(200, {"access_key_id": "id", "secret_access_key": "s", "creation_date": 1})
        server.answers = [Answer(0), refused(503, "starting"), refused(500, "database is starting up"), done]

        setup.set_up()

        assert server.asked == [self.SET_UP] * 4

    def test_that_does_not_start_is_given_up(self, setup: LakeSetup, server: ScriptedServer) -> None:
        server.answers = [Answer(0)] * 50

        with pytest.raises(TransientError, match="did not answer"):
            setup.set_up(wait_seconds=0.3)

    def test_that_has_a_user_keeps_it(self, setup: LakeSetup, server: ScriptedServer) -> None:
        server.answers = [refused(409, "lakeFS already initialized")]

        setup.set_up()

    def test_that_refuses_to_be_set_up_is_said(self, setup: LakeSetup, server: ScriptedServer) -> None:
        server.answers = [refused(410, "gone")]

        with pytest.raises(TransientError, match="set lakeFS up: "):
            setup.set_up()

    @pytest.mark.parametrize(
        ("blockstore", "presign", "said"),
        [
            ("local", True, "keeps its objects in 'local', .* LAKEFS_BLOCKSTORE_TYPE=s3"),
            ("s3", False, "gives out no presigned URLs, .* LAKEFS_BLOCKSTORE_S3_DISABLE_PRE_SIGNED"),
        ],
    )
    def test_that_stores_otherwise_is_refused_with_what_to_set(
        self, setup: LakeSetup, server: ScriptedServer, blockstore: str, presign: bool, said: str
    ) -> None:
        server.answers = [self.config(blockstore, presign)]

        with pytest.raises(UnusableLakeError, match=said):
            setup.check_server()

        assert server.asked == [Asked("GET /api/v1/config")]
        assert server.keys == ["id:s"]

    def test_that_stores_in_s3_with_presigned_urls_will_do(self, setup: LakeSetup, server: ScriptedServer) -> None:
        server.answers = [self.config("s3", presign=True)]

        setup.check_server()

    @staticmethod
    def config(blockstore: str, presign: bool) -> Answer:
        storage = {
            "blockstore_type": blockstore,
            "blockstore_namespace_example": "",
            "blockstore_namespace_ValidityRegex": "",
            "pre_sign_support": presign,
            "pre_sign_support_ui": False,
            "import_support": False,
            "import_validity_regex": "",
        }
        return Answer(200, {"storage_config": storage, "version_config": {"version": "1.86.0"}})


class TestRepository:
    CREATE = Asked(
        "POST /api/v1/repositories",
        {
            "name": "tiny",
            "storage_namespace": "s3://lake/tiny",
            "default_branch": "main",
            "sample_data": False,
            "read_only": False,
        },
    )

    @pytest.mark.parametrize(
        "message",
        [
            "failed to create repository: found lakeFS objects in the storage namespace: _lakefs/dummy",
            "failed to create repository: failed to access storage",
        ],
    )
    def test_that_cannot_be_made_there_says_what_to_do(
        self, setup: LakeSetup, server: ScriptedServer, message: str
    ) -> None:
        server.answers = [refused(400, message)]

        with pytest.raises(
            UnusableLakeError, match=f"cannot make repository tiny at s3://lake/tiny: {message}.*empty that"
        ):
            setup.ensure_repository("tiny", "s3://lake/tiny")

        assert server.asked == [self.CREATE]

    def test_that_lies_elsewhere_is_somebody_elses(self, setup: LakeSetup, server: ScriptedServer) -> None:
        facts = {"id": "tiny", "creation_date": 1, "default_branch": "main", "storage_namespace": "s3://other/tiny"}
        server.answers = [refused(409, "error creating repository: not unique"), Answer(200, facts)]

        with pytest.raises(UnusableLakeError, match="repository tiny lies at s3://other/tiny, not at s3://lake/tiny"):
            setup.ensure_repository("tiny", "s3://lake/tiny")


PEOPLES: list[dict[str, Any]] = [{"pattern": "release-*", "blocked_actions": ["delete"]}, {"pattern": "v*"}]


class TestProtection:
    def test_adds_main_to_the_rules_of_others_if_they_are_as_they_were_read(
        self, caller: LakeCaller, server: ScriptedServer
    ) -> None:
        server.answers = [Answer(200, PEOPLES, {"ETag": "e1"}), Answer(204)]

        protect_main(caller, "r", "ingest-0")

        assert server.asked == [Asked(f"GET {RULES}"), Asked(f"PUT {RULES}", [*PEOPLES, {"pattern": "main"}])]
        assert server.headers[1]["If-Match"] == "e1"

    def test_sends_no_etag_where_no_rule_was_ever_set(self, caller: LakeCaller, server: ScriptedServer) -> None:
        server.answers = [Answer(200, [], {"ETag": ""}), Answer(204)]

        protect_main(caller, "r", "ingest-0")

        assert "If-Match" not in server.headers[1]

    def test_leaves_mains_own_rule_as_people_made_it(self, caller: LakeCaller, server: ScriptedServer) -> None:
        strict = {"pattern": "main", "blocked_actions": ["staging_write", "commit", "delete"]}
        server.answers = [Answer(200, [strict], {"ETag": "e1"})]

        protect_main(caller, "r", "ingest-0")

        assert server.asked == [Asked(f"GET {RULES}")]

    def test_reads_again_when_somebody_wrote_meanwhile(self, caller: LakeCaller, server: ScriptedServer) -> None:
        server.answers = [
            Answer(200, [], {"ETag": "e1"}),
            refused(412, "precondition failed"),
            Answer(200, [{"pattern": "v*"}], {"ETag": "e2"}),
            Answer(204),
        ]

        protect_main(caller, "r", "ingest-0")

        assert server.asked[-1] == Asked(f"PUT {RULES}", [{"pattern": "v*"}, {"pattern": "main"}])

    def test_gives_up_when_somebody_always_does(self, caller: LakeCaller, server: ScriptedServer) -> None:
        server.answers = [Answer(200, [], {"ETag": "e"}), refused(412, "precondition failed")] * TRIES

        with pytest.raises(TransientError, match="change all the time: apply again"):
            protect_main(caller, "r", "ingest-0")

    def test_another_refusal_is_not_hidden(self, caller: LakeCaller, server: ScriptedServer) -> None:
        server.answers = [Answer(200, []), refused(403, "read-only")]

        with pytest.raises(Exception, match="read-only"):
            protect_main(caller, "r", "ingest-0")

    @pytest.mark.parametrize("blocked", [None, [], ["staging_write"], ["commit", "delete"]])
    def test_a_rule_that_ingest_cannot_live_with_is_named(
        self, caller: LakeCaller, server: ScriptedServer, blocked: list[str] | None
    ) -> None:
        rule = {"pattern": "ing*"} if blocked is None else {"pattern": "ing*", "blocked_actions": blocked}
        server.answers = [Answer(200, [rule])]

        with pytest.raises(UnusableLakeError, match=r"the rule `ing\*` of r protects .*: exclude ingest-\*"):
            protect_main(caller, "r", "ingest-0")

    def test_a_rule_that_only_keeps_branches_from_being_deleted_is_none_of_them(
        self, caller: LakeCaller, server: ScriptedServer
    ) -> None:
        server.answers = [Answer(200, [{"pattern": "*", "blocked_actions": ["delete"]}, {"pattern": "main"}])]

        protect_main(caller, "r", "ingest-0")


class TestSecret:
    def test_is_read_each_time_it_is_asked_for(self) -> None:
        client = boto3.client(
            "secretsmanager", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
        )
        with Stubber(client) as stubber:
            for secret in ("old", "new"):
                body = json.dumps({"access_key_id": "id", "secret_access_key": secret})
                stubber.add_response("get_secret_value", {"SecretString": body}, {"SecretId": ARN})
            read = lake_credentials(client, ARN)

            assert [read().secret_access_key.get_secret_value() for _ in range(2)] == ["old", "new"]

    def test_that_cannot_be_read_is_named(self) -> None:
        client = boto3.client(
            "secretsmanager", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
        )
        with Stubber(client) as stubber:
            stubber.add_client_error("get_secret_value", "AccessDeniedException")

            with pytest.raises(TransientError, match=f"cannot be read from {ARN}: AccessDeniedException"):
                lake_credentials(client, ARN)()

    def test_of_another_shape_is_named_and_not_shown(self) -> None:
        client = boto3.client(
            "secretsmanager", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
        )
        with Stubber(client) as stubber:
            stubber.add_response("get_secret_value", {"SecretString": '{"password": "hunter2"}'}, {"SecretId": ARN})

            with pytest.raises(TransientError, match="must hold JSON with access_key_id") as error:
                lake_credentials(client, ARN)()

        assert "hunter2" not in str(error.value)
        assert error.value.__cause__ is None

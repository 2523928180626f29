"""The containers of a lakeFS server against lakeFS's own settings, and what their roles may do: none ran on AWS."""

import json
from pathlib import Path

import pytest

from tests.infra.planned import Resource, Values, of_type, planned
from tests.infra.running import Terraform

# Where the names come from stands at the file's top.
SETTINGS = Path(__file__).with_name("lakefs_settings.txt")
SERVER, CREDENTIALS = (
    f"arn:aws:secretsmanager:us-east-1:123456789012:secret:{name}" for name in ("server", "credentials")
)
# What the server cannot do without on S3 and PostgreSQL, or would do otherwise than the loop asks (docs/lakefs.md).
NEEDED = {
    "auth.encrypt.secret_key",
    "blockstore.s3.region",
    "blockstore.signing.secret_key",
    "blockstore.type",
    "database.postgres.connection_string",
    "database.type",
    "graveler.branch_ownership.enabled",
}


@pytest.fixture(scope="module")
def plan(terraform: Terraform) -> list[Resource]:
    return planned(terraform, "tests/lakefs_server.tftest.hcl")


@pytest.fixture(scope="module")
def containers(plan: list[Resource]) -> dict[str, Values]:
    (task,) = of_type(plan, "aws_ecs_task_definition")
    return {container["name"]: container for container in json.loads(task.values["container_definitions"])}


@pytest.fixture(scope="module")
def granted(plan: list[Resource]) -> dict[str, set[tuple[str, str]]]:
    """Calls and resources by the role's key in the module."""
    return {
        policy.address.split('"')[1]: {
            (action, resource)
            for statement in json.loads(policy.values["policy"])["Statement"]
            for action in statement["Action"]
            for resource in statement["Resource"]
        }
        for policy in of_type(plan, "aws_iam_role_policy")
    }


def settings() -> dict[str, str]:
    """Each setting of lakeFS by its environment variable."""
    paths = [line for line in SETTINGS.read_text().splitlines() if not line.startswith("#")]
    return {f"LAKEFS_{path.upper().replace('.', '_')}": path for path in paths}


def told(container: Values) -> dict[str, str]:
    plain = {entry["name"]: entry["value"] for entry in container["environment"]}
    return plain | {entry["name"]: entry["valueFrom"] for entry in container["secrets"]}


def test_the_server_is_told_what_lakefs_reads_and_nothing_it_does_not_know(containers: dict[str, Values]) -> None:
    known = settings()

    names = set(told(containers["lakefs"]))

    assert names <= set(known)
    assert {known[name] for name in names} >= NEEDED
    # By itself lakeFS logs from INFO on, and requests at DEBUG: nothing else says who asked for what.
    assert told(containers["lakefs"])["LAKEFS_LOGGING_AUDIT_LOG_LEVEL"] == "INFO"
    # PostgreSQL takes its first user by `lakefs setup` alone.
    assert not [name for name in names if known[name].startswith("installation.")]


def test_what_is_secret_comes_by_reference(containers: dict[str, Values]) -> None:
    secret = {
        "LAKEFS_AUTH_ENCRYPT_SECRET_KEY",
        "LAKEFS_BLOCKSTORE_SIGNING_SECRET_KEY",
        "LAKEFS_DATABASE_POSTGRES_CONNECTION_STRING",
    }

    for container in containers.values():
        assert not [entry for entry in container["environment"] if entry["name"] in secret]
    values = told(containers["lakefs"])
    assert {values[name].rsplit(":", 3)[0] for name in secret} == {SERVER}


def test_the_server_starts_once_it_is_set_up_so_that_nobody_else_can_do_that(containers: dict[str, Values]) -> None:
    setup, server = containers["setup"], containers["lakefs"]

    assert server["dependsOn"] == [{"containerName": "setup", "condition": "SUCCESS"}]
    assert not setup["essential"]
    assert "portMappings" not in setup
    assert "/app/lakefs setup --user-name" in setup["command"][0]
    # Both write with the same keys to the same database.
    assert told(server).items() <= told(setup).items()
    pair = {name: told(setup)[name] for name in ("SETUP_ACCESS_KEY_ID", "SETUP_SECRET_ACCESS_KEY")}
    assert pair == {
        "SETUP_ACCESS_KEY_ID": f"{CREDENTIALS}:access_key_id::",
        "SETUP_SECRET_ACCESS_KEY": f"{CREDENTIALS}:secret_access_key::",
    }


def test_the_root_is_read_only_and_what_is_written_has_volumes(
    plan: list[Resource], containers: dict[str, Values]
) -> None:
    (task,) = of_type(plan, "aws_ecs_task_definition")
    volumes = {volume["name"] for volume in task.values["volume"]}

    for container in containers.values():
        assert container["readonlyRootFilesystem"]
        mounts = {mount["sourceVolume"]: mount["containerPath"] for mount in container["mountPoints"]}
        assert set(mounts) == volumes
        assert told(container)["LAKEFS_COMMITTED_LOCAL_CACHE_DIR"].startswith(f"{mounts['cache']}/")


def test_lakefs_may_use_the_lake_bucket_and_the_key_and_delete_nothing(
    granted: dict[str, set[tuple[str, str]]],
) -> None:
    bucket, key = "arn:aws:s3:::lakeloop-test-lake-123456789012", "arn:aws:kms:us-east-1:123456789012:key/mock"
    on_objects = ("AbortMultipartUpload", "GetObject", "ListMultipartUploadParts", "PutObject")
    on_bucket = ("GetBucketLocation", "ListBucket", "ListBucketMultipartUploads")

    assert granted["task"] == (
        {(f"s3:{call}", f"{bucket}/*") for call in on_objects}
        | {(f"s3:{call}", bucket) for call in on_bucket}
        | {("kms:Decrypt", key), ("kms:GenerateDataKey", key)}
    )


def test_ecs_may_start_the_containers_and_read_two_secrets(granted: dict[str, set[tuple[str, str]]]) -> None:
    image = "arn:aws:ecr:us-east-1:123456789012:repository/lakefs"
    logs = "arn:aws:logs:us-east-1:123456789012:log-group:mock:*"
    pull = ("BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer")

    assert granted["execution"] == (
        {(f"ecr:{call}", image) for call in pull}
        | {("ecr:GetAuthorizationToken", "*"), ("kms:Decrypt", "arn:aws:kms:us-east-1:123456789012:key/mock")}
        | {("logs:CreateLogStream", logs), ("logs:PutLogEvents", logs)}
        | {("secretsmanager:GetSecretValue", secret) for secret in (SERVER, CREDENTIALS)}
    )

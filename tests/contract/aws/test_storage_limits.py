"""What S3 takes and what it refuses, where a handler or a lease relies on it."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from tests.contract.aws.conftest import Emulator

pytestmark = pytest.mark.on_aws


@pytest.fixture
def bucket(emulator: Emulator) -> Iterator[str]:
    storage = emulator.client("s3")
    name = f"limits-{uuid.uuid4().hex[:12]}"
    storage.create_bucket(Bucket=name)
    yield name
    for found in storage.list_objects_v2(Bucket=name).get("Contents", []):
        storage.delete_object(Bucket=name, Key=found["Key"])
    storage.delete_bucket(Bucket=name)


def refusal(error: ClientError) -> tuple[str, int]:
    return error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.mark.parametrize("operation", ["put_object", "get_object"])
def test_dataset_name_too_long_is_a_key_that_s3_refuses(emulator: Emulator, bucket: str, operation: str) -> None:
    with pytest.raises(ClientError) as error:
        getattr(emulator.client("s3"), operation)(Bucket=bucket, Key="é" * 513)

    assert refusal(error.value) == ("KeyTooLongError", 400)


def test_a_key_of_1024_bytes_is_taken(emulator: Emulator, bucket: str) -> None:
    emulator.client("s3").put_object(Bucket=bucket, Key="é" * 512, Body=b"")

    assert emulator.client("s3").head_object(Bucket=bucket, Key="é" * 512)["ContentLength"] == 0


def test_kms_without_a_key_is_the_accounts_own(emulator: Emulator, bucket: str) -> None:
    emulator.client("s3").put_object(Bucket=bucket, Key="kept", Body=b"", ServerSideEncryption="aws:kms")

    assert emulator.client("s3").head_object(Bucket=bucket, Key="kept")["ServerSideEncryption"] == "aws:kms"


def test_an_object_that_must_not_be_there_is_written_once(emulator: Emulator, bucket: str) -> None:
    storage = emulator.client("s3")
    storage.put_object(Bucket=bucket, Key="lease", Body=b"first", IfNoneMatch="*")

    with pytest.raises(ClientError) as error:
        storage.put_object(Bucket=bucket, Key="lease", Body=b"second", IfNoneMatch="*")

    assert refusal(error.value) == ("PreconditionFailed", 412)
    assert storage.get_object(Bucket=bucket, Key="lease")["Body"].read() == b"first"


def test_an_object_is_replaced_only_by_who_knows_its_etag(emulator: Emulator, bucket: str) -> None:
    storage = emulator.client("s3")
    seen = storage.put_object(Bucket=bucket, Key="lease", Body=b"first")["ETag"]
    storage.put_object(Bucket=bucket, Key="lease", Body=b"second", IfMatch=seen)

    with pytest.raises(ClientError) as error:
        storage.put_object(Bucket=bucket, Key="lease", Body=b"third", IfMatch=seen)

    assert refusal(error.value) == ("PreconditionFailed", 412)
    assert storage.get_object(Bucket=bucket, Key="lease")["Body"].read() == b"second"


def test_an_object_that_is_gone_has_no_etag_to_match(emulator: Emulator, bucket: str) -> None:
    with pytest.raises(ClientError) as error:
        emulator.client("s3").put_object(Bucket=bucket, Key="lease", Body=b"", IfMatch='"0123"')

    assert refusal(error.value) == ("NoSuchKey", 404)


def test_of_many_writers_at_once_one_wins(emulator: Emulator, bucket: str) -> None:
    """The others meet 412, or on AWS 409 where the winner had not finished."""
    storage = emulator.client("s3")

    def write(number: int) -> str:
        try:
            storage.put_object(Bucket=bucket, Key="lease", Body=str(number).encode(), IfNoneMatch="*")
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "won"

    with ThreadPoolExecutor(8) as writers:
        outcomes = list(writers.map(write, range(8)))

    assert outcomes.count("won") == 1
    assert set(outcomes) <= {"won", "PreconditionFailed", "ConditionalRequestConflict"}

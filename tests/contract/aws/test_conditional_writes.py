"""Two people mend rows of one file at once: S3 takes one of them, and lists each version of what was sent."""

import pytest
from botocore.exceptions import ClientError

from lakeloop.adapters.aws import error_code
from tests.contract.aws.conftest import Emulator

KEY = "incoming/wine/_mended/v1/cellar.csv.json"


@pytest.fixture
def bucket(emulator: Emulator) -> str:
    name = "conditional-writes"
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


def test_a_write_on_the_condition_of_what_was_read_fails_when_somebody_else_wrote(
    emulator: Emulator, bucket: str
) -> None:
    s3 = emulator.client("s3")
    first = s3.put_object(Bucket=bucket, Key=KEY, Body=b"1", IfNoneMatch="*")

    with pytest.raises(ClientError) as begun:
        s3.put_object(Bucket=bucket, Key=KEY, Body=b"2", IfNoneMatch="*")
    second = s3.put_object(Bucket=bucket, Key=KEY, Body=b"3", IfMatch=first["ETag"])
    with pytest.raises(ClientError) as late:
        s3.put_object(Bucket=bucket, Key=KEY, Body=b"4", IfMatch=first["ETag"])

    assert error_code(begun.value) == error_code(late.value) == "PreconditionFailed"
    found = s3.list_object_versions(Bucket=bucket, Prefix="incoming/wine/")["Versions"]
    assert [(entry["VersionId"], entry["IsLatest"]) for entry in found] == [
        (second["VersionId"], True),
        (first["VersionId"], False),
    ]

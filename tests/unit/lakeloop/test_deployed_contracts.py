"""Functions read the contracts of one apply: those that their index names, whatever was deployed since."""

import json
from collections.abc import Iterator

import pytest
from moto import mock_aws
from mypy_boto3_s3.client import S3Client

from lakeloop.adapters.s3 import S3Approval, S3Contracts
from lakeloop.contract.compiled import ObjectVersion
from lakeloop.errors import ConflictingResourceError, TransientError, UnknownDatasetError
from tests.data import tiny
from tests.unit.client.deployed import deploy_contracts, put_contract

BUCKET = "artifacts"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Client]:
    import boto3

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET)
        client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield client


def test_a_contract_is_the_one_that_the_index_names(s3: S3Client) -> None:
    contracts = S3Contracts(s3, deploy_contracts(s3, BUCKET, tiny()))

    assert contracts.names == ["tiny"]
    assert contracts.get("tiny") == tiny()


def test_who_was_told_of_an_older_index_reads_the_contracts_of_then(s3: S3Client) -> None:
    then = deploy_contracts(s3, BUCKET, tiny())
    now = deploy_contracts(s3, BUCKET, tiny(description="Changed"))

    assert S3Contracts(s3, now).get("tiny").description == "Changed"
    assert S3Contracts(s3, then).get("tiny") == tiny()


def test_a_contract_that_is_written_before_its_index_is_read_by_nobody(s3: S3Client) -> None:
    index = deploy_contracts(s3, BUCKET, tiny())

    put_contract(s3, BUCKET, tiny(description="Half of an apply"))

    assert S3Contracts(s3, index).get("tiny") == tiny()


def test_a_dataset_that_the_index_does_not_name_is_unknown(s3: S3Client) -> None:
    contracts = S3Contracts(s3, deploy_contracts(s3, BUCKET, tiny()))

    with pytest.raises(UnknownDatasetError, match=r"no dataset is called 'taxi': add datasets/taxi\.yaml"):
        contracts.get("taxi")


def test_a_contract_of_other_bytes_than_the_index_says_is_not_used(s3: S3Client) -> None:
    entry = {**put_contract(s3, BUCKET, tiny()), "sha256": "0" * 64}
    index = s3.put_object(
        Bucket=BUCKET, Key="contracts/index.json", Body=json.dumps({"format": 1, "contracts": {"tiny": entry}}).encode()
    )
    uri = str(ObjectVersion(BUCKET, "contracts/index.json", index["VersionId"]))

    with pytest.raises(
        ConflictingResourceError, match=r"is not the contract that s3://artifacts/contracts/index\.json"
    ):
        S3Contracts(s3, uri).get("tiny")


def test_a_version_that_is_gone_is_named(s3: S3Client) -> None:
    index = deploy_contracts(s3, BUCKET, tiny())
    [version] = s3.list_object_versions(Bucket=BUCKET, Prefix="contracts/tiny.json")["Versions"]
    s3.delete_object(Bucket=BUCKET, Key="contracts/tiny.json", VersionId=version["VersionId"])

    with pytest.raises(ConflictingResourceError, match=r"contracts/tiny\.json\?versionId=.* is gone: run `terraform"):
        S3Contracts(s3, index).get("tiny")


def test_a_bucket_that_does_not_answer_is_asked_again_later(s3: S3Client) -> None:
    with pytest.raises(TransientError, match=r"s3://elsewhere/contracts/index\.json"):
        S3Contracts(s3, "s3://elsewhere/contracts/index.json?versionId=1").get("tiny")


def test_of_datasets_that_the_index_does_not_name_there_is_no_contract(s3: S3Client) -> None:
    contracts = S3Contracts(s3, deploy_contracts(s3, BUCKET, tiny(), tiny(name="other")))

    assert contracts.of(["tiny", "gone"]) == {"tiny": tiny()}


def test_what_was_approved_last_is_remembered_dataset_by_dataset(s3: S3Client) -> None:
    approval = S3Approval(s3, BUCKET)
    assert approval.read("tiny") is None

    approval.write(tiny())
    approval.write(tiny(name="other"))
    approval.write(tiny(description="Changed"))

    assert S3Approval(s3, BUCKET).read("tiny") == tiny(description="Changed")
    assert S3Approval(s3, BUCKET).read("other") == tiny(name="other")


def test_the_readings_of_which_rows_stay_the_same_are_remembered_with_it(s3: S3Client) -> None:
    approval = S3Approval(s3, BUCKET)
    assert approval.readings("tiny") == frozenset()

    approval.write_readings("tiny", frozenset({"a", "b"}))

    assert S3Approval(s3, BUCKET).readings("tiny") == {"a", "b"}
    assert approval.readings("other") == frozenset()


@pytest.mark.parametrize("uri", ["", "s3://bucket/key", "https://bucket/key?versionId=1", "s3://bucket?versionId=1"])
def test_an_index_without_bucket_key_and_version_is_refused(uri: str) -> None:
    with pytest.raises(ValueError, match="is not s3://<bucket>/<key>"):
        ObjectVersion.parse(uri)

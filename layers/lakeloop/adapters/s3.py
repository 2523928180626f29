"""Landing and artifacts buckets, the deployed contracts and the failure log."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lakeloop import names
from lakeloop.adapters.aws import error_code
from lakeloop.contract import DatasetContract
from lakeloop.errors import TransientError, UnknownDatasetError
from lakeloop.failures import Failure
from lakeloop.ingest.ports import ByteStream

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

NOT_FOUND = frozenset({"404", "NoSuchKey", "NoSuchVersion"})


class S3Landing:
    """The bucket in which files arrive."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def current_version(self, key: str) -> str | None:
        try:
            return self._client.head_object(Bucket=self._bucket, Key=key)["VersionId"]
        except ClientError as error:
            if error_code(error) in NOT_FOUND:
                return None
            raise

    def open(self, key: str, version: str) -> ByteStream:
        return self._client.get_object(Bucket=self._bucket, Key=key, VersionId=version)["Body"]


class S3Artifacts:
    """The bucket of what the loop writes about its own work."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def uri(self, key: str) -> str:
        return f"s3://{self._bucket}/{key}"

    def put(self, key: str, body: bytes) -> str:
        self._client.put_object(Bucket=self._bucket, Key=key, Body=body)
        return self.uri(key)

    def upload(self, key: str, file: Path) -> str:
        with file.open("rb") as body:
            self._client.put_object(Bucket=self._bucket, Key=key, Body=body)
        return self.uri(key)


class S3Contracts:
    """Contracts as Terraform deployed them; a changed contract restarts the function, so one read is enough."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket
        self._read: dict[str, DatasetContract] = {}

    def get(self, dataset: str) -> DatasetContract:
        if dataset not in self._read:
            self._read[dataset] = DatasetContract.model_validate_json(self._body(dataset))
        return self._read[dataset]

    def _body(self, dataset: str) -> bytes:
        try:
            return self._client.get_object(Bucket=self._bucket, Key=names.contract_key(dataset))["Body"].read()
        except ClientError as error:
            if error_code(error) in NOT_FOUND:
                raise UnknownDatasetError(
                    f"no dataset is called {dataset!r}: add datasets/{dataset}.yaml and run `terraform apply`, "
                    "or drop the file under the name of a dataset that exists"
                ) from error
            raise TransientError(f"the contract of {dataset} cannot be read: {error}") from error


class S3FailureLog:
    """One JSON object per failing message, beside the dead-letter queue that holds the message itself."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def get(self, function: str, message_id: str) -> Failure | None:
        try:
            found = self._client.get_object(Bucket=self._bucket, Key=names.failure_key(function, message_id))
        except ClientError as error:
            if error_code(error) in NOT_FOUND:
                return None
            raise
        return Failure(**json.loads(found["Body"].read()))

    def put(self, failure: Failure) -> None:
        key = names.failure_key(failure.function, failure.message_id)
        body = json.dumps(asdict(failure)).encode()
        self._client.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType="application/json")

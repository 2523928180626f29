"""Landing and artifacts buckets, the deployed contracts and the failure log."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lakeloop import names
from lakeloop.adapters.aws import error_code
from lakeloop.contract import DatasetContract
from lakeloop.contract.compiled import CompiledContract, ContractIndex, ObjectVersion
from lakeloop.errors import ConflictingResourceError, TransientError, UnknownDatasetError, UnreadableObjectError
from lakeloop.failures import Failure
from lakeloop.ingest.ports import UNVERSIONED, LandedVersion, etag_of, version_name
from lakeloop.streams import ByteStream

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef, HeadObjectOutputTypeDef

NOT_FOUND = frozenset({"404", "NoSuchKey", "NoSuchVersion"})
# The answers to who reads an object without the key it was written with; HeadObject has no body to say more in.
BAD_REQUEST = frozenset({"400", "InvalidRequest"})
ARCHIVED = "InvalidObjectState"
REPLACED = "PreconditionFailed"


def body_of(client: "S3Client", bucket: str, key: str) -> bytes | None:
    """The whole of an object; None where there is none."""
    try:
        return client.get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        if error_code(error) in NOT_FOUND:
            return None
        raise


class S3Landing:
    """The bucket in which files arrive."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def current(self, key: str) -> LandedVersion | None:
        try:
            return _landed(self._client.head_object(Bucket=self._bucket, Key=key))
        except ClientError as error:
            return self._nothing(key, error)

    def opened(self, key: str) -> tuple[LandedVersion, ByteStream] | None:
        try:
            found = self._client.get_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error_code(error) == ARCHIVED and (version := self.current(key)):
                return version, _Archived(key)
            return self._nothing(key, error)
        return _landed(found), found["Body"]

    @staticmethod
    def _nothing(key: str, error: ClientError) -> None:
        """Answer that nothing is there, or raise what is wrong."""
        if error_code(error) in NOT_FOUND:
            return
        if error_code(error) in BAD_REQUEST:
            raise UnreadableObjectError(
                f"{key} is encrypted with a key of its own (SSE-C): drop it without, the bucket encrypts it"
            ) from error
        raise error

    def open(self, key: str, version: str) -> ByteStream:
        try:
            if etag := etag_of(version):
                return self._client.get_object(Bucket=self._bucket, Key=key, VersionId=UNVERSIONED, IfMatch=etag)[
                    "Body"
                ]
            return self._client.get_object(Bucket=self._bucket, Key=key, VersionId=version)["Body"]
        except ClientError as error:
            if error_code(error) == ARCHIVED:
                raise _archived(key) from error
            if error_code(error) in {*NOT_FOUND, REPLACED}:
                raise TransientError(f"{key} was deleted or replaced while it was being read") from error
            raise


def _landed(found: "HeadObjectOutputTypeDef | GetObjectOutputTypeDef") -> LandedVersion:
    return LandedVersion(
        version_name(found.get("VersionId", UNVERSIONED), found["ETag"]),
        found["ContentLength"],
        found["LastModified"].timestamp(),
    )


def _archived(key: str) -> UnreadableObjectError:
    return UnreadableObjectError(f"{key} is archived: restore it, then drop it again")


class _Archived:
    """The bytes of an archived object, which cannot be read."""

    def __init__(self, key: str) -> None:
        self._key = key

    def read(self, _size: int, /) -> bytes:
        raise _archived(self._key)


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

    def delete(self, key: str) -> None:
        self._client.delete_object(Bucket=self._bucket, Key=key)


class S3Contracts:
    """The contracts of one `terraform apply`: an index names a version of each, so all who have it read the same."""

    def __init__(self, client: "S3Client", index_uri: str) -> None:
        self._client = client
        self._index_object = ObjectVersion.parse(index_uri)
        self._read: dict[str, DatasetContract] = {}

    @cached_property
    def _index(self) -> ContractIndex:
        return ContractIndex.model_validate_json(self._body(self._index_object))

    @property
    def names(self) -> list[str]:
        return sorted(self._index.contracts)

    def of(self, datasets: Iterable[str]) -> dict[str, DatasetContract]:
        """The contracts of those of the datasets that have one."""
        return {name: self.get(name) for name in datasets if name in self._index.contracts}

    def get(self, dataset: str) -> DatasetContract:
        if dataset not in self._read:
            self._read[dataset] = self._compiled(dataset).contract
        return self._read[dataset]

    def _compiled(self, dataset: str) -> CompiledContract:
        entry = self._index.contracts.get(dataset)
        if entry is None:
            raise UnknownDatasetError(
                f"no dataset is called {dataset!r}: add datasets/{dataset}.yaml and run `terraform apply`, "
                "or drop the file under the name of a dataset that exists"
            )
        found = ObjectVersion(self._index_object.bucket, entry.key, entry.version_id)
        body = self._body(found)
        if hashlib.sha256(body).hexdigest() != entry.sha256:
            raise ConflictingResourceError(
                f"{found} is not the contract that {self._index_object} names: run `terraform apply`",
                subject=str(found),
            )
        return CompiledContract.model_validate_json(body)

    def _body(self, found: ObjectVersion) -> bytes:
        try:
            return self._client.get_object(Bucket=found.bucket, Key=found.key, VersionId=found.version_id)[
                "Body"
            ].read()
        except ClientError as error:
            if error_code(error) in NOT_FOUND:
                raise ConflictingResourceError(
                    f"{found} is gone: run `terraform apply`, which writes it anew", subject=str(found)
                ) from error
            raise TransientError(f"{found} cannot be read: {error}", subject=str(found)) from error


class S3Evaluations(S3Artifacts):
    """What evaluation writes and reads again."""

    def read(self, key: str) -> bytes | None:
        return body_of(self._client, self._bucket, key)


class S3Approval:
    """The contract of each dataset that the functions were told last, also when the dataset is gone since.

    Data on main was written under it, so a later contract is judged against it.
    """

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def read(self, dataset: str) -> DatasetContract | None:
        found = body_of(self._client, self._bucket, names.approved_contract_key(dataset))
        return DatasetContract.model_validate_json(found) if found is not None else None

    def write(self, contract: DatasetContract) -> None:
        body = contract.model_dump_json(exclude_none=True).encode()
        self._client.put_object(Bucket=self._bucket, Key=names.approved_contract_key(contract.name), Body=body)

    def readings(self, dataset: str) -> frozenset[str]:
        """The earlier readings whose rows the approved contract reads as the same values."""
        found = body_of(self._client, self._bucket, names.approved_readings_key(dataset))
        return frozenset(json.loads(found)["readings"]) if found is not None else frozenset()

    def write_readings(self, dataset: str, readings: frozenset[str]) -> None:
        body = json.dumps({"format": 1, "readings": sorted(readings)}).encode()
        self._client.put_object(Bucket=self._bucket, Key=names.approved_readings_key(dataset), Body=body)


class S3FailureLog:
    """One JSON object per failing message, beside the dead-letter queue that holds the message itself."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def get(self, function: str, message_id: str) -> Failure | None:
        found = body_of(self._client, self._bucket, names.failure_key(function, message_id))
        return Failure(**json.loads(found)) if found is not None else None

    def put(self, failure: Failure) -> None:
        key = names.failure_key(failure.function, failure.message_id)
        body = json.dumps(asdict(failure)).encode()
        self._client.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType="application/json")


class S3Marks:
    """One object per message of a function that is being worked on: `{"starts": how often it was started}`."""

    def __init__(self, client: "S3Client", bucket: str, function: str) -> None:
        self._client = client
        self._bucket = bucket
        self._function = function

    def starts(self, message_id: str) -> int:
        found = body_of(self._client, self._bucket, self._key(message_id))
        return int(json.loads(found)["starts"]) if found is not None else 0

    def start(self, message_id: str, starts: int) -> None:
        body = json.dumps({"starts": starts}).encode()
        self._client.put_object(
            Bucket=self._bucket, Key=self._key(message_id), Body=body, ContentType="application/json"
        )

    def finish(self, message_id: str) -> None:
        self._client.delete_object(Bucket=self._bucket, Key=self._key(message_id))

    def _key(self, message_id: str) -> str:
        return names.started_key(self._function, message_id)

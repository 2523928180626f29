"""Contracts as they are deployed: one document each, and one index that names the version of every one."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field

from lakeloop.contract.dataset import DatasetContract

FORMAT = 1


class CompiledContract(BaseModel):
    """What `lakeloop contract build` writes: a judged contract and the SHA-256 of the YAML it was made of.

    `lists` are those of the files of values beside it, by their names.
    """

    model_config = ConfigDict(frozen=True)

    format: Literal[1]
    digest: str
    lists: Mapping[str, str] = Field(default_factory=dict)
    contract: DatasetContract


class IndexEntry(BaseModel):
    """Where a contract's document lies, and the SHA-256 of its bytes."""

    model_config = ConfigDict(frozen=True)

    key: str
    version_id: str
    sha256: str


class ContractIndex(BaseModel):
    """All contracts of one `terraform apply`, by dataset."""

    model_config = ConfigDict(frozen=True)

    format: Literal[1]
    contracts: dict[str, IndexEntry]


class ObjectVersion(NamedTuple):
    """One version of an object in S3, written as `s3://<bucket>/<key>?versionId=<id>`."""

    bucket: str
    key: str
    version_id: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}?versionId={self.version_id}"

    @classmethod
    def parse(cls, uri: str) -> Self:
        address, _, version = uri.partition("?versionId=")
        bucket, _, key = address.removeprefix("s3://").partition("/")
        if not (uri.startswith("s3://") and bucket and key and version):
            raise ValueError(f"{uri!r} is not s3://<bucket>/<key>?versionId=<id>")
        return cls(bucket, key, version)

"""Request bodies, as the published specification has them. Members the stand-in has no use for are not listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from pydantic import BaseModel, Field

from lakeloop.local.lakefs.entries import DEFAULT_CONTENT_TYPE
from lakeloop.local.lakefs.merge import Strategy

Metadata = Mapping[str, str]


class AccessKeyCredentials(BaseModel):
    access_key_id: str = Field(min_length=1)
    secret_access_key: str = Field(min_length=1)


class Setup(BaseModel):
    username: str = Field(min_length=1)
    key: AccessKeyCredentials | None = None


class RepositoryCreation(BaseModel):
    name: str
    storage_namespace: str
    default_branch: str = "main"
    storage_id: str = ""
    sample_data: bool = False
    read_only: bool = False


class RepositoryMetadataSet(BaseModel):
    metadata: Metadata


class RepositoryMetadataKeys(BaseModel):
    keys: Sequence[str]


class BranchProtectionRule(BaseModel):
    pattern: str = Field(min_length=1)


class BranchCreation(BaseModel):
    name: str
    source: str
    force: bool = False
    hidden: bool = False


class TagCreation(BaseModel):
    id: str
    ref: str
    force: bool = False


class CommitCreation(BaseModel):
    message: str
    metadata: Metadata | None = None
    date: int | None = None
    allow_empty: bool = False
    force: bool = False


class Merge(BaseModel):
    message: str | None = None
    metadata: Metadata | None = None
    strategy: Strategy | None = None
    force: bool = False
    allow_empty: bool = False
    squash_merge: bool = False


class CommitOverrides(BaseModel):
    message: str | None = None
    metadata: Metadata | None = None


class RevertCreation(BaseModel):
    ref: str
    parent_number: int = Field(ge=0)
    commit_overrides: CommitOverrides | None = None
    force: bool = False
    allow_empty: bool = False


class CherryPickCreation(BaseModel):
    ref: str
    parent_number: int | None = Field(default=None, ge=1)
    commit_overrides: CommitOverrides | None = None
    force: bool = False


class ResetType(StrEnum):
    OBJECT = "object"
    COMMON_PREFIX = "common_prefix"
    RESET = "reset"


class ResetCreation(BaseModel):
    type: ResetType
    path: str | None = None
    force: bool = False


class StagingLocation(BaseModel):
    physical_address: str


class StagingMetadata(BaseModel):
    staging: StagingLocation
    checksum: str
    size_bytes: int = Field(ge=0)
    mtime: int | None = None
    user_metadata: Metadata | None = None
    content_type: str | None = None
    force: bool = False


class ObjectStageCreation(BaseModel):
    physical_address: str
    checksum: str
    size_bytes: int = Field(ge=0)
    mtime: int | None = None
    metadata: Metadata | None = None
    content_type: str = DEFAULT_CONTENT_TYPE
    force: bool = False


class ObjectCopyCreation(BaseModel):
    src_path: str
    src_ref: str | None = None
    force: bool = False
    shallow: bool = False


class PathList(BaseModel):
    paths: Sequence[str]


class UpdateObjectUserMetadata(BaseModel):
    set: Metadata


class UploadedPart(BaseModel):
    part_number: int
    etag: str


class CompletePresignMultipartUpload(BaseModel):
    physical_address: str
    parts: Sequence[UploadedPart]
    user_metadata: Metadata | None = None
    content_type: str | None = None


class AbortPresignMultipartUpload(BaseModel):
    physical_address: str


class UploadPartFrom(BaseModel):
    physical_address: str

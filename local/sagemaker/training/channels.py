"""The input data of a job, on disk as its container finds it.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3DataSource.html
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.objects import Objects, S3Uri


class DownloadError(Exception):
    """The job ends with this as its FailureReason."""


@dataclass(frozen=True)
class InputFile:
    source: S3Uri
    path: str  # below the channel's folder


def input_files(source: Document, objects: Objects) -> list[InputFile]:
    """What an S3DataSource stands for. Raises DownloadError when that is nothing."""
    uri = S3Uri.parse(source["S3Uri"])
    try:
        found = list(
            _from_manifest(uri, objects) if source["S3DataType"] == "ManifestFile" else _from_prefix(uri, objects)
        )
    except ClientError as error:
        raise DownloadError(f"ClientError: Data download failed:{error} ({uri})") from error
    if not found:
        raise DownloadError(
            "ClientError: Data download failed:Failed to download data. No S3 objects found under S3 URL "
            f'"{uri}" given in input data source. Please ensure that the bucket exists in the selected region, that '
            'objects exist under that S3 prefix, and that the role has "s3:ListBucket" permissions on the bucket.'
        )
    return found


def download(files: Iterable[InputFile], folder: Path, objects: Objects) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        target = (folder / file.path).resolve()
        if not target.is_relative_to(folder.resolve()):
            raise DownloadError(f"ClientError: Data download failed:{file.source} would leave the channel's folder")
        try:
            objects.download(file.source, target)
        except ClientError as error:
            raise DownloadError(f"ClientError: Data download failed:{error} ({file.source})") from error


def _from_prefix(prefix: S3Uri, objects: Objects) -> Iterable[InputFile]:
    for found in objects.below(prefix):
        below = found.key.removeprefix(prefix.key).lstrip("/")
        yield InputFile(found, below or found.key.rpartition("/")[2])


def _from_manifest(uri: S3Uri, objects: Objects) -> Iterable[InputFile]:
    """`[{"prefix": "s3://bucket/folder/"}, "path", ...]`: where the objects are, and their paths in the channel."""
    manifest: list[Any] = _json(objects.read(uri), uri)
    prefix = manifest[0].get("prefix", "") if manifest and isinstance(manifest[0], dict) else ""
    if not prefix.startswith("s3://") or not all(isinstance(path, str) for path in manifest[1:]):
        raise DownloadError(
            f'ClientError: Data download failed:manifest {uri} is not [{{"prefix": "s3://..."}}, "path", ...]'
        )
    for path in manifest[1:]:
        yield InputFile(S3Uri.parse(prefix + path), path)


def _json(content: bytes, uri: S3Uri) -> list[Any]:
    try:
        manifest = json.loads(content)
    except ValueError as error:
        raise DownloadError(f"ClientError: Data download failed:manifest {uri} is not JSON: {error}") from error
    return manifest if isinstance(manifest, list) else []

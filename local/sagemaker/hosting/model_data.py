"""A model's artifact, unpacked to where its container looks for it."""

import tarfile
from pathlib import Path

from botocore.exceptions import ClientError

from lakeloop.local.sagemaker.archives import extract
from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.hosting.errors import FleetError
from lakeloop.local.sagemaker.objects import Objects, S3Uri


def unpack(container: Document, folder: Path, objects: Objects) -> None:
    """Raises FleetError when the artifact is missing or broken."""
    folder.mkdir(parents=True)
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    try:
        if source.get("CompressionType") == "None":
            _copy(S3Uri.parse(source["S3Uri"]), folder, objects)
        elif url := source.get("S3Uri") or container.get("ModelDataUrl"):
            _extract(S3Uri.parse(url), folder, objects)
    except ClientError as error:
        raise FleetError(f"Failed to download model data: {error}") from error


def _copy(prefix: S3Uri, folder: Path, objects: Objects) -> None:
    for found in objects.below(prefix):
        objects.download(found, folder / found.key.removeprefix(prefix.key).lstrip("/"))


def _extract(uri: S3Uri, folder: Path, objects: Objects) -> None:
    archive = folder.parent / "model.tar.gz"
    objects.download(uri, archive)
    try:
        extract(archive, folder)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise FleetError(f"Failed to extract model data archive {uri}: {error}") from error
    finally:
        archive.unlink()

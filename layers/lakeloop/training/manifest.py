"""A SageMaker manifest of the objects behind a commit: training reads them where they lie, without a copy."""

import json
from collections.abc import Sequence
from posixpath import commonpath, dirname

from lakeloop.lake.ports import LakeObject

SCHEME = "s3://"


def manifest(objects: Sequence[LakeObject]) -> bytes:
    """The ManifestFile of `objects`, which must be one or more: a common prefix, then the keys below it.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3DataSource.html
    """
    ordered = sorted(objects, key=lambda entry: entry.physical_address)
    return json.dumps([{"prefix": SCHEME + _prefix(ordered)}, *paths(ordered)]).encode()


def paths(objects: Sequence[LakeObject]) -> list[str]:
    """What SageMaker calls the files of a manifest in their channel, in the order of the objects."""
    prefix = _prefix(objects) if objects else ""
    return [entry.physical_address.removeprefix(SCHEME).removeprefix(prefix) for entry in objects]


def _prefix(objects: Sequence[LakeObject]) -> str:
    return f"{commonpath([dirname(entry.physical_address.removeprefix(SCHEME)) for entry in objects])}/"

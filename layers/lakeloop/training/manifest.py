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
    addresses = sorted(entry.physical_address for entry in objects)
    prefix = f"{commonpath([dirname(address.removeprefix(SCHEME)) for address in addresses])}/"
    keys = (address.removeprefix(SCHEME).removeprefix(prefix) for address in addresses)
    return json.dumps([{"prefix": SCHEME + prefix}, *keys]).encode()

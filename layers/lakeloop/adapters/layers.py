"""The layers of an environment. Lambda keeps what a function was made with, also when the layer is deleted."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_lambda.client import LambdaClient


class LambdaLayers:
    """Finds versions of layers by the layers' whole names: a prefix may be that of another environment too."""

    def __init__(self, client: "LambdaClient") -> None:
        self._client = client

    def versions(self, layers: Iterable[str]) -> Iterator[str]:
        """The ARNs of what is there."""
        for layer in layers:
            for page in self._client.get_paginator("list_layer_versions").paginate(LayerName=layer):
                for version in page["LayerVersions"]:
                    yield version["LayerVersionArn"]

    def delete(self, versions: Iterable[str]) -> list[str]:
        """Delete these, given by ARN; what is gone already is no error."""
        deleted = []
        for arn in versions:
            layer, _, number = arn.partition(":layer:")[2].partition(":")
            self._client.delete_layer_version(LayerName=layer, VersionNumber=int(number))
            deleted.append(arn)
        return deleted

"""The operations on models."""

import time

from lakeloop.local.sagemaker.arns import Kind
from lakeloop.local.sagemaker.backends import Backends
from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.errors import invalid
from lakeloop.local.sagemaker.operations import operation
from lakeloop.local.sagemaker.paging import Listing
from lakeloop.local.sagemaker.registry.state import find_package

MODELS = Listing("Models", name="ModelName", descending=True)


class Models:
    def __init__(self, backends: Backends) -> None:
        self._backends = backends

    @operation("CreateModel")
    def create(self, request: Document) -> Document:
        name = request["ModelName"]
        arn = self._backends.settings.arns.of(Kind.MODEL, name)
        model = {
            **request,
            "ModelArn": arn,
            "CreationTime": time.time(),
            "ServedContainer": self._served(_only_container(request)),
        }
        if not self._backends.store.add(Kind.MODEL, name, model):
            raise invalid(f'Cannot create already existing model "{arn}".')
        return {"ModelArn": arn}

    @operation("DescribeModel")
    def describe(self, request: Document) -> Document:
        return self._find(request["ModelName"])

    @operation("ListModels")
    def list_models(self, request: Document) -> Document:
        return MODELS.page(self._backends.store.all(Kind.MODEL), request)

    @operation("DeleteModel")
    def delete(self, request: Document) -> Document:
        model = self._find(request["ModelName"])
        self._backends.store.remove(Kind.MODEL, model["ModelName"])
        return {}

    def _served(self, container: Document) -> Document:
        """What runs: the container as given, or the one of the model package that it names."""
        if "ModelPackageName" not in container:
            if "Image" not in container:
                raise invalid("You must specify either Image or ModelPackageName in the container definition.")
            if container.get("Mode") == "MultiModel":
                raise invalid("The local SageMaker has no multi-model containers.")
            return container
        if "Image" in container or "ModelDataUrl" in container:
            raise invalid("A container definition with a ModelPackageName has no Image and no ModelDataUrl.")
        package = find_package(self._backends.store, self._backends.settings.arns, container["ModelPackageName"])
        if package.get("ModelApprovalStatus", "Approved") != "Approved":
            raise invalid(
                f"Model package {package['ModelPackageArn']} is {package['ModelApprovalStatus']}; only an Approved "
                "version can be deployed."
            )
        served: Document = package["InferenceSpecification"]["Containers"][0]
        return {**served, "Environment": {**served.get("Environment", {}), **container.get("Environment", {})}}

    def _find(self, name: str) -> Document:
        model = self._backends.store.find(Kind.MODEL, name)
        if model is None:
            raise invalid(f'Could not find model "{self._backends.settings.arns.of(Kind.MODEL, name)}".')
        return model


def _only_container(request: Document) -> Document:
    containers: list[Document] = request.get("Containers", [])
    if ("PrimaryContainer" in request) == bool(containers):
        raise invalid("You must specify either PrimaryContainer or Containers, and not both.")
    if len(containers) > 1:
        raise invalid("The local SageMaker has no inference pipelines: specify one container.")
    only: Document = request.get("PrimaryContainer") or containers[0]
    return only

"""The operations on models."""

import time

from local.sagemaker.arns import Kind
from local.sagemaker.backends import Backends
from local.sagemaker.documents import Document
from local.sagemaker.errors import invalid
from local.sagemaker.operations import operation
from local.sagemaker.paging import Listing

MODELS = Listing("Models", name="ModelName", descending=True)


class Models:
    def __init__(self, backends: Backends) -> None:
        self._backends = backends

    @operation("CreateModel")
    def create(self, request: Document) -> Document:
        name = request["ModelName"]
        arn = self._backends.settings.arns.of(Kind.MODEL, name)
        if ("PrimaryContainer" in request) == bool(request.get("Containers")):
            raise invalid("You must specify either PrimaryContainer or Containers, and not both.")
        model = {**request, "ModelArn": arn, "CreationTime": time.time()}
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

    def _find(self, name: str) -> Document:
        model = self._backends.store.find(Kind.MODEL, name)
        if model is None:
            raise invalid(f'Could not find model "{self._backends.settings.arns.of(Kind.MODEL, name)}".')
        return model

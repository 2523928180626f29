"""The operations on endpoint configs."""

import time

from lakeloop.local.sagemaker.arns import Kind
from lakeloop.local.sagemaker.backends import Backends
from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.errors import invalid
from lakeloop.local.sagemaker.hosting.rules import check_config
from lakeloop.local.sagemaker.operations import operation
from lakeloop.local.sagemaker.paging import Listing

CONFIGS = Listing("EndpointConfigs", name="EndpointConfigName", descending=True)


class EndpointConfigs:
    def __init__(self, backends: Backends) -> None:
        self._backends = backends

    @operation("CreateEndpointConfig")
    def create(self, request: Document) -> Document:
        check_config(request)
        name = request["EndpointConfigName"]
        arn = self._backends.settings.arns.of(Kind.ENDPOINT_CONFIG, name)
        with self._backends.store.transaction():
            for variant in request["ProductionVariants"]:
                self._check_model(variant)
            config = {**request, "EndpointConfigArn": arn, "CreationTime": time.time()}
            if not self._backends.store.add(Kind.ENDPOINT_CONFIG, name, config):
                raise invalid(f'Cannot create already existing endpoint configuration "{arn}".')
        return {"EndpointConfigArn": arn}

    def _check_model(self, variant: Document) -> None:
        model = self._backends.store.find(Kind.MODEL, variant["ModelName"])
        if model is None:
            arn = self._backends.settings.arns.of(Kind.MODEL, variant["ModelName"])
            raise invalid(f'Could not find model "{arn}".')
        if "ServerlessConfig" in variant and model.get("EnableNetworkIsolation"):
            raise invalid("Network isolation is not supported for serverless endpoints.")

    @operation("DescribeEndpointConfig")
    def describe(self, request: Document) -> Document:
        return self._find(request["EndpointConfigName"])

    @operation("ListEndpointConfigs")
    def list_configs(self, request: Document) -> Document:
        return CONFIGS.page(self._backends.store.all(Kind.ENDPOINT_CONFIG), request)

    @operation("DeleteEndpointConfig")
    def delete(self, request: Document) -> Document:
        config = self._find(request["EndpointConfigName"])
        self._backends.store.remove(Kind.ENDPOINT_CONFIG, config["EndpointConfigName"])
        return {}

    def _find(self, name: str) -> Document:
        config = self._backends.store.find(Kind.ENDPOINT_CONFIG, name)
        if config is None:
            arn = self._backends.settings.arns.of(Kind.ENDPOINT_CONFIG, name)
            raise invalid(f'Could not find endpoint configuration "{arn}".')
        return config

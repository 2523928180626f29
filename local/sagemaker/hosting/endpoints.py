"""The operations on endpoints."""

import time

from lakeloop.local.sagemaker.arns import Kind
from lakeloop.local.sagemaker.backends import Backends
from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.errors import invalid
from lakeloop.local.sagemaker.hosting.deployments import Deployments
from lakeloop.local.sagemaker.hosting.pending import pending
from lakeloop.local.sagemaker.hosting.rules import check_update
from lakeloop.local.sagemaker.hosting.state import BUSY, enter
from lakeloop.local.sagemaker.hosting.variants import summaries
from lakeloop.local.sagemaker.operations import operation
from lakeloop.local.sagemaker.paging import Listing
from lakeloop.local.sagemaker.quotas import check_quota

ENDPOINTS = Listing("Endpoints", name="EndpointName", status="EndpointStatus", descending=True)


class Endpoints:
    def __init__(self, backends: Backends, deployments: Deployments) -> None:
        self._backends = backends
        self._deployments = deployments

    @operation("CreateEndpoint")
    def create(self, request: Document) -> Document:
        name = request["EndpointName"]
        arn = self._backends.settings.arns.of(Kind.ENDPOINT, name)
        config = self._config(request["EndpointConfigName"])
        with self._backends.store.transaction():
            if self._backends.store.find(Kind.ENDPOINT, name):
                raise invalid(f'Cannot create already existing endpoint "{arn}".')
            self._check_quotas(config)
            endpoint = {
                **request,
                "EndpointName": name,
                "EndpointArn": arn,
                "EndpointConfigName": config["EndpointConfigName"],
                "ProductionVariants": summaries(config, self._backends.store),
                "CreationTime": time.time(),
            }
            self._backends.store.add(Kind.ENDPOINT, name, endpoint)
            enter(self._backends, name, "Creating")
        self._deployments.create(name)
        return {"EndpointArn": arn}

    @operation("UpdateEndpoint")
    def update(self, request: Document) -> Document:
        config = self._config(request["EndpointConfigName"])
        with self._backends.store.transaction():
            endpoint = self._find(request["EndpointName"])
            self._check_idle(endpoint)
            if endpoint["EndpointStatus"] != "InService":
                raise invalid(
                    f'Cannot update endpoint "{endpoint["EndpointArn"]}" in status {endpoint["EndpointStatus"]}.'
                )
            deployment = self._deployment(request, endpoint)
            check_update(self._config(endpoint["EndpointConfigName"]), config, deployment)
            self._check_quotas(config)
            enter(
                self._backends,
                endpoint["EndpointName"],
                "Updating",
                FailureReason=None,
                PendingDeploymentSummary=pending(config, self._backends),
                PendingDeploymentConfig=deployment or None,
            )
        self._deployments.update(endpoint["EndpointName"])
        return {"EndpointArn": endpoint["EndpointArn"]}

    @operation("DescribeEndpoint")
    def describe(self, request: Document) -> Document:
        return self._find(request["EndpointName"])

    @operation("ListEndpoints")
    def list_endpoints(self, request: Document) -> Document:
        return ENDPOINTS.page(self._backends.store.all(Kind.ENDPOINT), request)

    @operation("DeleteEndpoint")
    def delete(self, request: Document) -> Document:
        with self._backends.store.transaction():
            endpoint = self._find(request["EndpointName"])
            self._check_idle(endpoint)
            enter(self._backends, endpoint["EndpointName"], "Deleting")
        self._deployments.delete(endpoint["EndpointName"])
        return {}

    @staticmethod
    def _deployment(request: Document, endpoint: Document) -> Document:
        """The DeploymentConfig of this update, or that of the last one when it is to be kept."""
        if request.get("RetainDeploymentConfig"):
            kept: Document = endpoint.get("LastDeploymentConfig", {})
            return kept
        given: Document = request.get("DeploymentConfig", {})
        return given

    @staticmethod
    def _check_idle(endpoint: Document) -> None:
        """Deleting is refused in the same words."""
        if endpoint["EndpointStatus"] in BUSY:
            raise invalid(f'Cannot update in-progress endpoint "{endpoint["EndpointArn"]}".')

    def _find(self, name: str) -> Document:
        endpoint = self._backends.store.find(Kind.ENDPOINT, name)
        if endpoint is None:
            raise invalid(f'Could not find endpoint "{self._backends.settings.arns.of(Kind.ENDPOINT, name)}".')
        return endpoint

    def _config(self, name: str) -> Document:
        """As CreateEndpoint and UpdateEndpoint see it, which read with eventual consistency."""
        config = self._backends.store.find(Kind.ENDPOINT_CONFIG, name)
        delay = self._backends.faults.current.endpoint_config_delay_seconds
        if config is None or time.time() - config["CreationTime"] < delay:
            arn = self._backends.settings.arns.of(Kind.ENDPOINT_CONFIG, name)
            raise invalid(f'Could not find endpoint configuration "{arn}".')
        return config

    def _check_quotas(self, config: Document) -> None:
        for variant in config["ProductionVariants"]:
            wanted = variant.get("InitialInstanceCount", 1)
            check_quota(self._backends.faults.current, variant.get("InstanceType", ""), "endpoint usage", wanted)

"""What DescribeEndpoint and the deployment events say of an update under way."""

import time

from lakeloop.local.sagemaker.arns import Kind
from lakeloop.local.sagemaker.backends import Backends
from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.hosting.state import emit
from lakeloop.local.sagemaker.hosting.variants import summaries

DEPLOYMENT_EVENT = "SageMaker Endpoint Deployment State Change"


def pending(config: Document, backends: Backends) -> Document:
    """The PendingDeploymentSummary at the start of an update."""
    started = time.time()
    return {
        "EndpointConfigName": config["EndpointConfigName"],
        "StartTime": started,
        "ProductionVariants": [
            {**summary, "VariantStatus": [{"Status": "Creating", "StartTime": started}]}
            for summary in summaries(config, backends.store)
        ],
    }


def progress(backends: Backends, endpoint: str, status: str, message: str, share: float) -> None:
    """Enter a stage of the update with so much of the traffic on the new fleet, and emit that."""
    with backends.store.transaction():
        summary = (backends.store.find(Kind.ENDPOINT, endpoint) or {})["PendingDeploymentSummary"]
        stage = {"Status": status, "StatusMessage": message, "StartTime": time.time()}
        variants = [
            {**variant, "CurrentWeight": variant["DesiredWeight"] * share, "VariantStatus": [stage]}
            for variant in summary["ProductionVariants"]
        ]
        changed = backends.store.change(
            Kind.ENDPOINT, endpoint, PendingDeploymentSummary={**summary, "ProductionVariants": variants}
        )
        emit(backends, DEPLOYMENT_EVENT, changed, "PendingDeploymentSummary")

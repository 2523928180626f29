"""Production variants as DescribeEndpoint shows them."""

import time

from lakeloop.local.sagemaker.arns import Kind
from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.store import Store


def summaries(config: Document, store: Store) -> list[Document]:
    return [_summary(variant, store) for variant in config["ProductionVariants"]]


def _summary(variant: Document, store: Store) -> Document:
    weight = variant.get("InitialVariantWeight", 1.0)
    summary: Document = {"VariantName": variant["VariantName"], "CurrentWeight": weight, "DesiredWeight": weight}
    model = store.find(Kind.MODEL, variant["ModelName"])
    if model is not None:
        used = model["ServedContainer"].get("Image", "")
        summary["DeployedImages"] = [{"SpecifiedImage": used, "ResolvedImage": used, "ResolutionTime": time.time()}]
    if serverless := variant.get("ServerlessConfig"):
        return {**summary, "CurrentServerlessConfig": serverless, "DesiredServerlessConfig": serverless}
    count = variant.get("InitialInstanceCount", 1)
    return {**summary, "CurrentInstanceCount": count, "DesiredInstanceCount": count}

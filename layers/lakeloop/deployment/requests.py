"""The requests for a model and an endpoint config, named by their content."""

from typing import TYPE_CHECKING, cast

from lakeloop import names
from lakeloop.contract import Instances, Serving
from lakeloop.deployment.ports import TrainedModel

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.literals import ProductionVariantInstanceTypeType
    from mypy_boto3_sagemaker.type_defs import (
        CreateEndpointConfigInputTypeDef,
        CreateModelInputTypeDef,
        ProductionVariantTypeDef,
    )

# An update must keep the variant's name.
VARIANT = "AllTraffic"


def model_request(
    endpoint: str, trained: TrainedModel, serving: Serving, *, image: str, role_arn: str
) -> "CreateModelInputTypeDef":
    # Serverless endpoints refuse a model with network isolation:
    # https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html
    isolated = isinstance(serving.size, Instances)
    return {
        "ModelName": f"{endpoint}-{names.digest(image, trained.artifact, str(isolated), length=12)}",
        "PrimaryContainer": {"Image": image, "ModelDataUrl": trained.artifact},
        "ExecutionRoleArn": role_arn,
        "EnableNetworkIsolation": isolated,
    }


def config_request(endpoint: str, model: str, serving: Serving) -> "CreateEndpointConfigInputTypeDef":
    return {
        "EndpointConfigName": f"{endpoint}-{names.digest(model, serving.model_dump_json(), length=12)}",
        "ProductionVariants": [_variant(model, serving)],
    }


def _variant(model: str, serving: Serving) -> "ProductionVariantTypeDef":
    variant: ProductionVariantTypeDef = {"VariantName": VARIANT, "ModelName": model}
    size = serving.size
    if isinstance(size, Instances):
        variant["InstanceType"] = cast("ProductionVariantInstanceTypeType", size.instance_type)
        variant["InitialInstanceCount"] = size.count
        variant["InitialVariantWeight"] = 1.0
    else:
        variant["ServerlessConfig"] = {"MemorySizeInMB": size.memory_mb, "MaxConcurrency": size.max_concurrency}
    return variant

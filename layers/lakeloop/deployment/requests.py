"""The requests for a model and an endpoint config, named by their content."""

from typing import TYPE_CHECKING, cast

from lakeloop import names
from lakeloop.contract import Instances, Serving, Traffic
from lakeloop.deployment.ports import TrainedModel
from lakeloop.registry import lineage
from lakeloop.registry.ports import ModelVersion

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.literals import ProductionVariantInstanceTypeType
    from mypy_boto3_sagemaker.type_defs import (
        CapacitySizeTypeDef,
        CreateEndpointConfigInputTypeDef,
        CreateModelInputTypeDef,
        DeploymentConfigTypeDef,
        ProductionVariantTypeDef,
        TrafficRoutingConfigTypeDef,
    )

# An update must keep the variant's name.
VARIANT = "AllTraffic"

TAGS_OF_LINEAGE = {
    lineage.DATASET: names.DATASET_TAG,
    lineage.REPOSITORY: names.REPOSITORY_TAG,
    lineage.DATA_COMMIT: names.COMMIT_TAG,
    lineage.CONTRACT: names.CONTRACT_TAG,
    lineage.CORRELATION: names.CORRELATION_TAG,
    lineage.TUNING_JOB: names.TUNING_JOB_TAG,
    lineage.TUNING_STATUS: names.TUNING_STATUS_TAG,
    lineage.TRAINING_JOB: names.TRAINING_JOB_TAG,
}


def tags_of_trained(trained: TrainedModel) -> dict[str, str]:
    """The tags of a model that has no version yet."""
    return {
        **trained.tags,
        names.TUNING_JOB_TAG: trained.tuning_job,
        names.TUNING_STATUS_TAG: trained.status,
        names.TRAINING_JOB_TAG: trained.training_job,
    }


def tags_of_version(version: ModelVersion, owner: str, dataset: str) -> dict[str, str]:
    """The tags of what is made of a version; one that a person registered says less of itself."""
    told = {tag: version.metadata[key] for key, tag in TAGS_OF_LINEAGE.items() if key in version.metadata}
    return {
        **told,
        names.ENVIRONMENT_TAG: owner,
        names.DATASET_TAG: dataset,
        names.MODEL_PACKAGE_TAG: version.arn,
    }


def model_request(
    endpoint: str, artifact: str, serving: Serving, *, image: str, role_arn: str
) -> "CreateModelInputTypeDef":
    # Serverless endpoints refuse a model with network isolation:
    # https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html
    isolated = isinstance(serving.size, Instances)
    return {
        "ModelName": f"{endpoint}-{_of_model(image, artifact, isolated=isolated)}",
        "PrimaryContainer": {"Image": image, "ModelDataUrl": artifact},
        "ExecutionRoleArn": role_arn,
        "EnableNetworkIsolation": isolated,
    }


def is_made_of(model: str, version: ModelVersion) -> bool:
    """Whether a model of SageMaker, by its name, is this version as any endpoint serves it."""
    made = (_of_model(version.image, version.artifact, isolated=isolated) for isolated in (True, False))
    return model.endswith(tuple(f"-{found}" for found in made))


def _of_model(image: str, artifact: str, *, isolated: bool) -> str:
    return names.digest(image, artifact, str(isolated), length=12)


def config_request(endpoint: str, model: str, serving: Serving) -> "CreateEndpointConfigInputTypeDef":
    # How requests move is no part of a config.
    size = serving.model_dump_json(include={"serverless", "instances"})
    return {
        "EndpointConfigName": f"{endpoint}-{names.digest(model, size, length=12)}",
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


def move_request(endpoint: str, serving: Serving) -> "DeploymentConfigTypeDef | None":
    """How an update moves requests; None where a contract does not say.

    Raised alarms end it: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
    """
    traffic = serving.traffic
    if traffic is None:
        return None
    return {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": _routing(traffic),
            "TerminationWaitInSeconds": traffic.bake_minutes * 60,
        },
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in alarms_of(endpoint, traffic)]},
    }


def alarms_of(endpoint: str, traffic: Traffic) -> list[str]:
    """What brings requests back: the alarms that infra/ makes of the contract, and those that it names."""
    latency = [] if traffic.max_latency_ms is None else [names.latency_alarm(endpoint)]
    return [names.errors_alarm(endpoint), *latency, *traffic.alarms]


def _routing(traffic: Traffic) -> "TrafficRoutingConfigTypeDef":
    wait = traffic.bake_minutes * 60
    size: CapacitySizeTypeDef = {"Type": "CAPACITY_PERCENT", "Value": traffic.share}
    match traffic.routing:
        case "canary":
            return {"Type": "CANARY", "WaitIntervalInSeconds": wait, "CanarySize": size}
        case "linear":
            return {"Type": "LINEAR", "WaitIntervalInSeconds": wait, "LinearStepSize": size}
        case "all_at_once":
            return {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": wait}

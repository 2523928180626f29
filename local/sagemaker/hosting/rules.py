"""What SageMaker demands of endpoint configs and updates beyond their shapes."""

from collections.abc import Iterator

from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.errors import invalid

# How much traffic moves at a time, by the type of routing.
SIZES = {"CANARY": "CanarySize", "LINEAR": "LinearStepSize"}


def check_config(request: Document) -> None:
    """Raises ServiceError for the first rule that a new endpoint config breaks."""
    for problem in _config_problems(request):
        raise invalid(problem)


def check_update(current: Document, new: Document, deployment: Document) -> None:
    """Raises ServiceError for the first rule that an update from one config to another breaks."""
    for problem in _update_problems(current, new, deployment):
        raise invalid(problem)


def _config_problems(request: Document) -> Iterator[str]:
    variants = request["ProductionVariants"]
    names = [variant["VariantName"] for variant in variants]
    if len(set(names)) < len(names):
        yield f"Production variant names must be unique: {names}"
    for variant in variants:
        yield from _variant_problems(variant)
    if any(map(_is_serverless, variants)):
        yield from _serverless_problems(request)
    for absent in ("AsyncInferenceConfig", "ShadowProductionVariants", "ExplainerConfig", "CrossRegionTrafficConfig"):
        if request.get(absent):
            yield f"The local SageMaker has no {absent}."


def _serverless_problems(request: Document) -> Iterator[str]:
    if len(request["ProductionVariants"]) > 1:
        yield "Serverless endpoints support a single production variant."
    for excluded in ("DataCaptureConfig", "VpcConfig"):
        if request.get(excluded):
            yield f"{excluded} is not supported for serverless endpoints."


def _variant_problems(variant: Document) -> Iterator[str]:
    name = variant["VariantName"]
    if "ModelName" not in variant:
        yield f"ModelName is required for production variant {name}. (The local SageMaker has no inference components.)"
    if _is_serverless(variant):
        if "InstanceType" in variant or "InitialInstanceCount" in variant:
            yield f"Production variant {name} has both a ServerlessConfig and instances; specify one of them."
        memory = variant["ServerlessConfig"]["MemorySizeInMB"]
        if memory % 1024:
            yield f"MemorySizeInMB of production variant {name} must be a multiple of 1024, not {memory}."
        provisioned = variant["ServerlessConfig"].get("ProvisionedConcurrency", 0)
        if provisioned > variant["ServerlessConfig"]["MaxConcurrency"]:
            yield f"ProvisionedConcurrency of production variant {name} is more than its MaxConcurrency."
    elif "InstanceType" not in variant or "InitialInstanceCount" not in variant:
        yield f"InstanceType and InitialInstanceCount are required for production variant {name}."


def _update_problems(current: Document, new: Document, deployment: Document) -> Iterator[str]:
    before, after = current["ProductionVariants"], new["ProductionVariants"]
    old, new_names = _names(before), _names(after)
    # Guardrails move the traffic of each variant; without them variants may be added and removed, but not replaced.
    same = old == new_names if deployment else old & new_names
    if not same:
        yield f"The new endpoint config must keep the same variant names: {sorted(old)}, not {sorted(new_names)}."
    if any(map(_is_serverless, after)) and not all(map(_is_serverless, before)):
        yield "An endpoint with instances cannot be updated to a serverless one."
    if "RollingUpdatePolicy" in deployment:
        yield "The local SageMaker has no rolling updates: use a BlueGreenUpdatePolicy."
    yield from _routing_problems(deployment.get("BlueGreenUpdatePolicy", {}).get("TrafficRoutingConfiguration"), after)


def _routing_problems(routing: Document | None, variants: list[Document]) -> Iterator[str]:
    if routing is None:
        return
    kind = routing["Type"]
    needed = SIZES.get(kind)
    if needed and needed not in routing:
        yield f"{needed} is required for traffic routing of type {kind}."
    for size in SIZES.values():
        if size != needed and size in routing:
            yield f"{size} is not for traffic routing of type {kind}."
    given: Document | None = routing.get("CanarySize") or routing.get("LinearStepSize")
    if given is None:
        return
    instances = sum(variant.get("InitialInstanceCount", 1) for variant in variants)
    most = 50 if given["Type"] == "CAPACITY_PERCENT" else max(1, instances // 2)
    if given["Value"] > most:
        yield f"The size {given['Value']} of {kind} traffic routing is more than half of the fleet."


def _is_serverless(variant: Document) -> bool:
    return "ServerlessConfig" in variant


def _names(variants: list[Document]) -> set[str]:
    return {variant["VariantName"] for variant in variants}

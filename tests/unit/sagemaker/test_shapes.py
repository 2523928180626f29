from typing import Any

import pytest

from lakeloop.local.sagemaker.documents import Json
from lakeloop.local.sagemaker.errors import ServiceError
from lakeloop.local.sagemaker.shapes import check_request, only_known, service_model


def shape(operation: str) -> Any:  # noqa: ANN401 - botocore's shapes are many
    return service_model("sagemaker").operation_model(operation).input_shape


def refusal(operation: str, request: Any) -> ServiceError:  # noqa: ANN401 - also what is no request
    with pytest.raises(ServiceError) as refused:
        check_request(request, shape(operation))
    return refused.value


def test_members_that_the_model_does_not_know_and_nulls_are_dropped() -> None:
    request: Json = {"EndpointName": "a", "EndpointConfigName": "b", "Unknown": 1, "Tags": None}

    assert check_request(request, shape("CreateEndpoint")) == {"EndpointName": "a", "EndpointConfigName": "b"}


def test_missing_members_are_named_in_lower_camel_case() -> None:
    assert str(refusal("CreateEndpoint", {"EndpointName": "a"})) == (
        "1 validation error detected: Value null at 'endpointConfigName' failed to satisfy constraint: "
        "Member must not be null"
    )


def test_problems_below_lists_and_maps_have_their_path() -> None:
    variant = {"VariantName": "a b", "ServerlessConfig": {"MemorySizeInMB": 100, "MaxConcurrency": 1}}
    config = {"EndpointConfigName": "a", "ProductionVariants": [variant]}

    message = str(refusal("CreateEndpointConfig", config))

    assert message.startswith("2 validation errors detected: ")
    assert "at 'productionVariants.1.member.variantName' failed to satisfy constraint: Member must satisfy" in message
    assert (
        "Value '100' at 'productionVariants.1.member.serverlessConfig.memorySizeInMB' failed to satisfy constraint: "
        "Member must have value greater than or equal to 1024" in message
    )


def test_lists_have_limits_too() -> None:
    request = {"EndpointConfigName": "a", "ProductionVariants": []}

    assert "Value '[]' at 'productionVariants' failed" in str(refusal("CreateEndpointConfig", request))


@pytest.mark.parametrize("value", [1, True, ["a"], {"a": "b"}])
def test_value_of_the_wrong_type(value: object) -> None:
    assert refusal("DescribeEndpoint", {"EndpointName": value}).code == "SerializationException"


def test_truth_is_no_number() -> None:
    assert refusal("ListEndpoints", {"MaxResults": True}).code == "SerializationException"


@pytest.mark.parametrize("request_", [[], "text", 3])
def test_request_that_is_no_object(request_: object) -> None:
    assert refusal("ListEndpoints", request_).code == "SerializationException"


def test_patterns_know_unicode_classes() -> None:
    arn = "arn:aws:sagemaker:us-east-1:000000000000:model/a"
    request: Json = {"ResourceArn": arn, "Tags": [{"Key": "größe", "Value": "1"}]}

    assert check_request(request, shape("AddTags"))


def test_response_keeps_only_what_belongs_to_it() -> None:
    output = service_model("sagemaker").operation_model("DescribeModel").output_shape
    assert output is not None

    assert only_known({"ModelName": "a", "ServedContainer": {}}, output) == {"ModelName": "a"}

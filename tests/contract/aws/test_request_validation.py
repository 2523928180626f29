"""The gateway names what is wrong with a request that does not fit its model."""

import json
from collections.abc import Iterator

import pytest
import urllib3

from tests.contract.aws.conftest import Emulator

SCHEMA = {"type": "object", "required": ["features"], "properties": {"features": {"type": "object"}}}


@pytest.fixture(scope="module")
def url(emulator: Emulator) -> Iterator[str]:
    gateway = emulator.client("apigateway")
    api = gateway.create_rest_api(name="validated")["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    gateway.create_model(restApiId=api, name="Request", contentType="application/json", schema=json.dumps(SCHEMA))
    validator = gateway.create_request_validator(restApiId=api, name="body", validateRequestBody=True)["id"]
    gateway.put_method(
        restApiId=api,
        resourceId=root,
        httpMethod="POST",
        authorizationType="NONE",
        requestModels={"application/json": "Request"},
        requestValidatorId=validator,
    )
    gateway.put_integration(restApiId=api, resourceId=root, httpMethod="POST", type="MOCK")
    gateway.put_gateway_response(
        restApiId=api,
        responseType="BAD_REQUEST_BODY",
        statusCode="400",
        responseTemplates={"application/json": '{"message": "Send features: $context.error.validationErrorString"}'},
    )
    gateway.create_deployment(restApiId=api, stageName="v1")
    yield f"{emulator.url}/restapis/{api}/v1/_user_request_/"
    gateway.delete_rest_api(restApiId=api)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{}", '[object has missing required properties (["features"])]'),
        (b"7", '[instance type (integer) does not match any allowed primitive type (allowed: ["object"])]'),
        (b"{", "[the body is not JSON]"),
    ],
)
def test_the_answer_says_what_is_wrong(url: str, body: bytes, reason: str) -> None:
    answer = urllib3.request("POST", url, body=body, headers={"Content-Type": "application/json"})

    assert answer.status == 400
    assert answer.json() == {"message": f"Send features: {reason}"}


def test_a_request_that_fits_passes(url: str) -> None:
    assert urllib3.request("POST", url, json={"features": {}}).status != 400

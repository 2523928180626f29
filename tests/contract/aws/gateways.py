"""A REST API in front of one function."""

from typing import Any

from tests.contract.aws.conftest import Emulator


def make_api(emulator: Emulator, function: str, **customized: dict[str, Any]) -> tuple[str, str]:
    """Its id, and the URL of its only method.

    The function may be `name:alias`; `customized` are gateway responses by their type.
    """
    gateway = emulator.client("apigateway")
    api = gateway.create_rest_api(name=function)["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    gateway.put_method(restApiId=api, resourceId=root, httpMethod="POST", authorizationType="NONE")
    name, *alias = function.split(":")
    arn = emulator.client("lambda").get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{':'.join([arn, *alias])}/invocations"
    gateway.put_integration(
        restApiId=api, resourceId=root, httpMethod="POST", type="AWS_PROXY", integrationHttpMethod="POST", uri=uri
    )
    for response_type, response in customized.items():
        gateway.put_gateway_response(restApiId=api, responseType=response_type, **response)
    gateway.create_deployment(restApiId=api, stageName="v1")
    return api, f"{emulator.url}/restapis/{api}/v1/_user_request_/"

"""A request that the function cannot take is answered by API Gateway, in the API's own form where it has one."""

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
import urllib3

from tests.cases import OPS
from tests.contract.aws.conftest import Deploy, Emulator
from tests.contract.aws.gateways import make_api

ANSWER = "def handler(event, context): return {'statusCode': 200, 'body': str(len(event['body']))}"

# What the case function-at-its-concurrency sets.
CONCURRENCY = int((OPS / "function-at-its-concurrency" / "try.sh").read_text().partition("executions ")[2].split()[0])

Api = Callable[..., str]


@pytest.fixture
def api(emulator: Emulator, deploy: Deploy) -> Iterator[Api]:
    """The URL of a function that says how long a body is."""
    made: list[str] = []

    def make(concurrency: int | None = None, **customized: object) -> str:
        function = deploy(ANSWER)
        if concurrency is not None:
            emulator.client("lambda").put_function_concurrency(
                FunctionName=function, ReservedConcurrentExecutions=concurrency
            )
        identifier, url = make_api(emulator, function, **customized)  # type: ignore[arg-type]
        made.append(identifier)
        return url

    yield make
    for identifier in made:
        emulator.client("apigateway").delete_rest_api(restApiId=identifier)


def post(url: str, body: bytes = b"{}") -> urllib3.BaseHTTPResponse:
    return urllib3.request("POST", url, body=body, headers={"Content-Type": "application/json"}, retries=False)


def test_a_body_of_5_mb_reaches_the_function(api: Api) -> None:
    assert post(api(), b"x" * 5_000_000).data == b"5000000"


def test_body_of_7_mb_is_too_large(api: Api) -> None:
    made = subprocess.run([sys.executable, OPS / "body-of-7-mb" / "make.py"], capture_output=True, check=True)

    assert post(api(), made.stdout).status == 413


def test_a_body_above_what_the_gateway_itself_takes_is_too_large(api: Api) -> None:
    assert post(api(), b"x" * 11_000_000).status == 413


def test_escaping_counts_towards_the_size_of_the_event(api: Api) -> None:
    """Each quote of the body is two bytes in the event."""
    assert post(api(), b'"' * 3_500_000).status == 413


def test_body_of_7_mb_is_answered_in_the_form_of_the_api(api: Api) -> None:
    form = {"statusCode": "413", "responseTemplates": {"application/json": '{"code": "request_too_large"}'}}

    answer = post(api(REQUEST_TOO_LARGE=form), b"x" * 7_000_000)

    assert (answer.status, answer.json()) == (413, {"code": "request_too_large"})


def test_function_at_its_concurrency_is_a_bare_500(api: Api) -> None:
    """Where an API has no form for it."""
    answer = post(api(concurrency=CONCURRENCY))

    assert (answer.status, answer.json()) == (500, {"message": "Internal server error"})


def test_function_at_its_concurrency_is_an_integration_failure_where_the_api_has_a_form_for_it(api: Api) -> None:
    form = {
        "statusCode": "429",
        "responseTemplates": {"application/json": '{"code": "busy"}'},
        "responseParameters": {"gatewayresponse.header.Retry-After": "'5'"},
    }

    answer = post(api(concurrency=CONCURRENCY, INTEGRATION_FAILURE=form))

    assert (answer.status, answer.json(), answer.headers["Retry-After"]) == (429, {"code": "busy"}, "5")


@pytest.mark.on_aws
def test_function_at_its_concurrency_refuses_direct_calls(emulator: Emulator, deploy: Deploy) -> None:
    function = deploy(ANSWER)
    functions = emulator.client("lambda")
    functions.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)

    with pytest.raises(functions.exceptions.TooManyRequestsException) as refusal:
        functions.invoke(FunctionName=function, Payload=b"{}")

    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429

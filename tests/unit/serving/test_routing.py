"""From what API Gateway hands over to what it is handed back."""

import json
from typing import Any

import pytest

from lakeloop.serving.routing import HttpRequest, respond
from tests.data import ROOT, breast_cancer
from tests.fakes import MemoryEndpoints
from tests.unit.serving.asking import GOOD, public, service_of

ONE, BATCH = "/datasets/{dataset}/predictions", "/datasets/{dataset}/predictions/batch"


def request(method: str, resource: str, **more: Any) -> HttpRequest:  # noqa: ANN401
    return HttpRequest(method, resource, dataset="tiny", **more)


def sent(method: str, resource: str, **more: Any) -> tuple[int, Any]:  # noqa: ANN401
    service = service_of(MemoryEndpoints(), public("f", "i", "c", "t"))
    answer = respond(service, request(method, resource, **more), [])
    return answer.status, answer.body


def test_each_path_does_its_own_work() -> None:
    row = {"features": GOOD}

    assert sent("POST", ONE, body=json.dumps(row))[1]["prediction"] == "yes"
    assert sent("POST", BATCH, body=json.dumps({"rows": [row]}))[1]["predicted"] == 1
    assert sent("GET", ONE, parameters={"f": ["1"]})[1]["prediction"] == "yes"
    assert sent("GET", "/openapi.json")[1]["openapi"].startswith("3.")
    assert sent("OPTIONS", ONE) == (204, {})


def test_an_event_of_api_gateway_is_read_with_what_it_leaves_out_as_null() -> None:
    event = json.loads((ROOT / "lambdas" / "predict" / "events" / "request.json").read_text())

    found = HttpRequest.of_event(event)

    assert (found.method, found.resource, found.dataset, found.parameters) == ("POST", ONE, "breast_cancer", {})
    assert respond(service_of(MemoryEndpoints(), breast_cancer()), found, []).status == 200
    assert HttpRequest.of_event({**event, "pathParameters": None, "headers": None, "body": None}).body == ""


@pytest.mark.parametrize(
    ("origins", "origin", "allowed"),
    [
        ([], "https://a.example", None),
        (["*"], "", "*"),
        (["https://a.example"], "https://a.example", "https://a.example"),
        (["https://a.example", "https://b.example"], "https://b.example", "https://b.example"),
        (["https://a.example"], "https://evil.example", None),
        (["https://a.example"], "", None),
    ],
)
@pytest.mark.parametrize("method", ["OPTIONS", "POST"])
def test_only_pages_of_listed_origins_may_read_answers_and_refusals(
    method: str, origins: list[str], origin: str, allowed: str | None
) -> None:
    answer = respond(service_of(), request(method, ONE, origin=origin, body="{}"), origins)

    assert answer.headers.get("Access-Control-Allow-Origin") == allowed
    assert (answer.headers.get("Vary") == "Origin") is bool(origins and origins != ["*"])


def test_a_preflight_without_a_body_is_what_api_gateway_takes() -> None:
    answer = respond(service_of(), request("OPTIONS", BATCH, origin="https://a.example"), ["https://a.example"])

    assert answer.to_proxy() == {
        "statusCode": 204,
        "headers": {
            "Content-Type": "application/json",
            "Access-Control-Allow-Methods": "GET, OPTIONS, POST",
            "Access-Control-Allow-Headers": "content-type, x-api-key",
            "Access-Control-Max-Age": "7200",
            "Vary": "Origin",
            "Access-Control-Allow-Origin": "https://a.example",
        },
        "body": "",
    }

"""From an event of API Gateway to the work that it asks for, and the headers that browsers want."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from lakeloop.serving.answer import Answer
from lakeloop.serving.service import PredictionService

ANY_ORIGIN = "*"
# https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Access-Control-Max-Age: no browser keeps it longer.
PREFLIGHT_SECONDS = "7200"


@dataclass(frozen=True)
class HttpRequest:
    """What is needed of an event of API Gateway; `resource` is the path as the API declares it."""

    method: str
    resource: str
    dataset: str = ""
    body: str = ""
    parameters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    origin: str = ""
    caller: str = ""
    """The id of the API key, of which the key itself cannot be told."""

    @classmethod
    def of_event(cls, event: Mapping[str, Any]) -> Self:
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        return cls(
            method=event["httpMethod"],
            resource=event["resource"],
            dataset=(event.get("pathParameters") or {}).get("dataset", ""),
            body=event.get("body") or "",
            parameters=event.get("multiValueQueryStringParameters") or {},
            origin=headers.get("origin", ""),
            caller=((event.get("requestContext") or {}).get("identity") or {}).get("apiKeyId") or "",
        )


def respond(service: PredictionService, request: HttpRequest, origins: Sequence[str]) -> Answer:
    """The answer to one request; `origins` are those whose pages may read it, `*` for all."""
    return readable_by(_asked(service, request), request.origin, origins)


def readable_by(answer: Answer, origin: str, origins: Sequence[str]) -> Answer:
    """The answer with what has a browser show it to a page of this origin, where it may."""
    return replace(answer, headers={**answer.headers, **_readable(origin, origins)})


def _asked(service: PredictionService, request: HttpRequest) -> Answer:
    if request.method == "OPTIONS":
        return Answer(204, {}, PREFLIGHT)
    if request.resource == "/openapi.json":
        return service.handle_description()
    if request.method == "GET":
        return service.handle_query(request.dataset, request.parameters)
    if request.resource.endswith("/batch"):
        return service.handle_batch(request.dataset, request.body, request.caller)
    return service.handle(request.dataset, request.body, request.caller)


PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, OPTIONS, POST",
    "Access-Control-Allow-Headers": "content-type, x-api-key",
    "Access-Control-Max-Age": PREFLIGHT_SECONDS,
}


def _readable(origin: str, origins: Sequence[str]) -> Mapping[str, str]:
    """What has the browser show the answer to a page of this origin; nothing for other pages."""
    if ANY_ORIGIN in origins:
        return {"Access-Control-Allow-Origin": ANY_ORIGIN}
    if not origins:
        return {}
    # Caches must not give one page what was meant for another.
    return {"Vary": "Origin", **({"Access-Control-Allow-Origin": origin} if origin in origins else {})}

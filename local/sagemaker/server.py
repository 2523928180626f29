"""One port for both APIs, told apart as AWS's clients write them."""

import json
import logging
import re
import uuid
from collections.abc import Mapping
from functools import partial

from lakeloop.local.sagemaker.errors import ServiceError, unknown_operation
from lakeloop.local.sagemaker.faults import FaultBoard, Faults
from lakeloop.local.sagemaker.hosting.invocation import Invocations
from lakeloop.local.sagemaker.http_server import HttpRequest, HttpResponse
from lakeloop.local.sagemaker.operations import ControlPlane
from lakeloop.local.sagemaker.rights import Rights

log = logging.getLogger(__name__)
TARGET_PREFIX = "SageMaker."
INVOCATION = re.compile(r"/endpoints/([^/]+)/invocations")
FAULTS_PATH = "/_lakeloop/faults"
JSON_11 = "application/x-amz-json-1.1"


class Api:
    """Turns HTTP requests into calls, and what they return or raise into answers."""

    def __init__(self, control: ControlPlane, invocations: Invocations, faults: FaultBoard, rights: Rights) -> None:
        self._control = control
        self._rights = rights
        self._invocations = invocations
        self._faults = faults

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/_health":
            return _json(200, {"status": "healthy"})
        if request.path == FAULTS_PATH:
            return self._set_faults(request)
        if target := request.headers.get("x-amz-target"):
            return self._call(target.removeprefix(TARGET_PREFIX), request)
        return self._invoke(request)

    def _call(self, operation: str, received: HttpRequest) -> HttpResponse:
        try:
            request = json.loads(received.body or b"{}")
        except (ValueError, RecursionError) as error:
            return _error(ServiceError("SerializationException", f"the request is not JSON: {error}"))
        try:
            authorize = partial(self._rights.check, received.headers, operation)
            return _json(200, self._control.call(operation, request, authorize))
        except ServiceError as error:
            log.info("%s: %s: %s", operation, error.code, error)
            return _error(error)
        except Exception:
            # A defect of ours must reach the client as AWS's own would, and the log with its trace.
            log.exception("%s failed", operation)
            return _error(
                ServiceError("InternalFailure", f"{operation} failed; the log of the local SageMaker says why", 500)
            )

    def _invoke(self, request: HttpRequest) -> HttpResponse:
        try:
            endpoint = _endpoint_of(request)
            self._rights.check(request.headers, "InvokeEndpoint", {"EndpointName": endpoint})
            return self._invocations.invoke(endpoint, request)
        except ServiceError as error:
            log.info("invocation: %s: %s", error.code, error)
            return _error(error)
        except Exception:
            log.exception("%s failed", request.path)
            return _error(ServiceError("InternalFailure", "the log of the local SageMaker says why", 500))

    def _set_faults(self, request: HttpRequest) -> HttpResponse:
        try:
            match request.method:
                case "PUT":
                    self._faults.current = Faults.parse(request.body)
                case "DELETE":
                    self._faults.current = Faults()
        except (ValueError, TypeError) as error:
            return _json(400, {"message": str(error)})
        return _json(200, self._faults.current.as_document())


def _endpoint_of(request: HttpRequest) -> str:
    match = INVOCATION.fullmatch(request.path)
    if match is None or request.method != "POST":
        raise unknown_operation(f"{request.method} {request.path}")
    return match[1]


def _json(status: int, document: Mapping[str, object]) -> HttpResponse:
    headers = {"Content-Type": JSON_11, "x-amzn-RequestId": str(uuid.uuid4())}
    return HttpResponse(status, json.dumps(document).encode(), headers)


def _error(error: ServiceError) -> HttpResponse:
    """As both protocols want it: JSON 1.1 reads `__type`, REST JSON the header."""
    body = {"__type": error.code, "message": str(error), **error.details}
    answer = _json(error.status, body)
    return HttpResponse(answer.status, answer.body, {**answer.headers, "x-amzn-ErrorType": error.code})

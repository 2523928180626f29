"""InvokeEndpoint: from the runtime API to a container and back.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
"""

import logging
import time

import urllib3

from lakeloop.local.sagemaker.arns import Kind
from lakeloop.local.sagemaker.backends import Backends
from lakeloop.local.sagemaker.errors import ServiceError
from lakeloop.local.sagemaker.faults import matching
from lakeloop.local.sagemaker.hosting.capture import Captures, Exchange, Payload
from lakeloop.local.sagemaker.hosting.deployments import Deployments
from lakeloop.local.sagemaker.hosting.fleet import Fleet, Variant
from lakeloop.local.sagemaker.hosting.metrics import EndpointMetrics, Invocation, Target
from lakeloop.local.sagemaker.hosting.serving import ContainerAnswer
from lakeloop.local.sagemaker.http_server import HttpRequest, HttpResponse

log = logging.getLogger(__name__)
LARGEST_BODY = 6_291_456
SERVING = frozenset({"InService", "Updating", "SystemUpdating", "RollingBack"})
FORWARDED = ("content-type", "accept", "x-amzn-sagemaker-custom-attributes", "x-amzn-sagemaker-inference-id")
TARGET_VARIANT = "x-amzn-sagemaker-target-variant"


class Invocations:
    def __init__(
        self, backends: Backends, deployments: Deployments, captures: Captures, metrics: EndpointMetrics
    ) -> None:
        self._backends = backends
        self._deployments = deployments
        self._captures = captures
        self._metrics = metrics

    def invoke(self, endpoint: str, request: HttpRequest) -> HttpResponse:
        """Raises ServiceError as AWS does; what the container refuses is a ModelError."""
        self._check(endpoint, request)
        with self._deployments.live(endpoint).traffic.fleet() as fleet:
            if fleet is None:
                raise ServiceError("ModelNotReadyException", f"The containers of {endpoint} are not up yet.", 429)
            return self._answer(endpoint, fleet, request)

    def _check(self, endpoint: str, request: HttpRequest) -> None:
        found = self._backends.store.find(Kind.ENDPOINT, endpoint)
        # Unlike all other operations this one minds the case of the name.
        if found is None or found["EndpointName"] != endpoint or found["EndpointStatus"] not in SERVING:
            account = self._backends.settings.account
            raise ServiceError("ValidationError", f"Endpoint {endpoint} of account {account} not found.")
        if len(request.body) > LARGEST_BODY:
            raise ServiceError("ValidationError", f"The body has {len(request.body)} bytes, more than {LARGEST_BODY}.")

    def _answer(self, endpoint: str, fleet: Fleet, request: HttpRequest) -> HttpResponse:
        wanted = request.headers.get(TARGET_VARIANT)
        variant = fleet.variant(wanted)
        if variant is None:
            raise ServiceError("ValidationError", f"Variant {wanted} of endpoint {endpoint} not found.")
        started = time.monotonic()
        answer = self._ask(variant, request)
        seconds = time.monotonic() - started
        self._metrics.record(Target(endpoint, variant.name), Invocation(answer.status, seconds))
        if not 200 <= answer.status < 300:
            raise self._model_error(endpoint, variant.name, answer)
        content_type = answer.headers.get("Content-Type", "application/octet-stream")
        given = Payload(request.headers.get("content-type", ""), request.body)
        exchange = Exchange(given, Payload(content_type, answer.body), request.headers)
        self._captures.record(fleet.config, endpoint, variant.name, exchange)
        shown = {"Content-Type": content_type, "x-Amzn-Invoked-Production-Variant": variant.name}
        return HttpResponse(200, answer.body, shown)

    def _ask(self, variant: Variant, request: HttpRequest) -> ContainerAnswer:
        """The container's answer, or that of the fault in its place; status 0 when there is none."""
        faults = self._backends.faults.current
        time.sleep(matching(faults.invocation_delay_seconds, variant.model) or 0)
        if status := matching(faults.invocation_status, variant.model):
            return ContainerAnswer(status, {}, b"a fault was asked for")
        headers = {name: request.headers[name] for name in FORWARDED if name in request.headers}
        try:
            return variant.instance.invoke(request.body, headers)
        except urllib3.exceptions.HTTPError as error:
            log.warning("the container of %s gave no answer: %s", variant.model, error)
            return ContainerAnswer(0, {}, f"Invocation timed out or the container died: {error}".encode())

    def _model_error(self, endpoint: str, variant: str, answer: ContainerAnswer) -> ServiceError:
        message = answer.body.decode(errors="replace")
        group = f"/aws/sagemaker/Endpoints/{endpoint}"
        region, account = self._backends.settings.region, self._backends.settings.account
        kind = "server" if answer.status >= 500 or not answer.status else "client"
        return ServiceError(
            "ModelError",
            f'Received {kind} error ({answer.status}) from primary with message "{message}". See '
            f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#logEventViewer:group={group} in "
            f"account {account} for more information.",
            status=424,
            OriginalStatusCode=answer.status,
            OriginalMessage=message,
            LogStreamArn=f"arn:aws:logs:{region}:{account}:log-group:{group}",
        )

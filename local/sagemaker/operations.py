"""The operations by name: a service's methods declare what they answer, the control plane finds them here."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from lakeloop.local.sagemaker.documents import Document, Json
from lakeloop.local.sagemaker.errors import unknown_operation
from lakeloop.local.sagemaker.shapes import check_request, only_known, service_model

Handler = Callable[[Document], Document]
Method = TypeVar("Method", bound=Callable[..., Document])
_NAME = "__sagemaker_operation__"


def operation(name: str) -> Callable[[Method], Method]:
    """Marks a method as the answer to an operation: it takes the checked request and returns the response."""

    def mark(method: Method) -> Method:
        setattr(method, _NAME, name)
        return method

    return mark


class ControlPlane:
    """Checks a request, hands it to its service, and lets nothing into the response that AWS would not send."""

    def __init__(self, services: Iterable[object]) -> None:
        self._model = service_model("sagemaker")
        self._handlers: dict[str, Handler] = {}
        for service in services:
            for attribute in dir(type(service)):
                name = getattr(getattr(type(service), attribute), _NAME, None)
                if name:
                    self._handlers[name] = getattr(service, attribute)

    def call(self, name: str, request: Json, authorize: Callable[[Document], None]) -> Document:
        handler = self._handlers.get(name)
        if handler is None:
            raise unknown_operation(name)
        model = self._model.operation_model(name)
        assert model.input_shape is not None  # noqa: S101 - all operations of SageMaker have one
        checked = check_request(request, model.input_shape)
        authorize(checked)
        response = handler(checked)
        if model.output_shape is None:
            return {}
        answer = only_known(response, model.output_shape)
        assert isinstance(answer, dict)  # noqa: S101 - every response is a structure
        return answer

"""One prediction, from the HTTP request to the HTTP answer."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from pydantic import TypeAdapter, ValidationError

from lakeloop import names
from lakeloop.contract import DatasetContract
from lakeloop.contract.dataset import DatasetName
from lakeloop.contract.ports import Contracts
from lakeloop.errors import ModelBusyError, ModelFailedError, NoModelError, UnknownDatasetError
from lakeloop.serving.answer import Answer, refusal
from lakeloop.serving.ports import Endpoints, EndpointView, LiveModel, ModelContracts
from lakeloop.serving.prediction import Prediction, interpret
from lakeloop.serving.request import InvalidRequestError, PredictionRequest, Readers, parse

# What breaks it is no dataset, and may be no key of S3 either.
DATASET = TypeAdapter(DatasetName)
# A second look at an endpoint that changes comes only while there is time for a second answer.
SECONDS_FOR_FIRST_ANSWER = 8


@dataclass(frozen=True)
class Scored:
    """A prediction, and the model that made it; None where that is not certain."""

    request: PredictionRequest
    prediction: Prediction
    model: LiveModel | None


class PredictionService:
    """The work of `predict`: a request is judged and encoded by the contract of the model that answers it."""

    def __init__(
        self, *, contracts: Contracts, model_contracts: ModelContracts, endpoints: Endpoints, name_prefix: str
    ) -> None:
        self._contracts = contracts
        self._model_contracts = model_contracts
        self._endpoints = endpoints
        self._name_prefix = name_prefix
        self._readers = Readers()

    def handle(self, dataset: str, body: str) -> Answer:
        try:
            return Answer(200, self._predict(dataset, body))
        except Exception as error:  # noqa: BLE001 whatever happens, the caller is answered in the API's form
            return refusal(error, dataset)

    def _predict(self, dataset: str, body: str) -> Mapping[str, object]:
        try:
            today = self._contracts.get(DATASET.validate_python(dataset))
        except ValidationError as error:
            raise UnknownDatasetError("no contract may be called so") from error
        scored = self._scored(names.endpoint(self._name_prefix, dataset), body, today)
        named = {"model_version": scored.model.version} if scored.model and scored.model.version else {}
        return {
            "inference_id": scored.request.inference_id,
            "dataset": dataset,
            **asdict(scored.prediction),
            **named,
        }

    def _scored(self, endpoint: str, body: str, today: DatasetContract) -> Scored:
        started = time.monotonic()
        view = self._endpoints.view(endpoint)
        scored, after = self._attempt(endpoint, body, today, view)
        if scored:
            return scored
        # The update ended meanwhile: what is asked now is certain to be answered by the new model.
        if time.monotonic() - started < SECONDS_FOR_FIRST_ANSWER:
            scored, _ = self._attempt(endpoint, body, today, after)
            if scored:
                return scored
        raise ModelBusyError("the model is being replaced by one with another contract")

    def _attempt(
        self, endpoint: str, body: str, today: DatasetContract, view: EndpointView | None
    ) -> tuple[Scored | None, EndpointView | None]:
        """Ask the endpoint as it was seen; nothing where another model may have answered, with what is seen after."""
        if view is None:
            self._parsed(body, today, today)
            raise NoModelError(endpoint)
        contract = self._contract(view.serving, today)
        request = self._parsed(body, contract, today)
        try:
            scores = self._endpoints.invoke(endpoint, request.csv, request.inference_id)
        except ModelFailedError:
            after = self._endpoints.view(endpoint, fresh=True)
            if after == view:
                raise
            return None, after
        if view.successor is None:
            return Scored(request, interpret(scores, contract), view.serving), view
        after = self._endpoints.view(endpoint, fresh=True)
        if after and after.serving == view.serving and not after.shifting:
            return Scored(request, interpret(scores, contract), view.serving), after
        if after and after.serving == view.successor:
            return None, after
        other = self._contract(view.successor, today)
        if contract.classes == other.classes and self._reads(body, other, today) == request.csv:
            return Scored(request, interpret(scores, contract), None), after
        return None, after

    def _contract(self, model: LiveModel, today: DatasetContract) -> DatasetContract:
        return self._model_contracts.get(model.contract) if model.contract else today

    def _parsed(self, body: str, contract: DatasetContract, today: DatasetContract) -> PredictionRequest:
        return parse(body, self._readers.of(contract), self._readers.of(today))

    def _reads(self, body: str, contract: DatasetContract, today: DatasetContract) -> str | None:
        """The row as a model of this contract would read it; None where it would refuse it."""
        try:
            return self._parsed(body, contract, today).csv
        except InvalidRequestError:
            return None

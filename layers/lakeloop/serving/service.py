"""One prediction, from the HTTP request to the HTTP answer."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from lakeloop import names
from lakeloop.contract.ports import Contracts
from lakeloop.errors import ModelBusyError, ModelFailedError, NoModelError, UnknownDatasetError
from lakeloop.serving.ports import Endpoints
from lakeloop.serving.prediction import interpret
from lakeloop.serving.request import InvalidRequestError, parse

RETRY_SECONDS = "30"


@dataclass(frozen=True)
class Answer:
    status: int
    body: Mapping[str, object]
    headers: Mapping[str, str]

    def to_proxy(self) -> dict[str, object]:
        """As API Gateway's Lambda proxy integration wants it."""
        headers = {"Content-Type": "application/json", **self.headers}
        return {"statusCode": self.status, "headers": headers, "body": json.dumps(self.body)}


class PredictionService:
    """The work of `predict`."""

    def __init__(self, *, contracts: Contracts, endpoints: Endpoints, name_prefix: str) -> None:
        self._contracts = contracts
        self._endpoints = endpoints
        self._name_prefix = name_prefix

    def handle(self, dataset: str, body: str) -> Answer:
        try:
            return Answer(200, self._predict(dataset, body), {})
        except InvalidRequestError as error:
            fields = [asdict(problem) for problem in error.problems]
            return Answer(400, {"error": "invalid_request", "message": str(error), "fields": fields}, {})
        except UnknownDatasetError:
            return Answer(404, {"error": "unknown_dataset", "message": f"there is no dataset {dataset!r}"}, {})
        except NoModelError:
            message = f"no model of {dataset} is in service yet: drop data, or wait for training to end"
            return Answer(503, {"error": "no_model", "message": message}, {"Retry-After": RETRY_SECONDS})
        except ModelBusyError as error:
            return Answer(503, {"error": "model_busy", "message": str(error)}, {"Retry-After": RETRY_SECONDS})
        except ModelFailedError as error:
            return Answer(502, {"error": "model_failed", "message": str(error)}, {})

    def _predict(self, dataset: str, body: str) -> Mapping[str, object]:
        contract = self._contracts.get(dataset)
        request = parse(body, contract)
        endpoint = names.endpoint(self._name_prefix, dataset)
        live = self._endpoints.live_model(endpoint)
        if live is None:
            raise NoModelError(endpoint)
        prediction = interpret(self._endpoints.invoke(endpoint, request.csv, request.inference_id), contract)
        return {
            "inference_id": request.inference_id,
            "dataset": dataset,
            **asdict(prediction),
            "model_version": live.version,
        }

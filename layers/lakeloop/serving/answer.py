"""What a caller of the prediction API gets back."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from lakeloop.errors import LakeloopError, ModelBusyError, ModelFailedError, NoModelError, UnknownDatasetError
from lakeloop.observability import logger
from lakeloop.serving.request import InvalidRequestError, TooLargeRequestError

RETRY_SECONDS = "30"
LONGEST_NAME = 40


@dataclass(frozen=True)
class Answer:
    """One answer over HTTP."""

    status: int
    body: Mapping[str, object]
    headers: Mapping[str, str] = field(default_factory=dict)

    def to_proxy(self) -> dict[str, object]:
        """As API Gateway's Lambda proxy integration wants it."""
        headers = {"Content-Type": "application/json", **self.headers}
        return {"statusCode": self.status, "headers": headers, "body": json.dumps(self.body)}


def refusal(error: Exception, dataset: str) -> Answer:
    """Why there is no prediction, with nothing of our own insides: those are in the log."""
    match error:
        case InvalidRequestError():
            fields = [asdict(problem) for problem in error.problems]
            answer = Answer(400, {"error": "invalid_request", "message": str(error), "fields": fields})
        case TooLargeRequestError():
            answer = _refused(413, "invalid_request", str(error))
        case UnknownDatasetError():
            answer = _refused(404, "unknown_dataset", f"there is no dataset {dataset[:LONGEST_NAME]!r}")
        case NoModelError():
            message = f"no model of {dataset} is in service yet: drop data, or wait for training to end"
            answer = _later("no_model", message)
        case ModelBusyError():
            answer = _later("model_busy", f"{error}: try again")
        case ModelFailedError():
            answer = _refused(502, "model_failed", str(error))
        case LakeloopError():
            logger.error("what a prediction needs cannot be read", exc_info=error)
            answer = _later("unavailable", "what a prediction needs cannot be read now: try again")
        case _:
            logger.error("unforeseen error", exc_info=error)
            answer = _refused(500, "internal", "the prediction failed on our side, and the log says why")
    return answer


def _refused(status: int, error: str, message: str) -> Answer:
    return Answer(status, {"error": error, "message": message})


def _later(error: str, message: str) -> Answer:
    return Answer(503, {"error": error, "message": message}, {"Retry-After": RETRY_SECONDS})

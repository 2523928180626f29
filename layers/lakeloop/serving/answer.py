"""What a caller of the prediction API gets back."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from lakeloop.errors import (
    LakeloopError,
    ModelBusyError,
    ModelFailedError,
    NoModelError,
    NotPublicError,
    UnknownDatasetError,
    UnlearnedDatasetError,
)
from lakeloop.observability import logger
from lakeloop.serving.ports import LiveModel
from lakeloop.serving.prediction import Prediction
from lakeloop.serving.request import InvalidRequestError, TooLargeRequestError
from lakeloop.serving.scoring import Scored, ScoredRow

RETRY_SECONDS = "30"
LONGEST_NAME = 40
# Lambda answers with 6 MB at most, in which the body is a JSON text: each of its quotes counts twice.
LARGEST_ANSWER = 6_000_000


@dataclass(frozen=True)
class Answer:
    """One answer over HTTP."""

    status: int
    body: Mapping[str, object]
    headers: Mapping[str, str] = field(default_factory=dict)

    def to_proxy(self) -> dict[str, object]:
        """As API Gateway's Lambda proxy integration wants it."""
        status, body = self.status, json.dumps(self.body) if self.body else ""
        if len(body) + body.count('"') + body.count("\\") > LARGEST_ANSWER:
            message = "the answer would have more than 6 MB: send fewer rows"
            status, body = 413, json.dumps({"error": "invalid_request", "message": message})
        headers = {"Content-Type": "application/json", **self.headers}
        return {"statusCode": status, "headers": headers, "body": body}


def row_answer(dataset: str, scored: Scored, row: ScoredRow) -> dict[str, object]:
    """One prediction, with the model that made it."""
    return {
        "inference_id": row.inference_id,
        "dataset": dataset,
        **_predicted(row.prediction),
        **_made_by(scored),
    }


def batch_answer(dataset: str, scored: Scored) -> dict[str, object]:
    """A prediction or a refusal for each row, in the order of the request."""
    refused = sum(isinstance(row, InvalidRequestError) for row in scored.rows)
    return {
        "dataset": dataset,
        **_made_by(scored),
        "predicted": len(scored.rows) - refused,
        "refused": refused,
        "rows": [
            _invalid(row)
            if isinstance(row, InvalidRequestError)
            else {"inference_id": row.inference_id, **_predicted(row.prediction)}
            for row in scored.rows
        ],
    }


def _predicted(prediction: Prediction) -> dict[str, object]:
    return {
        "prediction": prediction.prediction,
        "confidence": prediction.confidence,
        "probabilities": prediction.probabilities,
    }


def _made_by(scored: Scored) -> dict[str, object]:
    """The model, and the one that may have answered in its place; null is what is not known."""
    candidate = {} if scored.candidate is None else {"candidate": _named(scored.candidate)}
    return {**_named(scored.model), **candidate}


def _named(model: LiveModel) -> dict[str, str | None]:
    return {"model": model.version or None, "data_commit": model.commit or None}


def refusal(error: Exception, dataset: str) -> Answer:
    """Why there is no prediction, with nothing of our own insides: those are in the log."""
    match error:
        case InvalidRequestError():
            answer = Answer(400, _invalid(error))
        case TooLargeRequestError():
            answer = _refused(413, "invalid_request", str(error))
        case UnknownDatasetError():
            answer = _refused(404, "unknown_dataset", f"there is no dataset {dataset[:LONGEST_NAME]!r}")
        case UnlearnedDatasetError():
            answer = _refused(
                404, "no_predictions", f"nothing is learned from {dataset}: its contract has no `problem`"
            )
        case NotPublicError():
            message = (
                f"there is no dataset {dataset[:LONGEST_NAME]!r} whose features are all public: use POST and a key"
            )
            answer = _refused(404, "unknown_dataset", message)
        case NoModelError():
            message = f"no model of {dataset} is in service yet: drop data, or wait for training to end"
            answer = _later("no_model", message)
        case ModelBusyError():
            answer = _later("model_busy", f"{error}: try again")
        case ModelFailedError():
            logger.error("the model failed", exc_info=error)
            answer = _refused(502, "model_failed", "the model could not answer this request, and the log says why")
        case LakeloopError():
            logger.error("what a prediction needs cannot be read", exc_info=error)
            answer = _later("unavailable", "what a prediction needs cannot be read now: try again")
        case _:
            logger.error("unforeseen error", exc_info=error)
            answer = _refused(500, "internal", "the prediction failed on our side, and the log says why")
    return answer


def _invalid(error: InvalidRequestError) -> dict[str, object]:
    fields = [asdict(problem) for problem in error.problems]
    return {"error": "invalid_request", "message": str(error), "fields": fields}


def _refused(status: int, error: str, message: str) -> Answer:
    return Answer(status, {"error": error, "message": message})


def _later(error: str, message: str) -> Answer:
    return Answer(503, {"error": error, "message": message}, {"Retry-After": RETRY_SECONDS})

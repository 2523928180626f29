"""What the container's scores mean under the contract."""

import re
from dataclasses import dataclass

from lakeloop.contract import DatasetContract
from lakeloop.errors import ModelFailedError


@dataclass(frozen=True)
class Prediction:
    """`probabilities` and `confidence` (that of the predicted class) are empty for regression."""

    prediction: str | float
    confidence: float | None
    probabilities: dict[str, float]


def interpret(scores: str, contract: DatasetContract) -> Prediction:
    """The meaning of the CSV answer to one line.

    Older containers separate scores by commas, newer ones by line breaks, and put those of several classes in brackets.
    """
    try:
        numbers = [float(score) for score in re.split(r"[,\n]", scores.strip().strip("[]"))]
    except ValueError as error:
        raise ModelFailedError(f"the model answered {scores[:100]!r} where numbers were expected") from error
    if contract.problem == "regression":
        return Prediction(_only(numbers), None, {})
    if contract.problem == "binary":
        positive = _only(numbers)
        numbers = [1 - positive, positive]
    if len(numbers) != len(contract.classes):
        raise ModelFailedError(f"the model answered {len(numbers)} scores for {len(contract.classes)} classes")
    probabilities = dict(zip(contract.classes, numbers, strict=True))
    predicted = max(probabilities, key=probabilities.__getitem__)
    return Prediction(predicted, probabilities[predicted], probabilities)


def _only(numbers: list[float]) -> float:
    if len(numbers) != 1:
        raise ModelFailedError(f"the model answered {len(numbers)} scores for one row")
    return numbers[0]

"""What the container's scores mean under the contract."""

import math
import re
from dataclasses import dataclass

from lakeloop.contract import DatasetContract
from lakeloop.errors import ModelFailedError

SEPARATOR = re.compile(r"[,\n]")
BRACKETS = str.maketrans("", "", "[] ")


@dataclass(frozen=True)
class Prediction:
    """`probabilities` and `confidence` (that of the predicted class) are empty for regression."""

    prediction: str | float
    confidence: float | None
    probabilities: dict[str, float]


def interpret(scores: str, contract: DatasetContract, rows: int = 1) -> list[Prediction]:
    """The meaning of the CSV answer to so many lines. Raises ModelFailedError where it is none.

    Older containers separate scores by commas, newer ones by line breaks, and put those of several classes in brackets.
    """
    numbers = _numbers(scores)
    if contract.problem == "regression":
        return [Prediction(number, None, {}) for number in _of_rows(numbers, rows)]
    if contract.problem == "binary":
        return [_likeliest(contract.classes, [1 - positive, positive]) for positive in _of_rows(numbers, rows)]
    width = len(contract.classes)
    if len(numbers) != rows * width:
        wanted = f"{width} classes" if rows == 1 else f"{rows} rows of {width} classes"
        raise ModelFailedError(f"the model answered {len(numbers)} scores for {wanted}")
    return [_likeliest(contract.classes, numbers[row * width : (row + 1) * width]) for row in range(rows)]


def _numbers(scores: str) -> list[float]:
    try:
        numbers = [float(score) for score in SEPARATOR.split(scores.strip().translate(BRACKETS))]
    except ValueError as error:
        raise ModelFailedError(f"the model answered {scores[:100]!r} where numbers were expected") from error
    if not all(map(math.isfinite, numbers)):
        raise ModelFailedError("the model answered a score that is no finite number")
    return numbers


def _of_rows(numbers: list[float], rows: int) -> list[float]:
    if len(numbers) != rows:
        wanted = "one row" if rows == 1 else f"{rows} rows"
        raise ModelFailedError(f"the model answered {len(numbers)} scores for {wanted}")
    return numbers


def _likeliest(classes: tuple[str, ...], scores: list[float]) -> Prediction:
    probabilities = dict(zip(classes, scores, strict=True))
    predicted = max(probabilities, key=probabilities.__getitem__)
    return Prediction(predicted, probabilities[predicted], probabilities)

"""The evaluation metrics of the container: those of XGBoost, and those it adds with scikit-learn."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from lakeloop.local.sagemaker.containers.xgboost.lean import xgboost
from lakeloop.local.sagemaker.containers.xgboost.metric_names import ADDED

Scores = npt.NDArray[np.float32]
Evaluation = Callable[[Scores, xgboost.DMatrix], list[tuple[str, float]]]


def added_metrics(names: list[str]) -> Evaluation | None:
    """A custom metric for xgboost.train that computes the added ones among `names`; None when there are none."""
    added = [name for name in names if name in ADDED]
    if not added:
        return None

    def evaluate(scores: Scores, data: xgboost.DMatrix) -> list[tuple[str, float]]:
        return [(name, score(name, data.get_label(), scores)) for name in added]

    return evaluate


def score(name: str, labels: Scores, scores: Scores) -> float:
    """One added metric. scikit-learn takes long to import, and most jobs do not need it."""
    from sklearn import metrics  # noqa: PLC0415

    if name in ("r2", "mse"):
        return float(metrics.r2_score(labels, scores) if name == "r2" else metrics.mean_squared_error(labels, scores))
    predicted = scores.argmax(axis=1) if scores.ndim > 1 else scores > 0.5
    if name.endswith("accuracy"):
        function = metrics.accuracy_score if name == "accuracy" else metrics.balanced_accuracy_score
        return float(function(labels, predicted))
    kind, _, average = name.partition("_")
    functions = {"f1": metrics.f1_score, "precision": metrics.precision_score, "recall": metrics.recall_score}
    return float(functions[kind](labels, predicted, average=average or "macro", zero_division=0))

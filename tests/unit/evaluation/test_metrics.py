"""Every metric is scikit-learn's, with weights and without; what rows cannot tell is said, and is no number."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from lakeloop.evaluation.comparison import compared_on
from lakeloop.evaluation.scored import Scored
from tests.unit.evaluation.models import scored, seeded, task

Truth = Callable[[np.ndarray, np.ndarray, np.ndarray], float]

BINARY: dict[str, Truth] = {
    "auc": lambda y, p, w: sk.roc_auc_score(y, p[:, 0], sample_weight=w),
    "aucpr": lambda y, p, w: sk.average_precision_score(y, p[:, 0], sample_weight=w),
    "logloss": lambda y, p, w: sk.log_loss(y, p[:, 0], sample_weight=w, labels=[0, 1]),
    "brier": lambda y, p, w: sk.brier_score_loss(y, p[:, 0], sample_weight=w),
    "accuracy": lambda y, p, w: sk.accuracy_score(y, p[:, 0] > 0.5, sample_weight=w),
    "error": lambda y, p, w: 1 - sk.accuracy_score(y, p[:, 0] > 0.5, sample_weight=w),
}
MULTICLASS: dict[str, Truth] = {
    "mlogloss": lambda y, p, w: sk.log_loss(y, p, sample_weight=w, labels=[0, 1, 2]),
    "brier": lambda y, p, w: np.average(((p - np.eye(3)[y.astype(int)]) ** 2).sum(axis=1), weights=w),
    "accuracy": lambda y, p, w: sk.accuracy_score(y, p.argmax(axis=1), sample_weight=w),
    "merror": lambda y, p, w: 1 - sk.accuracy_score(y, p.argmax(axis=1), sample_weight=w),
}
REGRESSION: dict[str, Truth] = {
    "rmse": lambda y, p, w: sk.root_mean_squared_error(y, p[:, 0], sample_weight=w),
    "mae": lambda y, p, w: sk.mean_absolute_error(y, p[:, 0], sample_weight=w),
    "r2": lambda y, p, w: sk.r2_score(y, p[:, 0], sample_weight=w),
}
CASES = [
    *[("binary", name, truth) for name, truth in BINARY.items()],
    *[("multiclass", name, truth) for name, truth in MULTICLASS.items()],
    *[("regression", name, truth) for name, truth in REGRESSION.items()],
]


def value(problem: str, metric: str, model: Scored) -> float | None:
    found = compared_on("all", task(problem), (metric,), model.rows, model.rows)  # type: ignore[arg-type]
    return found[metric].challenger.value  # type: ignore[index]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("problem", "metric", "truth"), CASES, ids=[f"{problem}-{name}" for problem, name, _ in CASES])
@given(seed=st.integers(0, 2**32), rows=st.integers(20, 80), digits=st.sampled_from([1, 2, 9]))
@settings(max_examples=8, deadline=None)
def test_a_metric_is_scikit_learns(
    *, problem: str, metric: str, truth: Truth, weighted: bool, seed: int, rows: int, digits: int
) -> None:
    """Few digits make ties, of which a rank must count half."""
    chance = np.random.default_rng(seed)
    labels = {
        "binary": (np.arange(rows) % 3 == 0).astype(float),
        "multiclass": (np.arange(rows) % 3).astype(float),
        "regression": chance.normal(1e6, 3, rows),
    }[problem]
    raw = chance.random((rows, 3 if problem == "multiclass" else 1)).round(digits)
    scores = {
        "binary": raw,
        "multiclass": (raw + 0.1) / (raw + 0.1).sum(axis=1, keepdims=True),
        "regression": labels[:, None] + raw,
    }[problem]
    weights = chance.random(rows) + 0.1 if weighted else np.ones(rows)
    columns = {"weight": weights.tolist()} if weighted else {}

    found = value(problem, metric, scored("m", labels.tolist(), *scores.T.tolist(), **columns))

    assert found == pytest.approx(truth(labels, scores, weights), rel=1e-7, abs=1e-12)


def test_a_certain_answer_that_is_wrong_costs_as_much_as_scikit_learn_says() -> None:
    model = scored("m", [1.0] * 6 + [0.0] * 6, [0.0] + [1.0] * 5 + [0.0] * 6)

    assert value("binary", "logloss", model) == pytest.approx(
        sk.log_loss([1] * 6 + [0] * 6, [0.0] + [1.0] * 5 + [0.0] * 6)
    )


def test_a_probability_of_exactly_one_half_is_the_first_class_as_callers_are_told() -> None:
    assert value("binary", "error", scored("m", [0.0] * 10, [0.5] * 10)) == 0
    assert value("multiclass", "merror", scored("m", [0.0] * 10, [0.4] * 10, [0.4] * 10, [0.2] * 10)) == 0


@pytest.mark.parametrize(
    ("problem", "metric", "labels", "said"),
    [
        ("binary", "auc", [1.0] * 2 + [0.0] * 83, "auc needs 5 rows of each class: `yes` has 2"),
        ("binary", "aucpr", [1.0] * 9, "aucpr needs 5 rows of each class: `no` has 0"),
        ("regression", "r2", [3.0] * 20, "r2 needs labels that differ"),
        ("regression", "rmse", [], "no rows"),
    ],
)
def test_what_rows_cannot_tell_is_insufficient(problem: str, metric: str, labels: list[float], said: str) -> None:
    model = scored("m", labels, [0.5] * len(labels))

    found = compared_on("all", task(problem), (metric,), model.rows, model.rows)[metric]  # type: ignore[arg-type, index]

    assert (found.challenger.value, found.gain.value, found.gain.insufficient) == (None, None, said)


def test_no_resample_of_a_table_with_a_rare_class_gives_anything_but_numbers() -> None:
    chance = seeded(4)
    model = scored("m", [1.0] * 5 + [0.0] * 80, [chance.random() for _ in range(85)])
    other = scored("n", [1.0] * 5 + [0.0] * 80, [chance.random() for _ in range(85)])

    found = compared_on("all", task(), ("auc", "aucpr", "logloss", "brier", "accuracy"), model.rows, other.rows)

    numbers = [
        number
        for comparison in found.values()
        for figure in (comparison.challenger, comparison.champion, comparison.gain)
        for number in (figure.value, *(figure.interval or ()))
    ]
    assert len(numbers) == 5 * 3 * 4
    assert all(number is not None and math.isfinite(number) for number in numbers)


def test_labels_that_are_all_alike_in_a_resample_leave_r2_its_other_draws() -> None:
    labels = [1.0] * 19 + [2.0]
    model = scored("m", labels, [label + 0.1 for label in labels])
    other = scored("n", labels, [label + 0.2 for label in labels])

    found = compared_on("all", task("regression"), ("r2",), model.rows, other.rows)["r2"]

    assert found.gain.interval is not None
    assert math.isfinite(found.gain.interval.low)

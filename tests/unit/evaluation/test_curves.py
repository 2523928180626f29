"""Curves, bins and figures by class are those of scikit-learn, however many points are drawn."""

import numpy as np
import pytest
from sklearn import metrics as sk

from lakeloop.evaluation.curves import MOST_POINTS, behaviour
from lakeloop.evaluation.scored import Task
from tests.unit.evaluation.models import scored, seeded, task


@pytest.mark.parametrize("rows", [30, 2000])
def test_points_of_the_curves_lie_on_scikit_learns(rows: int) -> None:
    chance = seeded(rows)
    labels = [float(row % 3 == 0) for row in range(rows)]
    scores = [round(chance.random(), 2 if rows == 30 else 9) for _ in range(rows)]
    weights = [chance.random() + 0.1 for _ in range(rows)]

    found = behaviour(task(), scored("m", labels, scores, weight=weights))

    alarms, hits, _ = sk.roc_curve(labels, scores, sample_weight=weights, drop_intermediate=False)
    precision, recall, _ = sk.precision_recall_curve(labels, scores, sample_weight=weights)
    assert {(round(x, 9), round(y, 9)) for x, y in found.roc} <= set(zip(alarms.round(9), hits.round(9), strict=True))
    assert {(round(x, 9), round(y, 9)) for x, y in found.precision_recall} <= set(
        zip(recall.round(9), precision.round(9), strict=True)
    )
    assert found.roc[0] == (0, 0)
    assert found.roc[-1] == pytest.approx((1, 1))
    assert len(found.roc) <= MOST_POINTS + 1


@pytest.mark.parametrize("weighted", [False, True])
def test_precision_recall_and_f1_by_class_are_scikit_learns(weighted: bool) -> None:
    chance = np.random.default_rng(3)
    labels = (np.arange(90) % 3).astype(float)
    scores = chance.random((90, 3)) + np.eye(3)[labels.astype(int)] * 0.4
    weights = chance.random(90) if weighted else np.ones(90)
    columns = {"weight": weights.tolist()} if weighted else {}

    found = behaviour(task("multiclass"), scored("m", labels.tolist(), *scores.T.tolist(), **columns))

    precision, recall, f1, _ = sk.precision_recall_fscore_support(labels, scores.argmax(1), sample_weight=weights)
    assert [by.precision for by in found.by_class] == pytest.approx(precision)
    assert [by.recall for by in found.by_class] == pytest.approx(recall)
    assert [by.f1 for by in found.by_class] == pytest.approx(f1)
    areas = [sk.roc_auc_score(labels == code, scores[:, code], sample_weight=weights) for code in range(3)]
    assert [by.auc for by in found.by_class] == pytest.approx(areas)
    assert [by.rows for by in found.by_class] == [30, 30, 30]
    assert np.array(found.confusion).tolist() == sk.confusion_matrix(labels, scores.argmax(1)).tolist()


def test_a_class_of_few_rows_has_no_recall() -> None:
    [no, yes] = behaviour(task(), scored("m", [1.0] * 2 + [0.0] * 20, [0.9] * 22)).by_class

    assert (yes.rows, yes.precision, yes.recall, yes.f1, yes.auc) == (2, None, None, None, None)
    assert (no.rows, no.precision, no.recall, no.auc) == (20, None, 0, None)


def test_bins_hold_all_rows_in_the_order_of_their_answers() -> None:
    labels = [float(row % 2) for row in range(37)]

    found = behaviour(task(), scored("m", labels, [row / 37 for row in range(37)])).calibration

    assert sum(part.rows for part in found) == 37
    assert [part.answered for part in found] == sorted(part.answered for part in found)
    assert max(part.rows for part in found) - min(part.rows for part in found) <= 1


def test_residuals_are_counted_once_each() -> None:
    labels = [float(row) for row in range(1000)]
    chance = seeded(1)

    found = behaviour(Task("regression", (), "rmse"), scored("m", labels, [row + chance.gauss(0, 1) for row in labels]))

    assert sum(found.errors) == 1000
    assert found.error_range[0] < 0 < found.error_range[1]
    assert len(found.dots) <= 400

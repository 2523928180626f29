"""An evaluation of each problem, with all that a report can show."""

from collections.abc import Sequence
from datetime import UTC, datetime

from lakeloop.contract import Problem, Promotion
from lakeloop.evaluation.document import About, Evaluation, Trial
from lakeloop.evaluation.promotion import judge
from lakeloop.evaluation.scored import Scored, Task
from tests.unit.evaluation.models import noisy, scored, seeded

METRICS: dict[Problem, str] = {"binary": "auc", "multiclass": "mlogloss", "regression": "rmse"}
SLICED = Promotion.model_validate({"slices": [{"column": "region"}]})


def about(**changes: object) -> About:
    trials = [
        Trial(f"trial-{n}", "Completed", 0.9 + n / 100, {"eta": f"{10.0**-n}", "max_depth": str(n)}) for n in range(4)
    ]
    whole: dict[str, object] = {
        "dataset": "tiny",
        "made": datetime(2026, 11, 27, 20, 45, tzinfo=UTC),
        "objective": "validation:auc",
        "trials": (*trials, Trial("trial-9", "Failed", None, {})),
        "importance": {"f": 0.7, "i": 0.3},
        "lineage": {"data_commit": "5a8d2cd8", "training_job": "trial-3", "git_sha": ""},
    }
    return About(**{**whole, **changes})  # type: ignore[arg-type]


def models(problem: Problem, rows: int = 120) -> tuple[Task, Scored, Scored]:
    """A task, a challenger and a champion that is worse."""
    chance = seeded(rows)
    classes = {"binary": ("no", "yes"), "multiclass": ("a", "b", "c"), "regression": ()}[problem]
    labels = [float(row % max(2, len(classes))) for row in range(rows)]
    columns: dict[str, Sequence[object]] = {
        "slice_region": ["north", "south"] * (rows // 2),
        "new": [row > rows / 2 for row in range(rows)],
    }
    found = []
    for name, noise in (("challenger", 0.5), ("champion", 3.0)):
        scores = [noisy(chance, [float(label == code) for label in labels], noise) for code in range(len(classes) or 1)]
        if problem == "multiclass":
            totals = [sum(row) for row in zip(*scores, strict=True)]
            scores = [[value / total for value, total in zip(column, totals, strict=True)] for column in scores]
        if problem == "regression":
            scores = [[label + chance.gauss(0, noise) for label in labels]]
        found.append(scored(name, labels, *(scores[1:] if problem == "binary" else scores), **columns))
    return Task(problem, classes, METRICS[problem]), *found  # type: ignore[arg-type, return-value]


def evaluation(problem: Problem, *, first: bool = False, rows: int = 120, **changes: object) -> Evaluation:
    task, challenger, champion = models(problem, rows)
    beside = None if first else champion
    verdict = judge(task, challenger, beside, SLICED)
    return Evaluation.of(task, about(**changes), verdict, challenger, beside)

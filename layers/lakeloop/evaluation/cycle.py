"""What a training cycle gave, in a line for whoever asks with SQL; `infra/modules/catalog` has its columns."""

import json
from dataclasses import asdict, dataclass

from lakeloop import names
from lakeloop.evaluation.case import Case
from lakeloop.evaluation.document import Evaluation
from lakeloop.registry.ports import Approval
from lakeloop.reports import now


@dataclass(frozen=True)
class Cycle:
    """One judged model; figures are None, and counts 0, where it could not be scored.

    `metric` decides; `value` is the model's on the test rows of its data, `champion_value` that of the one which served
    then, whose model package is `champion`, empty where none did.
    """

    tuning_job: str
    decided_at: str
    verdict: str
    why: str
    data_commit: str
    metric: str
    value: float | None
    champion: str
    champion_value: float | None
    test_rows: int
    trials: int

    @classmethod
    def of(cls, case: Case, approval: Approval, why: str, evaluation: Evaluation | None) -> "Cycle":
        compared = evaluation.verdict.metrics.get(evaluation.verdict.metric) if evaluation else None
        return cls(
            tuning_job=case.trained.tuning_job,
            decided_at=now().isoformat(timespec="seconds"),
            verdict=approval,
            why=why,
            data_commit=case.trained.tags[names.COMMIT_TAG],
            metric=case.task.metric,
            value=compared.challenger.value if compared else None,
            champion=case.champion.name if case.champion else "",
            champion_value=compared.champion.value if compared and case.champion else None,
            test_rows=compared.rows if compared else 0,
            trials=len(evaluation.about.trials) if evaluation else 0,
        )

    def to_json(self) -> str:
        """On one line, as Athena wants it."""
        return json.dumps(asdict(self), allow_nan=False)

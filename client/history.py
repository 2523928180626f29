"""What every training cycle gave: one row each, oldest first, for the terminal, notebooks and other programs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from lakeloop.client.models import Listed, Models

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Cycle:
    """One judged model. Figures are None, and counts 0, where its evaluation does not tell them or is gone.

    `metric` decides; `value` is the model's on the test rows of its data, `champion` that of the one which served then.
    `judged` counts the challengers of that champion, this one included.
    """

    version: int
    made: datetime
    data_commit: str
    tuning_job: str
    trials: int
    test_rows: int
    metric: str
    value: float | None
    champion: float | None
    judged: int
    verdict: str
    why: str
    serves: bool


def history(models: Models) -> list[Cycle]:
    """All cycles whose model was judged; jobs that gave none are in `lakeloop status`."""
    return [_cycle(version, models.evaluation(version.evaluation)) for version in reversed(models.listed())]


def as_frame(cycles: Sequence[Cycle]) -> "pl.DataFrame":
    """The same as a table, which `write_parquet` writes."""
    import polars as pl  # noqa: PLC0415 it costs 100 ms, which a listing need not take

    return pl.DataFrame([asdict(cycle) for cycle in cycles], infer_schema_length=None)


def _cycle(version: Listed, evaluation: Mapping[str, Any]) -> Cycle:
    verdict = evaluation.get("verdict") or {}
    metric = verdict.get("metric", "")
    compared = verdict.get("metrics", {}).get(metric) or {}
    return Cycle(
        version=version.version,
        made=version.created,
        data_commit=version.data_commit,
        tuning_job=version.tuning_job,
        trials=len(evaluation.get("about", {}).get("trials", ())),
        test_rows=compared.get("rows", 0),
        metric=metric,
        value=compared["challenger"]["value"] if compared else None,
        champion=compared["champion"]["value"] if compared and verdict.get("champion") else None,
        judged=verdict.get("judged", 0),
        verdict=version.approval,
        why=version.why,
        serves=version.serves,
    )

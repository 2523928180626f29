"""Live quality: what answers were worth, once their labels are known, beside what the model promised on test rows."""

from dataclasses import dataclass

import polars as pl

from lakeloop.contract import Monitor
from lakeloop.evaluation.comparison import compared_on
from lakeloop.evaluation.metrics import PROPER
from lakeloop.evaluation.scored import Task
from lakeloop.evaluation.sentences import number, share
from lakeloop.evaluation.verdict import Comparison

LIVE = "labelled predictions"


@dataclass(frozen=True)
class Quality:
    """`found` has the live figure as the challenger's and the promise as the champion's; None where rows are too few.

    `decayed` says that it is surely worse, and by more than the contract lets pass.
    """

    rows: int
    decayed: bool
    why: str
    found: Comparison | None = None


def live_quality(task: Task, promised: pl.DataFrame, live: pl.DataFrame, policy: Monitor) -> Quality:
    """Both frames have labels and scores as `Scored` describes them: `promised` of test rows, `live` of predictions.

    They are other rows, so their intervals add. All are answers of one model, however late their labels come.
    Predictions that were labelled because the model was unsure of them must not be among those of `live`: they are the
    hardest.
    """
    if live.height < policy.min_labels:
        why = f"{live.height:,} labelled predictions, {policy.min_labels:,} are needed"
        return Quality(live.height, decayed=False, why=why)
    metrics = tuple(dict.fromkeys((task.metric, PROPER[task.problem])))
    compared = compared_on(LIVE, task, metrics, live, promised, paired=False)
    found = next((compared[name] for name in metrics if compared[name].gain.value is not None), None)
    if found is None or found.gain.value is None or found.gain.interval is None:
        return Quality(live.height, decayed=False, why=compared[task.metric].gain.insufficient)
    low, high, _ = found.gain.interval
    decayed = found.gain.value < -policy.max_decay and high < 0
    between = f"[{share(found.metric, low)}, {share(found.metric, high)}]"
    why = (
        f"{found.metric} {number(found.challenger.value)} on {live.height:,} labelled predictions, "
        f"{number(found.champion.value)} on test rows: {share(found.metric, found.gain.value)} {between}, "
        f"where {share(found.metric, policy.max_decay)} may be lost"
    )
    return Quality(live.height, decayed, why, found)

"""Two models by one metric on the same test rows, with intervals from resamples that both share."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import cast

import polars as pl

from lakeloop.evaluation.metrics import GREATER_IS_BETTER, RELATIVE, Metric, Metrics
from lakeloop.evaluation.scored import LABEL, WEIGHT, Task
from lakeloop.evaluation.verdict import Comparison, Figure, Interval

CONFIDENCE = 0.95
DRAWS = 1000
# 100,000 rows are drawn a thousand times; more rows less often, and never less often than this.
FEWEST_DRAWS = 200
MOST_PICKS = 100_000_000


@dataclass(frozen=True)
class Sampled:
    """A metric of one model, on the rows and in each resample."""

    value: float
    draws: pl.Series

    def figure(self) -> Figure:
        """With an interval between percentiles, which never leaves what the metric can be."""
        tail = (1 - CONFIDENCE) / 2
        low, high = (self.draws.quantile(part, "linear") for part in (tail, 1 - tail))
        return Figure(self.value, Interval(float(low or 0), float(high or 0), CONFIDENCE))


def compared_on(
    part: str,
    task: Task,
    metrics: Sequence[Metric],
    challenger: pl.DataFrame,
    champion: pl.DataFrame,
    *,
    paired: bool = True,
    seed: int = 0,
) -> dict[Metric, Comparison]:
    """Each metric of both models.

    Rows that are `paired` are the same in the same order, and are drawn together: what makes a row hard for both then
    adds nothing to the width.
    """
    own = [_metrics(task, rows) for rows in (challenger, champion)]
    scores = [[rows[name] for name in task.scores] for rows in (challenger, champion)]
    lacking = {metric: own[0].lacking(metric) or own[1].lacking(metric) for metric in metrics}
    told = [metric for metric in metrics if not lacking[metric]]
    if paired:
        first, second = sampled(own[0], told, scores, seed=seed)
    else:
        [first], [second] = (sampled(own[side], told, [scores[side]], seed=seed + side) for side in (0, 1))
    rows = len(challenger)
    return {
        metric: Comparison.unknown(part, metric, rows, lacking[metric])
        if lacking[metric]
        else _compared(part, metric, rows, first[metric], second[metric])
        for metric in metrics
    }


def _metrics(task: Task, rows: pl.DataFrame) -> Metrics:
    return Metrics(task, rows.select(name for name in (LABEL, WEIGHT) if name in rows.columns))


def sampled(
    metrics: Metrics, names: Sequence[Metric], models: Sequence[Sequence[pl.Series]], *, seed: int
) -> list[dict[Metric, Sampled]]:
    """The metrics of each model, all on the same resamples; a model is its scores."""
    if not names:
        return [{} for _ in models]
    measures = [{name: metrics.measure(name, scores) for name in names} for scores in models]
    drawn: list[dict[Metric, list[pl.Series]]] = [{name: [] for name in names} for _ in models]
    for draws in metrics.resamples(draws_for(metrics.rows), seed):
        for model, kept in zip(measures, drawn, strict=True):
            for name, measure in model.items():
                kept[name].append(_finite(measure.over(draws)))
    whole = metrics.once()
    return [
        {name: Sampled(float(measure.over(whole)[0]), pl.concat(kept[name])) for name, measure in model.items()}
        for model, kept in zip(measures, drawn, strict=True)
    ]


def _finite(values: pl.Series) -> pl.Series:
    """Without those of draws that have no value, as r2 has none where all labels are alike."""
    return values.set(~values.is_finite(), None)


def draws_for(rows: int) -> int:
    return min(DRAWS, max(FEWEST_DRAWS, MOST_PICKS // rows))


def quantile(confidence: float) -> float:
    """How many standard errors the ends of a normal interval are from its middle."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


def _compared(part: str, metric: Metric, rows: int, challenger: Sampled, champion: Sampled) -> Comparison:
    """The gain's interval is the normal one (Efron and Tibshirani, 13.3).

    Many judgements ask for tails that are farther out than a thousand resamples reach.
    """
    values = (pl.Series([side.value]) for side in (challenger, champion))
    [gain] = gains(metric, *values)
    spread = cast("float | None", gains(metric, challenger.draws, champion.draws).std())
    # A sample spreads less around its own mean than around the true one.
    error = (spread or 0.0) * math.sqrt(rows / max(1, rows - 1))
    reach = quantile(CONFIDENCE) * error
    told = Figure(float(gain), Interval(gain - reach, gain + reach, CONFIDENCE))
    return Comparison(part, metric, rows, challenger.figure(), champion.figure(), told)


def widened(found: Comparison, confidence: float) -> Comparison:
    """The same with an interval of the gain at another confidence."""
    gain = found.gain
    if gain.value is None or gain.interval is None:
        return found
    reach = (gain.interval.high - gain.value) * quantile(confidence) / quantile(gain.interval.confidence)
    return replace(found, gain=Figure(gain.value, Interval(gain.value - reach, gain.value + reach, confidence)))


def gains(metric: Metric, challenger: pl.Series, champion: pl.Series) -> pl.Series:
    """What the challenger is better by: above 0 whichever way the metric goes."""
    if metric in GREATER_IS_BETTER:
        return challenger - champion
    if metric not in RELATIVE:
        return champion - challenger
    share = (champion - challenger) / champion
    # No share of a champion without any error: what is worse then has lost all of it.
    return share.replace(math.nan, 0.0).replace(-math.inf, -1.0)

"""What is known of predictions, in a sentence, and as metrics: for alarms by dataset, for graphs by feature."""

from collections.abc import Sequence

from lakeloop.contract import Monitor
from lakeloop.monitoring.episode import Reaction, drifting
from lakeloop.monitoring.state import Judged, WatchState
from lakeloop.monitoring.window import Verdict
from lakeloop.observability import figure, gauge_of_dataset

# Each is a metric of its own, and paid for.
MOST_FEATURES = 100


def sentence(state: WatchState, reaction: Reaction, policy: Monitor) -> str:
    """The verdict and what it rests on."""
    last = state.windows[-1].window if state.windows else None
    if reaction.alarm:
        decayed = state.quality.why if state.quality and state.quality.decayed else ""
        drifted = last.why if last and last.drifted else ""
        return "; ".join(filter(None, [f"{reaction.verdict}: {reaction.why}", drifted, decayed]))
    if last is None:
        return f"{Verdict.FEW_ROWS}: {state.tally.rows:,} predictions, {policy.min_rows:,} are needed"
    return f"{last.verdict}: {last.why}"


def tell(dataset: str, state: WatchState, policy: Monitor, windows: Sequence[Judged]) -> None:
    """Whether it drifts and decays now, and of the windows that filled how far each feature was.

    `FeatureDrift` is in limits: above 1 a feature drifts. `LabelDelay` is a median.
    """
    decayed = state.quality is not None and state.quality.decayed
    drifts = drifting(policy, [judged.window.verdict for judged in state.windows])
    figure("InputsDrift", float(drifts), dataset=dataset)
    figure("AnswersDecay", float(decayed), dataset=dataset)
    labelled = [known for known in state.hours.values() if known.labelled]
    rows = sum(known.rows for known in state.hours.values())
    if rows:
        figure("LabelledShare", sum(known.labelled for known in labelled) / rows, dataset=dataset)
    if labelled:
        gauge_of_dataset("LabelDelay", dataset, max(labelled, key=lambda known: known.labelled).delay)
    for judged in windows:
        for finding in judged.window.findings[:MOST_FEATURES]:
            figure("FeatureDrift", finding.beyond, dataset=dataset, feature=finding.name)
            figure("FeatureMissing", finding.missing, dataset=dataset, feature=finding.name)

"""What is known of a dataset's predictions: how far each feature is from what the model learned, and how good they are.

In a notebook: `drift(Environment.load(), "breast_cancer").features`.
"""

from dataclasses import dataclass
from datetime import datetime

from lakeloop import names
from lakeloop.adapters.monitoring import S3WatchStates
from lakeloop.adapters.reports import S3StepReports
from lakeloop.adapters.s3 import body_of
from lakeloop.client.environment import Environment
from lakeloop.monitoring.state import Judged, WatchState
from lakeloop.monitoring.window import Finding, Measure, Verdict


@dataclass(frozen=True)
class Feature:
    """One feature, or what the model answers, in the last window that filled; None where a measure is not of its kind.

    `missing` is the share of rows without a value, `missing_before` the same of the rows that were learned from.
    """

    name: str
    verdict: Verdict
    psi: float
    psi_limit: float
    ks: float | None
    ks_limit: float | None
    new: float | None
    new_limit: float | None
    missing: float
    missing_before: float


@dataclass(frozen=True)
class Filled:
    """A window that had enough predictions."""

    begun: datetime
    ended: datetime
    rows: int
    verdict: Verdict
    why: str


@dataclass(frozen=True)
class Drift:
    """`said` is the sentence of the last look, at `looked`; both None where nobody has looked yet.

    `open_rows` are predictions of the window that fills now, `counted_until` the hour up to which they are counted.
    `drifts_since` is None outside of an episode, in which training `was_asked` for once. `labelled` of `predictions`
    have a label that counts for quality.
    """

    dataset: str
    said: str | None
    looked: datetime | None
    model: str = ""
    counted_until: datetime | None = None
    open_rows: int = 0
    windows: tuple[Filled, ...] = ()
    features: tuple[Feature, ...] = ()
    quality: str = ""
    decayed: bool = False
    predictions: int = 0
    labelled: int = 0
    drifts_since: datetime | None = None
    was_asked: bool = False


def drift(environment: Environment, dataset: str) -> Drift:
    """As `monitor` left it."""
    outputs = environment.outputs
    report = S3StepReports(environment.s3, outputs.artifacts_bucket).get(dataset, "monitor")
    state, _ = S3WatchStates(environment.s3, outputs.captures_bucket).get(dataset)
    said, looked = (report.why, report.at) if report else (None, None)
    return _known(dataset, said, looked, state) if state else Drift(dataset, said, looked)


def page(environment: Environment, dataset: str) -> bytes | None:
    """The page of the last look; None where nobody has looked yet."""
    return body_of(environment.s3, environment.outputs.artifacts_bucket, names.drift_page_key(dataset))


def _known(dataset: str, said: str | None, looked: datetime | None, state: WatchState) -> Drift:
    episode, quality = state.episode, state.quality
    return Drift(
        dataset=dataset,
        said=said,
        looked=looked,
        model=state.model,
        counted_until=state.until,
        open_rows=state.tally.rows,
        windows=tuple(map(_filled, state.windows)),
        features=tuple(map(_feature, state.windows[-1].window.findings)) if state.windows else (),
        quality=quality.why if quality else "",
        decayed=quality.decayed if quality else False,
        predictions=sum(hour.rows for hour in state.hours.values()),
        labelled=sum(hour.labelled for hour in state.hours.values()),
        drifts_since=episode.begun if episode else None,
        was_asked=episode.asked if episode else False,
    )


def _filled(judged: Judged) -> Filled:
    window = judged.window
    return Filled(judged.begun, judged.ended, window.rows, window.verdict, window.why)


def _feature(found: Finding) -> Feature:
    enough = Verdict.DRIFT if found.drifted else Verdict.OK
    ks, ks_limit = _measured(found.ks)
    new, new_limit = _measured(found.new)
    return Feature(
        name=found.name,
        verdict=enough if found.sufficient else Verdict.FEW_REFERENCE,
        psi=found.psi.value,
        psi_limit=found.psi.limit,
        ks=ks,
        ks_limit=ks_limit,
        new=new,
        new_limit=new_limit,
        missing=found.missing,
        missing_before=found.missing_before,
    )


def _measured(measure: Measure | None) -> tuple[float | None, float | None]:
    return (measure.value, measure.limit) if measure else (None, None)

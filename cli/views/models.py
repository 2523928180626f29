"""Versions of models on the screen."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from rich.console import Console, RenderableType
from rich.text import Text

from lakeloop.cli.views import layout
from lakeloop.cli.views.layout import COMMIT_SHOWN, age, visible
from lakeloop.client.models import Listed
from lakeloop.rollback.model import Exchange
from lakeloop.rollback.models import Consequences

STYLES = {"Approved": "green", "Rejected": "red", "PendingManualApproval": "yellow"}
WORDS = {"PendingManualApproval": "Pending"}
LONGEST_WHY = 160


def listing(dataset: str, versions: Sequence[Listed], out: Console, now: datetime) -> Sequence[RenderableType]:
    """All versions, newest first: a table where there is room."""
    if not versions:
        return [Text(f"{dataset} has no model yet")]
    if layout.is_wide(out):
        columns = ("version", "verdict", "metric", "data", "when", "why")
        return [layout.table(dataset, columns, [_row(version, now) for version in versions])]
    return [layout.card(f"version {version.version}", _card(version, now)) for version in versions]


def _row(version: Listed, now: datetime) -> Sequence[str | Text]:
    return (
        f"{version.version}{' serves' if version.serves else ''}",
        _verdict(version),
        _metric(version),
        version.data_commit[:COMMIT_SHOWN],
        age(version.created, now),
        _why(version),
    )


def _card(version: Listed, now: datetime) -> list[tuple[str, str | Text]]:
    return [
        ("verdict", _verdict(version)),
        ("why", _why(version)),
        ("metric", _metric(version)),
        ("data", version.data_commit[:COMMIT_SHOWN]),
        ("made", age(version.created, now)),
        ("serves", "now" if version.serves else ""),
    ]


def version_block(dataset: str, version: Listed) -> Text:
    """One version whole."""
    decided = f"{version.decided_by} {version.decided_at}".strip()
    lines = [
        ("verdict", f"{WORDS.get(version.approval, version.approval)}: {version.why}"),
        ("metric", _metric(version)),
        ("data", version.data_commit),
        ("job", version.tuning_job),
        ("decided", decided),
        ("serves", "now" if version.serves else "no"),
        ("bad data", f"of commit {version.bad_data}, taken back" if version.bad_data else ""),
        ("pruned", version.pruned),
    ]
    return layout.block(f"{dataset} version {version.version}", [line for line in lines if line[1]])


def exchange_block(dataset: str, wanted: Exchange) -> Text:
    """What takes the place of what."""
    lines = [
        *(("goes", f"version {version.version}, and does not come back by itself") for version in wanted.back),
        ("serves", f"version {wanted.to.version}, made {wanted.to.created:%Y-%m-%d %H:%M} UTC: nothing is built anew"),
    ]
    return layout.block(f"roll back the model of {dataset}", lines)


def consequences_block(dataset: str, found: Consequences) -> Text:
    """What follows for models and jobs."""
    lines = [
        *(("flagged", f"version {version.version}, {version.approval.value}") for version in found.flagged),
        *(("stopped", f"tuning job {job}") for job in found.stopped),
    ]
    if found.instead and found.serving:
        lines.append(("serves", f"version {found.instead.version} in the place of version {found.serving.version}"))
    elif found.serving:
        lines.append(
            ("trains", f"no good version is left: version {found.serving.version} serves until a new one is there")
        )
    return layout.block(f"models of {dataset} that learned from it", lines or [("none", "no model and no running job")])


def comparison(left: Listed, right: Listed, metrics: Mapping[str, tuple[str, str]]) -> RenderableType:
    """Two versions side by side."""
    rows: list[tuple[str, str | Text, str | Text]] = [
        ("verdict", _verdict(left), _verdict(right)),
        ("why", _why(left), _why(right)),
        ("validation", _metric(left), _metric(right)),
        *((name, *pair) for name, pair in metrics.items()),
        ("data", left.data_commit[:COMMIT_SHOWN], right.data_commit[:COMMIT_SHOWN]),
        ("job", left.tuning_job, right.tuning_job),
        ("made", f"{left.created:%Y-%m-%d %H:%M}", f"{right.created:%Y-%m-%d %H:%M}"),
        ("serves", "now" if left.serves else "", "now" if right.serves else ""),
    ]
    return layout.table("", ("", f"version {left.version}", f"version {right.version}"), rows)


def _verdict(version: Listed) -> Text:
    return Text(WORDS.get(version.approval, version.approval), STYLES.get(version.approval, ""))


def _why(version: Listed) -> str:
    return visible(version.why if len(version.why) <= LONGEST_WHY else f"{version.why[:LONGEST_WHY]}...")


def _metric(version: Listed) -> str:
    return f"{version.metric} {version.value:.4f}" if version.value is not None else version.metric

"""What the demo found, as figures: read back from the running system, written down and judged."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from sklearn.metrics import accuracy_score, roc_auc_score

from lakeloop.lake.ports import LakeCommit
from lakeloop.lake.sources import Source, sources


@dataclass(frozen=True)
class Metric:
    name: str
    value: float


@dataclass(frozen=True)
class Seconds:
    """How long the parts of the demo took; the last one is milliseconds, as its name says."""

    setup: float
    apply: float
    drop_to_commit: float
    commit_to_endpoint: float
    predict_p50_ms: float


@dataclass(frozen=True)
class Report:
    """`.local/demo-report.json`."""

    dataset: str
    landed_rows: int
    committed_rows: int
    quarantined_rows: int
    commit: str
    tuning_job: str
    trials: int
    best_metric: Metric
    endpoint: str
    predictions: int
    heldout_auc: float
    seconds: Seconds

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=2) + "\n")


@dataclass(frozen=True)
class Scored:
    """One held-out row: what is true, what the API said, and how long it took to say it."""

    key: str
    truth: str
    predicted: str
    positive_probability: float
    model: str
    seconds: float


@dataclass(frozen=True)
class Counts:
    """What the merge commits on main say about the rows of some files."""

    rows_in: int
    committed: int
    quarantined: int
    files: tuple[Source, ...]


def count(log: Iterable[LakeCommit], uris: Collection[str]) -> Counts:
    """Sums over the files at `uris`, each as its latest commit has it; `log` comes newest first."""
    latest: dict[str, Source] = {}
    for source in (source for commit in log for source in sources(commit) if source.uri in uris):
        latest.setdefault(source.uri, source)
    return Counts(
        rows_in=sum(source.rows_in for source in latest.values()),
        committed=sum(source.rows_committed for source in latest.values()),
        quarantined=sum(source.rows_quarantined for source in latest.values()),
        files=tuple(latest.values()),
    )


def disagreements(counts: Counts, *, landed: int, quarantine_files: int) -> list[str]:
    """Where the figures of the loop do not add up; `quarantine_files` are the rows found in the quarantine itself."""
    sums = {
        f"{landed} rows landed, {counts.committed} committed + {counts.quarantined} quarantined": (
            landed == counts.committed + counts.quarantined
        ),
        f"{landed} rows landed, the commits count {counts.rows_in}": landed == counts.rows_in,
        f"the commits count {counts.quarantined} quarantined rows, the quarantine holds {quarantine_files}": (
            counts.quarantined == quarantine_files
        ),
    }
    return [text for text, agrees in sums.items() if not agrees]


def heldout_auc(scored: Sequence[Scored], positive_class: str) -> float:
    truth = [row.truth == positive_class for row in scored]
    return float(roc_auc_score(truth, [row.positive_probability for row in scored]))


def accuracy(scored: Sequence[Scored]) -> float:
    return float(accuracy_score([row.truth for row in scored], [row.predicted for row in scored]))


def p50_ms(scored: Sequence[Scored]) -> float:
    return 1000 * median(row.seconds for row in scored)

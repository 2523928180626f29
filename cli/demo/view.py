"""The demo's result for a person: what was set aside and why, and predictions against the truth."""

from collections.abc import Collection, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lakeloop.cli import quarantine
from lakeloop.cli.demo.report import Scored, accuracy
from lakeloop.cli.demo.run import DemoResult
from lakeloop.lake.ports import LakeCommit
from lakeloop.lake.sources import sources

PREDICTIONS_SHOWN = 10


def show(out: Console, result: DemoResult) -> None:
    report = result.report
    out.print(commits_table(result.commits, {file.uri for file in result.counts.files}))
    for uri, rejected in result.rejected.items():
        quarantine.show(out, rejected, uri)
    out.print(predictions_table(result.scored, result.positive_class))
    out.print(
        f"{report.landed_rows} rows landed: {report.committed_rows} committed, {report.quarantined_rows} quarantined; "
        f"{report.trials} trials, best {report.best_metric.name} {report.best_metric.value:.4f}; "
        f"{report.predictions} held-out rows predicted with AUC {report.heldout_auc:.4f}, "
        f"accuracy {accuracy(result.scored):.1%}, p50 {report.seconds.predict_p50_ms:.0f} ms",
        markup=False,
    )


def commits_table(commits: Sequence[LakeCommit], uris: Collection[str]) -> Table:
    """The commits that hold the demo's files; others' files in them are counted with them."""
    view = Table(title="commits on main", title_justify="left")
    for column in ("commit", "rows in", "committed", "quarantined", "files"):
        view.add_column(column, justify="left" if column in ("commit", "files") else "right", overflow="fold")
    for commit in (commit for commit in commits if any(source.uri in uris for source in sources(commit))):
        counts = [commit.metadata[name] for name in ("rows_in", "rows_committed", "rows_quarantined")]
        files = [source.uri.rpartition("/")[2] for source in sources(commit)]
        view.add_row(commit.id[:12], *counts, ", ".join(files))
    return view


def predictions_table(scored: Sequence[Scored], positive_class: str) -> Table:
    """A sample spread over all held-out rows."""
    view = Table(title=f"{PREDICTIONS_SHOWN} of {len(scored)} predictions", title_justify="left")
    for column in ("row", "truth", "prediction", f"P({positive_class})", "", "ms", "model"):
        view.add_column(column)
    for row in scored[:: max(1, len(scored) // PREDICTIONS_SHOWN)][:PREDICTIONS_SHOWN]:
        mark = Text("right", "green") if row.predicted == row.truth else Text("wrong", "red")
        probability, milliseconds = f"{row.positive_probability:.4f}", f"{1000 * row.seconds:.0f}"
        view.add_row(row.key, row.truth, row.predicted, probability, mark, milliseconds, row.model)
    return view

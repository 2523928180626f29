"""The demo's figures: from what the commits, trials and predictions say, and judged against each other."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from lakeloop.cli.demo.report import (
    Counts,
    Metric,
    Report,
    Scored,
    Seconds,
    accuracy,
    count,
    disagreements,
    heldout_auc,
    p50_ms,
)
from lakeloop.lake.ports import LakeCommit
from lakeloop.lake.sources import Source


def scored(truth: str, predicted: str, probability: float, seconds: float = 0.01) -> Scored:
    return Scored("k", truth, predicted, probability, "model", seconds)


def test_the_report_has_the_keys_that_others_read(tmp_path: Path) -> None:
    report = Report(
        dataset="breast_cancer",
        landed_rows=462,
        committed_rows=456,
        quarantined_rows=6,
        commit="c",
        tuning_job="t",
        trials=6,
        best_metric=Metric("validation:auc", 0.99),
        endpoint="e",
        predictions=113,
        heldout_auc=0.98,
        seconds=Seconds(1.0, 2.0, 3.0, 4.0, 5.0),
    )

    report.write(tmp_path / "deep" / "report.json")

    written = json.loads((tmp_path / "deep" / "report.json").read_text())
    assert list(written) == [
        *("dataset", "landed_rows", "committed_rows", "quarantined_rows", "commit", "tuning_job", "trials"),
        *("best_metric", "endpoint", "predictions", "heldout_auc", "seconds"),
    ]
    assert written["best_metric"] == {"name": "validation:auc", "value": 0.99}
    assert list(written["seconds"]) == ["setup", "apply", "drop_to_commit", "commit_to_endpoint", "predict_p50_ms"]


def commit(*files: tuple[str, int, int]) -> LakeCommit:
    """A commit of files, each with its rows committed and quarantined."""
    made_of = [Source(uri, uri, "v", "sha", good + bad, good, bad, "") for uri, good, bad in files]
    return LakeCommit("id", {"sources": json.dumps([asdict(source) for source in made_of])})


def test_rows_are_summed_over_the_demos_own_files_and_nobody_elses() -> None:
    log = [commit(("b", 8, 2), ("mine", 100, 0)), commit(("a", 9, 1)), LakeCommit("first", {})]

    counts = count(log, {"a", "b"})

    assert (counts.rows_in, counts.committed, counts.quarantined) == (20, 17, 3)
    assert {file.uri for file in counts.files} == {"a", "b"}


def test_a_file_that_was_committed_twice_counts_as_its_latest_commit_has_it() -> None:
    assert count([commit(("a", 7, 3)), commit(("a", 9, 1))], {"a"}).committed == 7


def test_figures_that_agree_are_not_complained_about() -> None:
    assert disagreements(Counts(462, 456, 6, ()), landed=462, quarantine_files=6) == []


@pytest.mark.parametrize(
    ("counts", "quarantine_files", "told"),
    [
        (Counts(462, 455, 6, ()), 6, "462 rows landed, 455 committed + 6 quarantined"),
        (Counts(461, 456, 6, ()), 6, "the commits count 461"),
        (Counts(462, 456, 6, ()), 5, "the quarantine holds 5"),
    ],
)
def test_figures_that_disagree_are_named(counts: Counts, quarantine_files: int, told: str) -> None:
    (said,) = disagreements(counts, landed=462, quarantine_files=quarantine_files)

    assert told in said


def test_auc_is_of_the_positive_class_and_accuracy_of_the_predicted_one() -> None:
    rows = [
        scored("bad", "bad", 0.9),
        scored("good", "bad", 0.6),
        scored("good", "good", 0.1),
        scored("bad", "bad", 0.7),
    ]

    assert heldout_auc(rows, "bad") == 1.0
    assert heldout_auc(rows, "good") == 0.0
    assert accuracy(rows) == 0.75


def test_the_median_request_is_told_in_milliseconds() -> None:
    assert p50_ms([scored("a", "a", 1, seconds) for seconds in (0.01, 0.03, 5.0)]) == pytest.approx(30)

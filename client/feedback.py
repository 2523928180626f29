"""Labels from a spreadsheet to the API, and the predictions that lack one to a spreadsheet."""

import csv
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from lakeloop.adapters.captures import S3Captures
from lakeloop.adapters.feedback import S3Labels
from lakeloop.capture.record import Capture
from lakeloop.client.environment import Environment
from lakeloop.client.errors import AdvisedError
from lakeloop.client.predictions import Api
from lakeloop.feedback.label import LEAST_CONFIDENT, labels_of, last_of_each
from lakeloop.feedback.request import KEYS, MOST_LABELS

COLUMNS = ("inference_id", "predicted_at", "prediction", "confidence", "label", "label_source")


@dataclass
class Told:
    """What became of the labels of a file: how many of each verdict, and of the refused the line and why."""

    verdicts: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[int, str, str]] = field(default_factory=list)


class FeedbackApi(Api):
    """The part that takes labels."""

    def tell(self, dataset: str, labels: Sequence[dict[str, str]]) -> list[dict[str, Any]]:
        """A verdict for each label, in their order."""
        answer = self.post(f"datasets/{dataset}/feedback", {"labels": labels})
        found: list[dict[str, Any]] = json.loads(answer)["labels"]
        return found


def labelled_rows(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV that have a label, with their lines. Raises AdvisedError where it has no such columns."""
    with file.open(newline="", encoding="utf-8-sig") as opened:
        reader = csv.DictReader(opened)
        missing = [name for name in ("inference_id", "label") if name not in (reader.fieldnames or ())]
        if missing:
            raise AdvisedError(
                f"{file} has no column {' and no column '.join(missing)}",
                "`lakeloop captures export --dataset NAME FILE` writes a file to fill in",
            )
        for row in reader:
            if (row["label"] or "").strip():
                yield reader.line_num, {name: row[name] for name in KEYS if row.get(name)}


def tell_file(api: FeedbackApi, dataset: str, file: Path) -> Told:
    """Tell all labels of a file, some at a time."""
    rows, told = list(labelled_rows(file)), Told()
    for start in range(0, len(rows), MOST_LABELS):
        some = rows[start : start + MOST_LABELS]
        for (line, _), answer in zip(some, api.tell(dataset, [row for _, row in some]), strict=True):
            if verdict := answer.get("verdict"):
                told.verdicts[verdict] += 1
            else:
                fields = "; ".join(f"{one['field']}: {one['problem']}" for one in answer.get("fields", []))
                told.refused.append((line, answer["error"], fields or answer["message"]))
    return told


class Captured:
    """The predictions of a dataset that were kept."""

    def __init__(self, environment: Environment, dataset: str) -> None:
        self._dataset = dataset
        self._captures = S3Captures(environment.s3, environment.outputs.captures_bucket)
        self._labels = S3Labels(environment.s3, environment.outputs.captures_bucket)

    def since(self, days: int) -> list[Capture]:
        now = datetime.now(UTC)
        return list(self._captures.between(self._dataset, now - timedelta(days=days), now + timedelta(minutes=1)))

    def unlabelled(self, days: int) -> list[Capture]:
        """Those without a label, the least confident first; regressions, which say no confidence, by their date."""
        labelled = last_of_each(self._labels.keys(labels_of(self._dataset)))
        found = [capture for capture in self.since(days) if capture.inference_id not in labelled]
        return sorted(found, key=lambda one: (one.confidence if one.confidence is not None else 1.0, one.predicted_at))


def write(file: Path, captures: Sequence[Capture], *, chosen: bool) -> int:
    """One row for each prediction, with an empty label to fill in and what its request held; how many there are.

    Where rows were `chosen` because the model was least sure of them, each says so: they show nothing of its quality.
    """
    inputs = [json.loads(capture.input) for capture in captures]
    names = list(dict.fromkeys(name for given in inputs for name in given))
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened)
        writer.writerow([*COLUMNS, *(f"input.{name}" for name in names)])
        for capture, given in zip(captures, inputs, strict=True):
            told = (capture.predicted_at.isoformat(), capture.prediction, capture.confidence)
            source = LEAST_CONFIDENT if chosen else ""
            writer.writerow([capture.inference_id, *told, "", source, *(given.get(name) for name in names)])
    return len(captures)

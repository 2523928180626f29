"""Labels from a spreadsheet, and the predictions that lack one to a spreadsheet."""

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lakeloop.adapters.captures import S3Captures
from lakeloop.adapters.feedback import S3Labels
from lakeloop.client.errors import AdvisedError
from lakeloop.client.feedback import Captured, FeedbackApi, labelled_rows, tell_file, write
from lakeloop.feedback.label import Label
from lakeloop.feedback.service import FeedbackService
from tests.data import tiny
from tests.fakes import MemoryContracts, MemoryLabels
from tests.unit.capture.world import capture
from tests.unit.client.deployed import emulated


class Api(FeedbackApi):
    """The service itself in the place of the gateway."""

    def __init__(self) -> None:
        self.labels = MemoryLabels()
        self.calls = 0
        self._service = FeedbackService(
            contracts=MemoryContracts(tiny()), labels=self.labels, name_prefix="lakeloop-test"
        )

    def tell(self, dataset: str, labels: Any) -> list[dict[str, Any]]:  # noqa: ANN401 as the API
        self.calls += 1
        found: Any = self._service.handle(dataset, json.dumps({"labels": labels})).body["labels"]
        return list(found)


def test_the_labels_of_a_file_are_told_and_each_refusal_names_its_line(tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    file.write_text("\ufeffinference_id,prediction,label\no1,yes,no\no2,yes,\no3,yes,maybe\no4,yes, yes\n")

    told = tell_file(api := Api(), "tiny", file)

    assert told.verdicts == {"recorded": 2}
    assert [(line, error) for line, error, _ in told.refused] == [(4, "invalid_request")]
    assert sorted(label.inference_id for label in api.labels.kept.values()) == ["o1", "o4"]


def test_a_long_file_is_told_in_parts(tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    file.write_text("inference_id,label\n" + "".join(f"o{number},yes\n" for number in range(501)))

    told = tell_file(api := Api(), "tiny", file)

    assert (told.verdicts, api.calls) == ({"recorded": 501}, 2)


def test_a_file_without_the_columns_says_how_to_get_one(tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    file.write_text("id,y\n1,yes\n")

    with pytest.raises(AdvisedError, match="no column inference_id and no column label"):
        list(labelled_rows(file))


def test_the_least_confident_without_a_label_come_first_and_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC) - timedelta(minutes=5)
    made = [capture(at=now, confidence=share) for share in (0.9, 0.51, 0.7, 0.6)]
    with emulated(monkeypatch) as environment:
        bucket = environment.outputs.captures_bucket
        S3Captures(environment.s3, bucket).write(f"captures/tiny/date={now:%Y-%m-%d}/hour={now:%H}/x.parquet", made)
        S3Labels(environment.s3, bucket).put(
            Label(dataset="tiny", inference_id=made[3].inference_id, label='"no"', event_time=now, arrived=now)
        )

        found = Captured(environment, "tiny").unlabelled(1)

    assert [one.confidence for one in found] == [0.51, 0.7, 0.9]
    assert write(tmp_path / "out.csv", found[:2], chosen=True) == 2
    rows = list(csv.DictReader((tmp_path / "out.csv").open()))
    assert [(row["inference_id"], row["label"], row["label_source"]) for row in rows] == [
        (one.inference_id, "", "least-confident") for one in found[:2]
    ]
    assert rows[0]["input.f"] == "1.5"

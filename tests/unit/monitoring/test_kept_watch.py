"""The watch over predictions that lie in S3 as the other functions leave them there."""

import pytest

from lakeloop import names
from lakeloop.adapters.captures import S3Captures
from lakeloop.adapters.feedback import S3KeptLabels
from lakeloop.adapters.monitoring import S3WatchStates
from lakeloop.adapters.reports import S3StepReports
from lakeloop.adapters.s3 import S3Evaluations
from lakeloop.messages import WatchPredictions
from tests.fakes import message
from tests.unit.client.deployed import ACCOUNT, emulated
from tests.unit.monitoring.watching import Scene

ARTIFACTS = f"lakeloop-test-artifacts-{ACCOUNT}"
CAPTURES = f"lakeloop-test-captures-{ACCOUNT}"


def test_what_lies_in_s3_is_watched_as_what_lies_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene()
    for hour in (0, 1):
        answered = scene.predict(hour, shift=3.0)
        scene.come_back(hour)
        scene.label(answered, wrong=0.5)
    asked = message(WatchPredictions(dataset="tiny").model_dump_json())
    with emulated(monkeypatch) as environment:
        s3 = environment.s3
        s3.create_bucket(Bucket=CAPTURES)
        captures, labels = S3Captures(s3, CAPTURES), S3KeptLabels(s3, CAPTURES)
        states, artifacts = S3WatchStates(s3, CAPTURES), S3Evaluations(s3, ARTIFACTS)
        for key, kept in scene.captures.kept.items():
            captures.write(key, kept)
        for label in scene.labels.kept.values():
            labels.put(label)
        for key, body in scene.evaluations.objects.items():
            artifacts.put(key, body)
        service = scene.service(
            hour=2,
            captures=captures,
            labels=labels,
            kept=S3Evaluations(s3, CAPTURES),
            artifacts=artifacts,
            states=states,
            reports=S3StepReports(s3, ARTIFACTS),
        )

        for _ in range(2):
            service.handle(asked, lambda: 900)

        found, _ = states.get("tiny")
        report = S3StepReports(s3, ARTIFACTS).get("tiny", "monitor")
        page = artifacts.read(names.drift_page_key("tiny"))
    once = len(scene.trainer.published)

    assert found == scene.look(2)
    assert found.quality
    assert found.quality.decayed
    assert once == 1
    assert report
    assert report.why.startswith("drift: inputs drift and answers decay: training is asked for; f: PSI ")
    assert page
    assert b"<h2>Live quality</h2>" in page

"""`lakeloop drift`: what monitor left behind, feature by feature."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lakeloop import names
from lakeloop.adapters.monitoring import S3WatchStates
from lakeloop.cli.main import Options, app
from lakeloop.client.environment import Environment
from lakeloop.errors import TransientError
from lakeloop.monitoring.state import WatchState
from tests.unit.client.deployed import ACCOUNT, emulated
from tests.unit.monitoring.watching import MORNING, Scene

ARTIFACTS = f"lakeloop-test-artifacts-{ACCOUNT}"
CAPTURES = f"lakeloop-test-captures-{ACCOUNT}"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Environment]:
    with emulated(monkeypatch) as made:
        made.outputs.captures_bucket = CAPTURES
        made.s3.create_bucket(Bucket=CAPTURES)
        monkeypatch.setattr(Environment, "load", classmethod(lambda cls: made))
        yield made


def shown(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["drift", "breast_cancer", *arguments], obj=Options())
    assert done.exit_code == 0, done.output
    return done.output


def looked_at(environment: Environment) -> WatchState:
    """Drift of one feature, as monitor leaves it."""
    scene = Scene()
    scene.predict(0, shift=3.0)
    scene.predict(1, shift=3.0)
    state = scene.look(2)
    S3WatchStates(environment.s3, CAPTURES).put("breast_cancer", state, "")
    report = scene.world.reports.reports["tiny", "monitor"].model_copy(update={"dataset": "breast_cancer"})
    key = names.report_key("breast_cancer", "monitor")
    environment.s3.put_object(Bucket=ARTIFACTS, Key=key, Body=report.model_dump_json().encode())
    page = scene.evaluations.objects[names.drift_page_key("tiny")]
    environment.s3.put_object(Bucket=ARTIFACTS, Key=names.drift_page_key("breast_cancer"), Body=page)
    return state


def test_each_feature_is_shown_with_its_limits_and_the_farthest_first(environment: Environment, tmp_path: Path) -> None:
    looked_at(environment)

    told = json.loads(shown("--json", "--out", str(tmp_path / "drift.html")))
    screen = shown()
    page = (tmp_path / "drift.html").read_text()

    assert (told["features"][0]["name"], told["features"][0]["verdict"]) == ("f", "drift")
    assert told["features"][0]["psi"] > told["features"][0]["psi_limit"]
    assert (told["was_asked"], told["open_rows"], len(told["windows"])) == (False, 0, 2)
    assert told["drifts_since"].startswith("2026-11-26T00:00:00")
    assert "drift without labels" in told["said"]
    for text in (screen, page):
        assert "drift without labels" in " ".join(text.split())
        assert "missing" in text
    assert "<script" not in page


def test_where_nobody_has_looked_it_says_who_does() -> None:
    assert "nobody has looked at predictions of breast_cancer yet" in " ".join(shown().split())


def test_a_state_is_written_only_where_nobody_else_wrote_it_and_one_of_another_release_is_none(
    environment: Environment,
) -> None:
    states = S3WatchStates(environment.s3, CAPTURES)
    state = WatchState(model="m", seen=MORNING, until=MORNING)
    assert states.get("tiny") == (None, "")
    tag = states.put("tiny", state, "")

    assert states.get("tiny") == (state, tag)
    for stale in ("", '"0123"'):
        with pytest.raises(TransientError, match="another monitor works on tiny"):
            states.put("tiny", state, stale)
    states.put("tiny", state.model_copy(update={"format": 0}), tag)
    assert states.get("tiny")[0] is None

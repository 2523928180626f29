"""Whatever happens to `lakeloop apply` and `lakeloop demo`, no process is left behind that nobody asked for."""

from pathlib import Path
from typing import NoReturn

import pytest

from lakeloop.cli import console, deploy
from lakeloop.cli.commands import cloud as commands
from lakeloop.cli.demo import session
from lakeloop.cli.progress import PlainProgress
from lakeloop.client import local_cloud
from lakeloop.local.cloud import CloudPaths, LocalCloud, PartStatus
from lakeloop.local.errors import TerraformError


class FakeCloud(LocalCloud):
    """Counts how often it is stopped."""

    def __init__(self) -> None:
        self.stops = 0

    @property
    def environment(self) -> dict[str, str]:
        return {}

    def parts(self) -> list[PartStatus]:
        return []

    def stop(self) -> None:
        self.stops += 1


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeCloud:
    """The local cloud that is started in the test, in an empty folder, without anything built."""
    cloud = FakeCloud()
    monkeypatch.setattr(local_cloud, "PATHS", CloudPaths(local=tmp_path))
    monkeypatch.setattr(LocalCloud, "start", lambda *_, **__: cloud)
    monkeypatch.setattr(deploy, "build_packages", lambda *_: None)
    return cloud


def failing(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> NoReturn:
        raise error

    monkeypatch.setattr(deploy, "apply", fail)


ENDS = [TerraformError("terraform apply failed", "correct it"), KeyboardInterrupt(), SystemExit(1)]


@pytest.mark.parametrize("end", ENDS, ids=lambda end: type(end).__name__)
def test_a_demo_that_fails_or_is_interrupted_stops_its_cloud(
    cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch, end: BaseException
) -> None:
    failing(end, monkeypatch)

    with pytest.raises(type(end)):
        session.play(keep=False, setup_seconds=0)

    assert cloud.stops == 1


def test_an_apply_that_fails_leaves_the_local_cloud_running(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_cloud, "running", lambda: cloud)
    failing(TerraformError("terraform apply failed", "correct it"), monkeypatch)

    with pytest.raises(TerraformError):
        commands.apply()

    assert cloud.stops == 0


def test_a_kept_demo_is_not_stopped(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(TerraformError("terraform apply failed", "correct it"), monkeypatch)
    out = console.stdout()

    with pytest.raises(TerraformError):
        session.run_and_stop(out, PlainProgress(out), keep=True, setup_seconds=0)

    assert cloud.stops == 0

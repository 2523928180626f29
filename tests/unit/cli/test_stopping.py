"""Whatever happens to `lakeloop apply` and `lakeloop demo`, no process is left behind that nobody asked for."""

from pathlib import Path
from typing import NoReturn

import pytest

from lakeloop.cli import deploy
from lakeloop.cli.commands import cloud as commands
from lakeloop.cli.demo import session
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

    with pytest.raises(TerraformError):
        session.play(keep=True, setup_seconds=0)

    assert cloud.stops == 0


def test_a_demo_on_a_cloud_that_runs_leaves_it_running(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_cloud, "running", lambda: cloud)
    failing(TerraformError("terraform apply failed", "correct it"), monkeypatch)

    with pytest.raises(TerraformError):
        session.play(keep=False, setup_seconds=0)

    assert cloud.stops == 0


@pytest.mark.usefixtures("cloud")
def test_a_demo_forgets_what_it_made_itself_but_its_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    paths = local_cloud.PATHS
    failing(KeyboardInterrupt(), monkeypatch)
    starts_with_state(paths, monkeypatch)
    paths.log("aws").parent.mkdir()

    with pytest.raises(KeyboardInterrupt):
        session.play(keep=False, setup_seconds=0)

    assert not paths.state.exists()
    assert paths.log("aws").parent.exists()


@pytest.mark.usefixtures("cloud")
def test_a_demo_never_wipes_what_was_there_before(monkeypatch: pytest.MonkeyPatch) -> None:
    paths = local_cloud.PATHS
    paths.state.mkdir()
    paths.memory_file.write_text("{}")
    failing(KeyboardInterrupt(), monkeypatch)

    with pytest.raises(KeyboardInterrupt):
        session.play(keep=False, setup_seconds=0)

    assert paths.memory_file.exists()


def starts_with_state(paths: CloudPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the fake local cloud leave something when it starts, as the real one does."""
    start = LocalCloud.start

    def start_and_write(*given: object, **options: object) -> LocalCloud:
        paths.state.mkdir()
        paths.memory_file.write_text("{}")
        return start(*given, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(LocalCloud, "start", start_and_write)

"""Which parts a start brings up, what they are told, and what stays of them after a stop."""

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from lakeloop.local import cloud
from lakeloop.local.cloud import CloudPaths, LocalCloud, LocalCloudError
from lakeloop.local.supervisor.checks import check_disk
from lakeloop.local.supervisor.locked import EMULATOR
from tests.unit.local.conftest import PARTS, Checkout
from tests.unit.local.processes import alive, eventually


def test_mlflow_comes_up_when_it_is_asked_for_and_with_every_start_after_that(checkout: Checkout) -> None:
    without = LocalCloud.start(checkout.paths)
    without.stop()
    asked = LocalCloud.start(checkout.paths, mlflow=True)
    asked.stop()
    again = LocalCloud.start(checkout.paths)
    parts = {part.name: part for part in again.parts()}
    again.stop()

    assert not {name for name in without.environment if "mlflow" in name.lower()}
    assert parts["mlflow"].healthy
    assert asked.environment["MLFLOW_TRACKING_URI"] == parts["mlflow"].url
    assert asked.environment["TF_VAR_mlflow_tracking_uri"] == again.environment["TF_VAR_mlflow_tracking_uri"]


def test_an_mlflow_that_was_reset_is_asked_for_anew(checkout: Checkout) -> None:
    LocalCloud.start(checkout.paths, mlflow=True).stop()

    cloud.reset(checkout.paths)
    running = LocalCloud.start(checkout.paths)

    assert [part.name for part in running.parts()] == list(PARTS)
    running.stop()


def test_the_next_start_takes_the_same_ports_and_keys(checkout: Checkout) -> None:
    first = LocalCloud.start(checkout.paths)
    first.stop()

    second = LocalCloud.start(checkout.paths)
    second.stop()

    same = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SAGEMAKER", "TF_VAR_lakefs_endpoint", "TF_VAR_lakefs_credentials")
    assert [first.environment[name] for name in same] == [second.environment[name] for name in same]


def test_reset_forgets_what_a_stopped_cloud_kept(checkout: Checkout) -> None:
    first = LocalCloud.start(checkout.paths)
    first.stop()

    cloud.reset(checkout.paths)

    assert not checkout.paths.state.exists()
    assert EMULATOR.is_installed(checkout.paths)


def test_a_running_cloud_is_not_reset(checkout: Checkout) -> None:
    running = LocalCloud.start(checkout.paths)

    with pytest.raises(LocalCloudError, match="already running"):
        cloud.reset(checkout.paths)

    assert all(part.healthy for part in running.parts())
    running.stop()


def test_parts_do_not_see_the_developers_credentials_or_proxies(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "HTTP_PROXY", "https_proxy", "MY_SECRET"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    LocalCloud.start(checkout.paths).stop()

    for part in PARTS:
        seen = json.loads((checkout.paths.state / part / "started.json").read_text())["environment"]
        assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN", "HTTP_PROXY", "https_proxy", "MY_SECRET"} & seen.keys()


def test_the_parts_know_each_other(checkout: Checkout) -> None:
    running = LocalCloud.start(checkout.paths)
    url = running.environment["AWS_ENDPOINT_URL"]
    seen = {
        part: json.loads((checkout.paths.state / part / "started.json").read_text())["environment"] for part in PARTS
    }
    running.stop()

    assert seen["sagemaker"]["LAKELOOP_EVENTS_URL"] == f"{url}/_lakeloop/events"
    assert seen["sagemaker"]["LAKELOOP_EVENTS_TOKEN"] == seen["aws"]["LAKELOOP_EVENTS_TOKEN"] != ""
    assert seen["lakefs"]["AWS_ENDPOINT_URL"] == url
    assert seen["aws"]["AWS_ENDPOINT_URL_SAGEMAKER"] == running.environment["AWS_ENDPOINT_URL_SAGEMAKER"]


def test_the_env_file_is_private_and_can_be_sourced(checkout: Checkout) -> None:
    running = LocalCloud.start(checkout.paths)

    mode = stat.S_IMODE(checkout.paths.env_file.stat().st_mode)
    script = f'. {checkout.paths.env_file}; printf %s "$TF_VAR_lakefs_credentials"'
    sourced = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout

    assert mode == 0o600
    assert sourced == running.environment["TF_VAR_lakefs_credentials"]
    running.stop()


def test_a_lakefs_server_elsewhere_is_used_and_not_started(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    server = LocalCloud.start(checkout.paths)
    elsewhere = server.environment["TF_VAR_lakefs_endpoint"]
    monkeypatch.setenv("LAKEFS_ENDPOINT", elsewhere)
    monkeypatch.setenv("LAKEFS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("LAKEFS_SECRET_ACCESS_KEY", "secret")
    second = CloudPaths(checkout.paths.root, checkout.paths.root / ".second")

    running = LocalCloud.start(second)

    lakefs = next(part for part in running.parts() if part.name == "lakefs")
    assert (lakefs.url, lakefs.pid, lakefs.log_file) == (elsewhere, None, None)
    assert json.loads(running.environment["TF_VAR_lakefs_credentials"])["access_key_id"] == "AKIAEXAMPLE"
    running.stop()
    assert all(part.healthy for part in server.parts())
    server.stop()


def test_a_lakefs_server_elsewhere_needs_its_keys(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKEFS_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.delenv("LAKEFS_ACCESS_KEY_ID", raising=False)
    monkeypatch.setenv("LAKEFS_SECRET_ACCESS_KEY", "secret")

    with pytest.raises(LocalCloudError, match="LAKEFS_ACCESS_KEY_ID is not set"):
        LocalCloud.start(checkout.paths)


def test_an_installed_lakefs_is_started_instead_of_the_stand_in_and_ends_with_the_supervisor(
    checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    binary = tmp_path / "bin" / "lakefs"
    binary.parent.mkdir()
    binary.write_text(
        f'#!/bin/sh\nexec {sys.executable} -m http.server --bind 127.0.0.1 --directory "{tmp_path}/served" '
        '"${LAKEFS_LISTEN_ADDRESS#*:}"\n'
    )
    binary.chmod(0o755)
    (tmp_path / "served" / "_health").mkdir(parents=True)
    monkeypatch.setenv("PATH", f"{binary.parent}:{os.environ['PATH']}")

    running = LocalCloud.start(checkout.paths)
    lakefs = next(part for part in running.parts() if part.name == "lakefs")
    record = json.loads(checkout.paths.run_file.read_text())
    os.kill(record["supervisor"]["pid"], signal.SIGKILL)

    assert lakefs.pid is not None
    assert not (checkout.paths.state / "lakefs").exists()
    assert eventually(lambda: not alive(lakefs.pid or 0))


def test_an_emulator_that_cannot_be_installed_is_told_with_what_uv_said(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    (EMULATOR.folder(checkout.paths) / "installed").write_text("an older lock")
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(checkout.paths.root / "empty"))

    with pytest.raises(LocalCloudError, match="AWS emulator could not be installed: ") as failure:
        LocalCloud.start(checkout.paths)

    assert "network" in failure.value.what_to_do


def test_a_full_disk_is_told_with_how_much_there_is_and_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda folder: type("Usage", (), {"free": 700_000_000}))

    with pytest.raises(LocalCloudError, match=r"0\.7 GB free.*needs about 2 GB") as failure:
        check_disk(tmp_path / "not" / "there" / "yet")

    assert str(tmp_path) in failure.value.what

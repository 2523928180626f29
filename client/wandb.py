"""Runs in Weights & Biases: each is written offline by its SDK, whole, into a folder that `wandb sync` sends.

A second folder of the same run would take the place of the first at W&B, so what comes late rewrites the folder.
It is for people: no function carries it, nor the SDK.
https://docs.wandb.ai/guides/track/log/
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from types import ModuleType
from typing import Any

from lakeloop import names
from lakeloop.client.errors import AdvisedError
from lakeloop.client.local_cloud import PATHS
from lakeloop.local.supervisor.locked import WANDB
from lakeloop.tracking.ports import Run, Status

LOG_IN = "set WANDB_API_KEY, and WANDB_BASE_URL for a server of your own, and run it again"
# What is told of a run beside its parameters.
TOLD = "lakeloop"
# Of the SDK's own doings, which say nothing of a model.
NOT_KEPT = ("logs", "tmp")
EXIT_CODES = {Status.FINISHED: 0, Status.FAILED: 1, Status.KILLED: 255}


class LocalFolders:
    """Folders of small files, by path, below one folder of this machine."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, path: str) -> bytes | None:
        file = self._root / path
        return file.read_bytes() if file.is_file() else None

    def replace(self, folder: str, files: Mapping[str, bytes]) -> None:
        """Have a folder hold these files and no others."""
        shutil.rmtree(self._root / folder, ignore_errors=True)
        for path, body in files.items():
            file = self._root / folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(body)

    def unsent(self) -> list[Path]:
        """Folders of runs that were not sent since they were written; W&B's command leaves a mark where it was."""
        runs = sorted(self._root.glob("*/offline-run-*"))
        return [run for run in runs if not any(run.glob("*.synced"))]


class WandbTracker:
    """A project per dataset, and an index beside the folders of its runs that says which version is in which."""

    def __init__(self, folders: LocalFolders) -> None:
        self._folders = folders

    def is_recorded(self, experiment: str, key: str, version: str) -> bool:
        return self._known(experiment, key).get("version") == version

    def record(self, experiment: str, runs: Sequence[Run]) -> None:
        # Those above come last: what is there of them says that all below is.
        ordered = sorted(runs, key=lambda run: not run.parent)
        with written(experiment, [run for run in ordered if self._is_new(experiment, run)]) as places:
            for run, place in places:
                self._keep(experiment, run, place)

    def _is_new(self, experiment: str, run: Run) -> bool:
        return not self.is_recorded(experiment, run.key, run.version)

    def _keep(self, experiment: str, run: Run, place: Path) -> None:
        folder = f"{experiment}/offline-run-{run.started:%Y%m%d_%H%M%S}-{run_id(run.key)}"
        self._folders.replace(folder, dict(_files(place)))
        if (before := self._known(experiment, run.key).get("folder", folder)) != folder:
            self._folders.replace(before, {})
        told = json.dumps({"key": run.key, "version": run.version, "folder": folder}).encode()
        self._folders.replace(_index(experiment, run.key), {"run.json": told})

    def _known(self, experiment: str, key: str) -> dict[str, str]:
        found = self._folders.read(f"{_index(experiment, key)}/run.json")
        known: dict[str, str] = json.loads(found) if found else {}
        return known


def reach_sdk() -> None:
    """Have W&B's SDK importable: this interpreter's own, else that of an environment of its own, made where missing.

    Raises LocalCloudError where that cannot be installed.
    """
    found = find_spec("wandb")
    # A folder of runs that is called so has no origin, and is no SDK.
    if found and found.origin:
        return
    if not WANDB.is_installed(PATHS):
        WANDB.install(PATHS)
    # Behind our own packages, which it shares some of.
    sys.path.append(str(WANDB.packages(PATHS)))


def send(folder: Path) -> None:
    """Have W&B's own command send a run. Raises AdvisedError with what it said."""
    path = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), *sys.path]))
    done = subprocess.run(
        (sys.executable, "-m", "wandb", "sync", str(folder)),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )
    if done.returncode:
        raise AdvisedError(f"W&B did not take {folder.name}: {(done.stderr or done.stdout).strip()}", LOG_IN)


def run_id(key: str) -> str:
    """W&B takes letters, digits, hyphens and underscores."""
    return key if re.fullmatch(r"[\w-]{1,64}", key) else names.digest(key, length=32)


def rows(run: Run) -> Iterator[tuple[int, dict[str, float]]]:
    """The points as W&B keeps them: a row for each step, with the time in seconds since 1970."""
    for step, points in groupby(sorted(run.points, key=lambda point: point.step), key=lambda point: point.step):
        together = list(points)
        at = max(point.at for point in together) / 1000
        yield step, {**{point.metric: point.value for point in together}, "_timestamp": at}


def told(run: Run) -> dict[str, Any]:
    """What W&B has no place of its own for."""
    return {
        "key": run.key,
        "parent": run.parent,
        "status": run.status.value,
        "started": run.started.isoformat(),
        "ended": run.ended.isoformat(),
        "data": run.data.source if run.data else "",
        "tags": dict(run.tags),
    }


@contextmanager
def written(project: str, runs: Sequence[Run]) -> Iterator[list[tuple[Run, Path]]]:
    """The folders of runs, as the SDK writes them offline."""
    if not runs:
        yield []
        return
    import wandb  # noqa: PLC0415 75 MB that only who records with it has

    folder = Path(tempfile.mkdtemp(prefix="wandb-"))
    try:
        places = [(run, _write(wandb, project, run, folder)) for run in runs]
        # Only when its process ends is all that it was told in the files.
        wandb.teardown()
        yield places
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(wandb: ModuleType, project: str, run: Run, folder: Path) -> Path:
    quiet = {"console": "off", "silent": True, "disable_git": True, "disable_code": True, "save_code": False}
    recorded = wandb.init(
        project=project,
        id=run_id(run.key),
        name=run.name,
        group=run.group,
        job_type=run.kind.value,
        config={**run.params, TOLD: told(run)},
        dir=folder,
        mode="offline",
        settings=wandb.Settings(x_disable_stats=True, x_disable_meta=True, **quiet),
    )
    files = Path(recorded.dir)
    for path, body in run.artifacts.items():
        place = files / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(body)
        recorded.save(str(place), base_path=str(files), policy="now")
    for step, values in rows(run):
        recorded.log(values, step=step)
    recorded.finish(exit_code=EXIT_CODES[run.status])
    return files.parent


def _index(experiment: str, key: str) -> str:
    return f"{experiment}/index/{run_id(key)}"


def _files(place: Path) -> Iterator[tuple[str, bytes]]:
    for file in sorted(place.rglob("*")):
        path = file.relative_to(place)
        if file.is_file() and path.parts[0] not in NOT_KEPT:
            yield str(path), file.read_bytes()

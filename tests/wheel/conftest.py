"""The package as a user gets it: built, and installed where no checkout is."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from lakeloop.scripts.packages import uv
from tests.data import ROOT


@dataclass(frozen=True)
class Installed:
    """The command in a virtual environment of its own, called in an empty folder."""

    venv: Path
    folder: Path

    def lakeloop(self, *arguments: str, **variables: str) -> str:
        """What the command printed; it must end well."""
        done = self.ended(*arguments, **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def ended(self, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        shell = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))}
        return subprocess.run(
            [self.venv / "bin" / "lakeloop", *arguments],
            cwd=self.folder,
            env={**shell, "PYTHONDONTWRITEBYTECODE": "1", **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def package(self) -> Path:
        (found,) = self.venv.glob("lib/python3.*/site-packages/lakeloop")
        return found


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """With what the wheel itself asks for and nothing else, in the versions of the lock."""
    home = tmp_path_factory.mktemp("somewhere else")
    venv, folder = home / "venv", home / "an empty folder"
    folder.mkdir()
    lock = str(ROOT / "requirements" / "dev.txt")
    install = ("pip", "install", "--python", str(venv / "bin" / "python"), "--constraint", lock, str(wheel))
    for command in (("venv", "--python", sys.executable, str(venv)), install):
        done = uv(*command)
        assert done.returncode == 0, done.stderr
    return Installed(venv, folder)

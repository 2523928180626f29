"""The layers as functions have them."""

import sys
import zipfile
from pathlib import Path

import pytest

from lakeloop.local.supervisor.environment import machine_architecture
from lakeloop.scripts.build import build


@pytest.fixture(scope="session")
def layers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every layer, unpacked in a folder of its own, for the Python and the processor of this machine."""
    built = build(f"python{sys.version_info.major}.{sys.version_info.minor}", machine_architecture())
    folder = tmp_path_factory.mktemp("layers")
    for archive in (built / "layers").glob("*.zip"):
        zipfile.ZipFile(archive).extractall(folder / archive.stem)
    return folder

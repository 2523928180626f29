"""A checkout whose supervisor is the real one and whose parts are fakes that start in no time."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.cloud import CloudPaths, LocalCloud

ROOT = Path(__file__).parents[3]
PARTS = ("aws", "lakefs", "sagemaker")


@dataclass(frozen=True)
class Checkout:
    paths: CloudPaths

    def behave(self, part: str, *behaviour: str) -> None:
        (self.paths.root / "local" / part / "behaviour").write_text(" ".join(behaviour))


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Checkout]:
    monkeypatch.delenv("LAKEFS_ENDPOINT", raising=False)
    root = tmp_path / "checkout"
    package = root / "local"
    package.mkdir(parents=True)
    for module in (ROOT / "local").glob("*.py"):
        (package / module.name).symlink_to(module)
    for part in PARTS:
        (package / part).mkdir()
        (package / part / "__main__.py").symlink_to(Path(__file__).with_name("fake_part.py"))
    emulator = root / ".local" / "venvs" / "emulator" / "bin"
    emulator.mkdir(parents=True)
    (emulator / "python").symlink_to(sys.executable)
    made = Checkout(CloudPaths(root, root / ".local"))
    for part in PARTS:
        made.behave(part)
    yield made
    left = LocalCloud.attach(made.paths)
    if left:
        left.stop()

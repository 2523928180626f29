"""A checkout whose supervisor is the real one and whose parts are fakes that start in no time."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lakeloop.local.cloud import CloudPaths, LocalCloud
from lakeloop.local.supervisor.locked import EMULATOR, MLFLOW
from lakeloop.project import PACKAGE

PARTS = ("aws", "lakefs", "sagemaker")
OPTIONAL = "mlflow"


@dataclass(frozen=True)
class Checkout:
    paths: CloudPaths

    def behave(self, part: str, *behaviour: str) -> None:
        (self.paths.package / "local" / part / "behaviour").write_text(" ".join(behaviour))


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Checkout]:
    monkeypatch.delenv("LAKEFS_ENDPOINT", raising=False)
    root = tmp_path / "checkout"
    package = root / "lakeloop"
    (package / "local").mkdir(parents=True)
    local = PACKAGE / "local"
    folders = (local / "supervisor", local / "terraform", PACKAGE / "scripts")
    for module in (*PACKAGE.glob("*.py"), *local.glob("*.py"), *folders):
        (package / module.relative_to(PACKAGE)).symlink_to(module)
    for part in (*PARTS, OPTIONAL):
        (package / "local" / part).mkdir()
        (package / "local" / part / "__main__.py").symlink_to(Path(__file__).with_name("fake_part.py"))
    paths = CloudPaths(root, root / ".local", package)
    for environment in (EMULATOR, MLFLOW):
        environment.python(paths).parent.mkdir(parents=True)
        environment.python(paths).symlink_to(sys.executable)
        (environment.folder(paths) / "installed").write_text(environment.lock_digest())
    made = Checkout(paths)
    for part in (*PARTS, OPTIONAL):
        made.behave(part)
    yield made
    left = LocalCloud.attach(made.paths)
    if left:
        left.stop()

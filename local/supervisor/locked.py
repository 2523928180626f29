"""Virtual environments of servers and SDKs that pin what we need otherwise, each from a hashed lock of its own.

`python -m lakeloop.local.supervisor.locked emulator` installs one; a start of the local cloud does so where one that
it needs is missing.
"""

import argparse
import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

from lakeloop import project
from lakeloop.local.errors import LocalCloudError
from lakeloop.local.layout import CloudPaths
from lakeloop.scripts.packages import uv


@dataclass(frozen=True)
class Locked:
    """One environment; `name` is that of its lock and its folder."""

    name: str
    title: str

    @property
    def lock(self) -> Path:
        return project.SOURCES / "requirements" / f"{self.name}.txt"

    def folder(self, paths: CloudPaths) -> Path:
        return paths.environments / self.name

    def python(self, paths: CloudPaths) -> Path:
        return self.folder(paths) / "bin" / "python"

    def packages(self, paths: CloudPaths) -> Path:
        """Where its packages lie."""
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        return self.folder(paths) / "lib" / version / "site-packages"

    def lock_digest(self) -> str:
        return hashlib.sha256(self.lock.read_bytes()).hexdigest()

    def is_installed(self, paths: CloudPaths) -> bool:
        stamp = self.folder(paths) / "installed"
        return stamp.exists() and stamp.read_text() == self.lock_digest()

    def install(self, paths: CloudPaths) -> None:
        """Make the environment. Raises LocalCloudError with what uv said."""
        self._uv("venv", "--clear", "--python", sys.executable, str(self.folder(paths)))
        self._uv("pip", "sync", "--python", str(self.python(paths)), "--require-hashes", str(self.lock))
        (self.folder(paths) / "installed").write_text(self.lock_digest())

    def _uv(self, *arguments: str) -> None:
        done = uv(*arguments)
        if done.returncode:
            raise LocalCloudError(
                f"{self.title} could not be installed: {done.stderr.strip()}",
                "Look at the network: it comes from PyPI, by hash. Behind a proxy of your own, set SSL_CERT_FILE.",
            )


EMULATOR = Locked("emulator", "The AWS emulator")
# 620 MB: only for who asks for it.
MLFLOW = Locked("mlflow", "The MLflow server")
# 75 MB: for who sends runs to Weights & Biases.
WANDB = Locked("wandb", "The SDK of Weights & Biases")


def main() -> None:
    parser = argparse.ArgumentParser(description="install the environment of a server")
    known = {environment.name: environment for environment in (EMULATOR, MLFLOW, WANDB)}
    parser.add_argument("name", choices=sorted(known))
    known[parser.parse_args().name].install(CloudPaths())


if __name__ == "__main__":
    main()

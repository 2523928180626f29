"""The virtual environment of the AWS emulator, which pins botocore exactly and so cannot share ours.

`python -m lakeloop.local.supervisor.emulator` installs it; a start of the local cloud does so where it is missing.
"""

import hashlib
import sys

from lakeloop import project
from lakeloop.local.errors import LocalCloudError
from lakeloop.local.layout import CloudPaths
from lakeloop.scripts.packages import uv

LOCK = project.SOURCES / "requirements" / "emulator.txt"


def is_installed(paths: CloudPaths) -> bool:
    stamp = paths.emulator / "installed"
    return stamp.exists() and stamp.read_text() == lock_digest()


def install(paths: CloudPaths) -> None:
    """Make the environment from its hashed lock. Raises LocalCloudError with what uv said."""
    python = paths.emulator / "bin" / "python"
    run_uv("venv", "--clear", "--python", sys.executable, str(paths.emulator))
    run_uv("pip", "sync", "--python", str(python), "--require-hashes", str(LOCK))
    (paths.emulator / "installed").write_text(lock_digest())


def lock_digest() -> str:
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()


def run_uv(*arguments: str) -> None:
    done = uv(*arguments)
    if done.returncode:
        raise LocalCloudError(
            f"The AWS emulator could not be installed: {done.stderr.strip()}",
            "Look at the network: it comes from PyPI, by hash. Behind a proxy of your own, set SSL_CERT_FILE.",
        )


if __name__ == "__main__":
    install(CloudPaths())

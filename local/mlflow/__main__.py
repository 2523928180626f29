"""Becomes the MLflow server: `python -m lakeloop.local.mlflow --port 5000 --state-dir FOLDER`, in MLflow's environment.

Runs, models and aliases are in SQLite, artifacts in a folder beside it that the server hands out itself.
"""

import argparse
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from lakeloop.local.supervisor.child import PARENT_VARIABLE, die_with_parent

SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    # Jobs of its own are for evaluating language models: a second process of 250 MB.
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="lakeloop.local.mlflow", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state-dir", type=Path, required=True)
    options = parser.parse_args()
    die_with_parent()
    # For the server's own processes this one is the parent.
    os.environ.pop(PARENT_VARIABLE, None)
    os.environ.update(SETTINGS)
    options.state_dir.mkdir(parents=True, exist_ok=True)
    database = f"sqlite:///{options.state_dir.resolve() / 'mlflow.db'}"
    upgrade(options.state_dir, database)
    artifacts = options.state_dir.resolve() / "artifacts"
    os.execv(sys.executable, server(options.port, database, artifacts))  # noqa: S606 - the words come separately


def server(port: int, database: str, artifacts: Path) -> list[str]:
    """Only this machine reaches it, under the names of loopback with any port, which is MLflow's own default."""
    where = ("--host", "127.0.0.1", "--port", str(port))
    stores = ("--backend-store-uri", database, "--artifacts-destination", str(artifacts))
    return [sys.executable, "-m", "mlflow", "server", *where, *stores, "--workers", "1"]


def upgrade(state: Path, database: str) -> None:
    """Bring what an earlier MLflow wrote to this one's tables: the server itself refuses to start on older ones."""
    stamp, present = state / "version", version("mlflow")
    wrote = stamp.read_text() if stamp.exists() else ""
    if (state / "mlflow.db").exists() and wrote != present:
        subprocess.run([sys.executable, "-m", "mlflow", "db", "upgrade", database], check=True)
    stamp.write_text(present)


if __name__ == "__main__":
    main()

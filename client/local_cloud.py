"""Whether a local cloud runs in this folder, and what it wrote."""

from pathlib import Path

from lakeloop.local.cloud import CloudPaths, LocalCloud

PATHS = CloudPaths()


def running() -> LocalCloud | None:
    return LocalCloud.attach(PATHS)


def applied() -> bool:
    """Whether Terraform has written a state: without one it cannot say what there is."""
    return PATHS.terraform_state.is_file()


def log_files() -> dict[str, Path]:
    """Logs by part, of the local cloud that runs or ran last."""
    return {file.stem: file for file in sorted(PATHS.log("any").parent.glob("*.log"))}

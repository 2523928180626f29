"""What must be there before anything is started, with what to do if it is not."""

import shutil
from pathlib import Path

from lakeloop.local.errors import LocalCloudError

# Layers unpacked (0.5 GB), objects, models, packages of the handlers, and room to work in.
NEEDED_BYTES = 2_000_000_000


def check_disk(folder: Path) -> None:
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(existing).free
    if free < NEEDED_BYTES:
        raise LocalCloudError(
            f"There is {free / 1e9:.1f} GB free on the disk of {folder}; the local cloud needs about "
            f"{NEEDED_BYTES / 1e9:.0f} GB.",
            "Free some space there, or run `lakeloop down --reset` if an earlier local cloud holds it.",
        )

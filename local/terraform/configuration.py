"""What Terraform runs on where lakeloop is installed and there is no checkout: a copy below the user's folder.

What is carried may be read-only, and the next version replaces it. Beside the copy, contracts and packages stand where
they do in a checkout.
"""

import shutil
from pathlib import Path

# Terraform's own choice of provider versions, which a new copy must not forget.
LOCK_FILE = ".terraform.lock.hcl"
# Where infra/ looks for the user's contracts and the built packages, beside itself.
BESIDE = ("datasets", "build")


def unpack(carried: Path, infra: Path, workspace: Path) -> None:
    """Make `infra` a copy of what is carried, with links to the workspace's contracts and packages beside it."""
    infra.mkdir(parents=True, exist_ok=True)
    wanted = {file.relative_to(carried) for file in carried.rglob("*") if file.is_file()}
    for file in [file for file in infra.rglob("*") if file.is_file()]:
        if file.relative_to(infra) not in wanted and file.name != LOCK_FILE:
            file.unlink()
    for name in wanted:
        target = infra / name
        target.parent.mkdir(parents=True, exist_ok=True)
        # Without the rights of the source: a read-only one could not be replaced by the next version.
        target.unlink(missing_ok=True)
        shutil.copyfile(carried / name, target)
    for folder in BESIDE:
        link = infra.parent / folder
        link.unlink(missing_ok=True)
        link.symlink_to(workspace / folder, target_is_directory=True)


def copy_example(carried: Path, datasets: Path) -> list[Path]:
    """Copy the carried contracts, and the schema for editors, to where no such folder is; the contracts copied."""
    if datasets.exists():
        return []
    datasets.mkdir(parents=True)
    for file in filter(Path.is_file, carried.iterdir()):
        shutil.copyfile(file, datasets / file.name)
    return sorted(datasets.glob("*.yaml"))

"""Builds the zips of functions and layers outside Terraform, reproducibly: the same sources give the same bytes.

    python -m lakeloop.scripts.build --runtime python3.13 --arch arm64

writes `build/<runtime>-<arch>/functions/<name>.zip` and `build/<runtime>-<arch>/layers/<name>.zip`, and
rebuilds only what changed.
"""

import argparse
import hashlib
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

from lakeloop import project
from lakeloop.scripts import service_models
from lakeloop.scripts.packages import uv
from lakeloop.scripts.service_models import called_methods, cut_descriptions

# What the functions import of lakeloop; the command, the client and the local cloud stay out.
DOMAIN = (
    *("adapters", "capture", "contract", "deployment", "evaluation", "features", "feedback", "ingest", "lake"),
    *("lineage", "monitoring", "reconciliation", "registry", "rollout", "serving", "tables", "tracking", "training"),
    "values",
)
SHARED = (
    *("__init__", "artifacts", "attempts", "consumer", "errors", "failures", "messages", "names", "observability"),
    *("reports", "scratch", "settings", "side_by_side", "state_changes", "streams"),
)
DEPENDENCY_LAYERS = ("runtime", "lake", "data")

# Lambda's own names for its architectures, and uv's for the oldest system the runtimes run on.
PLATFORMS = {"arm64": "aarch64-manylinux2014", "x86_64": "x86_64-manylinux2014"}

# botocore describes 400 services in 23 MB; these are the ones the functions call, and what it needs itself.
BOTOCORE_SERVICES = frozenset(
    {
        "cloudwatch",
        "events",
        "kms",
        "lambda",
        "logs",
        "s3",
        "sagemaker",
        "sagemaker-runtime",
        "secretsmanager",
        "sns",
        "sqs",
        "sts",
    }
)

# Terraform reads it, for the functions to report and for the tags of everything.
VERSION_FILE = "version.txt"

BUILD = project.WORKSPACE / "build"

# The oldest time a zip can hold: times of files must not change the bytes.
EPOCH = (1980, 1, 1, 0, 0, 0)
LEVEL = 6


def build(
    runtime: str,
    architecture: str,
    sources: Path = project.SOURCES,
    package: Path = project.PACKAGE,
    into: Path = BUILD,
) -> Path:
    """Build all zips for one Lambda runtime and architecture; the folder they are in."""
    folder = into / f"{runtime}-{architecture}"
    handlers, modules = sorted((sources / "lambdas").glob("*/handler.py")), domain_modules(package)
    for handler in handlers:
        write_zip(folder / "functions" / f"{handler.parent.name}.zip", [(handler, "handler.py")])
    write_zip(folder / "layers" / "lakeloop.zip", modules)
    called = called_methods([*handlers, *(file for file, _ in modules)], BOTOCORE_SERVICES)
    for layer in DEPENDENCY_LAYERS:
        lock, target = sources / "layers" / f"{layer}.txt", folder / "layers" / f"{layer}.zip"
        build_dependencies(lock, target, runtime, architecture, called)
    (folder / VERSION_FILE).write_text(f"{version('lakeloop')}\n")
    return folder


def domain_modules(package: Path) -> list[tuple[Path, str]]:
    """The modules that functions import, as they lie in a layer."""
    modules = [package / f"{module}.py" for module in SHARED]
    modules += [file for part in DOMAIN for file in (package / part).rglob("*.py")]
    return [(file, f"python/lakeloop/{file.relative_to(package)}") for file in sorted(modules)]


def build_dependencies(
    lock: Path, target: Path, runtime: str, architecture: str, called: frozenset[str] = frozenset()
) -> None:
    """Install a hashed lock for the target platform and zip it; skipped when it was built from the same.

    `called` are the methods that stay on the clients of AWS where the lock has them.
    """
    made_of = hashlib.sha256(b"".join(made_from(lock, called))).hexdigest()
    stamp = target.with_suffix(".made-of")
    if target.exists() and stamp.exists() and stamp.read_text() == made_of:
        return
    with tempfile.TemporaryDirectory() as temporary:
        site = Path(temporary) / "python"
        install(lock, site, runtime, architecture)
        trim(site)
        cut_descriptions(site / "botocore" / "data", called)
        files = sorted(file for file in site.rglob("*") if file.is_file())
        write_zip(target, [(file, str(file.relative_to(temporary))) for file in files])
    stamp.write_text(made_of)


def made_from(lock: Path, called: frozenset[str]) -> Iterator[bytes]:
    """All that the bytes of a layer follow from."""
    text = lock.read_bytes()
    yield text
    yield Path(__file__).read_bytes()
    if b"botocore==" in text:
        yield Path(service_models.__file__).read_bytes()
        yield " ".join(sorted(called)).encode()


def install(lock: Path, site: Path, runtime: str, architecture: str) -> None:
    python = runtime.removeprefix("python")
    command = ("pip", "install", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:")
    target = ("--target", str(site), "--python-platform", PLATFORMS[architecture], "--python-version", python)
    done = uv(*command, *target, "--requirements", str(lock))
    if done.returncode:
        sys.stderr.write(done.stderr)
        done.check_returncode()


def trim(site: Path) -> None:
    """Take away what no function reads, and what would differ between two builds."""
    for data in (site / "botocore" / "data").glob("*/"):
        if data.name not in BOTOCORE_SERVICES:
            shutil.rmtree(data)
    for unread in (*site.rglob("__pycache__"), site / "bin"):
        shutil.rmtree(unread, ignore_errors=True)
    for record in (*site.glob("*.dist-info/RECORD"), *site.glob("*.dist-info/INSTALLER"), site / ".lock"):
        record.unlink(missing_ok=True)


def write_zip(target: Path, members: Iterable[tuple[Path, str]]) -> None:
    """A zip whose bytes depend on names and contents alone."""
    target.parent.mkdir(parents=True, exist_ok=True)
    # Of this process alone: two builds may run at once, and the last one wins.
    partial = target.with_suffix(f".{os.getpid()}.partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
        for file, name in members:
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.read_bytes())
    partial.replace(target)


def main() -> None:
    parser = argparse.ArgumentParser(description="build the zips of functions and layers")
    parser.add_argument("--runtime", default="python3.13")
    parser.add_argument("--arch", default="arm64", choices=sorted(PLATFORMS))
    arguments = parser.parse_args()
    print(build(arguments.runtime, arguments.arch))


if __name__ == "__main__":
    main()

"""Packages: the same sources give the same bytes, and every function fits into Lambda."""

import hashlib
import os
import shutil
import zipfile
from pathlib import Path

import pytest

from lakeloop.scripts.build import build, build_dependencies, write_zip
from tests.data import ROOT

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 250 MB unzipped, with all layers.
LIMIT_BYTES = 250 * 1024 * 1024
LAYERS_OF_LARGEST = ("lakeloop", "runtime", "lake", "data")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second checkout, with other times and other rights on its files."""
    copy = tmp_path_factory.mktemp("checkout")
    for folder in ("lambdas", "layers"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in copy.rglob("*.py"):
        os.utime(file, (1, 1))
        file.chmod(0o700)
    return copy


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.rglob("*.zip")
    }


def test_two_builds_of_the_same_sources_are_the_same_bytes(checkout: Path) -> None:
    here = build("python3.13", "arm64")
    there = build("python3.13", "arm64", checkout, checkout / "layers" / "lakeloop", checkout / "build")

    assert hashes(here) == hashes(there)
    assert {file.stem for file in (here / "functions").glob("*.zip")} == {
        handler.parent.name for handler in (ROOT / "lambdas").glob("*/handler.py")
    }


def test_a_layer_is_built_again_when_its_lock_changes_and_only_then(checkout: Path, tmp_path: Path) -> None:
    lock, target = tmp_path / "lake.txt", tmp_path / "lake.zip"
    shutil.copy(checkout / "layers" / "lake.txt", lock)
    build_dependencies(lock, target, "python3.13", "arm64")
    first = target.stat().st_mtime_ns

    build_dependencies(lock, target, "python3.13", "arm64")
    assert target.stat().st_mtime_ns == first

    lock.write_text(lock.read_text() + "# changed\n")
    build_dependencies(lock, target, "python3.13", "arm64")
    assert target.stat().st_mtime_ns > first


def test_content_lies_where_lambda_looks_for_it() -> None:
    folder = build("python3.13", "arm64")

    assert zipfile.ZipFile(folder / "functions" / "predict.zip").namelist() == ["handler.py"]
    names = zipfile.ZipFile(folder / "layers" / "lakeloop.zip").namelist()
    assert "python/lakeloop/contract/dataset.py" in names
    assert not [name for name in names if "__pycache__" in name]


def test_the_largest_function_with_its_layers_fits_into_lambda() -> None:
    layers = build("python3.13", "arm64") / "layers"

    unzipped = sum(
        entry.file_size for layer in LAYERS_OF_LARGEST for entry in zipfile.ZipFile(layers / f"{layer}.zip").infolist()
    )

    assert unzipped < LIMIT_BYTES


def test_a_half_written_zip_never_stands_in_for_a_whole_one(tmp_path: Path) -> None:
    target = tmp_path / "a.zip"
    write_zip(target, [(Path(__file__), "a.py")])
    before = target.read_bytes()

    with pytest.raises(FileNotFoundError):
        write_zip(target, [(Path(__file__), "a.py"), (tmp_path / "missing", "b.py")])

    assert target.read_bytes() == before

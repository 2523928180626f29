"""How many small faults in a package the tests notice: `make mutants PACKAGE=lakeloop.ingest SAMPLE=400 SEED=1`.

Each mutant is judged by the tests that run its line, in a copy of the checkout; what no test notices is listed. The
last line is one JSON object.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import coverage

from lakeloop import project

ROOT = project.SOURCES
MUTATOR = ROOT / ".local" / "venvs" / "mutants" / "bin" / "python"
WORKERS = 2
# A mutant may loop for ever.
SECONDS_PER_MUTANT = 120
SECONDS_IN_ALL = 3600


@dataclass(frozen=True)
class Mutant:
    """A file with one small fault; `path` is relative to the checkout."""

    path: str
    line: int
    operator: str
    occurrence: int
    code: str

    def __str__(self) -> str:
        before = (ROOT / self.path).read_text().splitlines()
        after = self.code.splitlines()
        changed = next((n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), self.line - 1)
        operator = self.operator.rpartition("/")[2]
        return f"{self.path}:{changed + 1} {operator}: {before[changed].strip()}  ->  {after[changed].strip()}"


class Coverage:
    """Which tests run which line, by file and line number."""

    def __init__(self, data: coverage.CoverageData, root: Path) -> None:
        self._by_line: dict[tuple[str, int], set[str]] = {}
        self._by_file: dict[str, set[str]] = defaultdict(set)
        for file in data.measured_files():
            path = os.path.relpath(Path(file).resolve(), root.resolve())
            for line, contexts in data.contexts_by_lineno(file).items():
                tests = {context.partition("|")[0] for context in contexts if context}
                self._by_line[path, line] = tests
                self._by_file[path] |= tests

    def tests_of(self, mutant: Mutant) -> set[str]:
        """The tests of the line; of the file for a line that runs at import only."""
        return self._by_line.get((mutant.path, mutant.line)) or self._by_file[mutant.path]


def files_of(package: str) -> list[Path]:
    """The Python files of `lakeloop.<package>`, or the one module."""
    base = ROOT / "layers" / Path(*package.split("."))
    found = sorted(base.rglob("*.py")) if base.is_dir() else [base.with_suffix(".py")]
    # Coverage knows files by where they lie, not by the links that make them one package.
    return [file.resolve().relative_to(ROOT) for file in found if file.stat().st_size]


def mutants_of(files: Sequence[Path], sample: int, seed: int) -> list[Mutant]:
    options = ["--sample", str(sample), "--seed", str(seed)]
    command = [str(MUTATOR), str(ROOT / "scripts" / "mutations.py"), *options, *map(str, files)]
    lines = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [Mutant(**json.loads(line)) for line in lines]


def copy_of_the_checkout(into: Path) -> Path:
    """What git would commit, links as links."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        target = into / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target, follow_symlinks=False)
    return into


def pytest(checkout: Path, arguments: Iterable[str], timeout: float | None = None) -> int:
    """Exit status of pytest in a copy of the checkout; a timeout counts as a failure."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(checkout / "layers"), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        return subprocess.run(
            command, cwd=checkout, env=environment, capture_output=True, timeout=timeout, check=False
        ).returncode
    except subprocess.TimeoutExpired:
        return 1


def cover(checkout: Path, package: str, tests: Sequence[str]) -> Coverage:
    data_file = checkout / ".coverage"
    (checkout / ".coveragerc").write_text(f"[run]\ndata_file = {data_file}\n")
    options = [f"--cov={package}", "--cov-context=test", "--cov-report=", "--cov-config=.coveragerc"]
    if pytest(checkout, [*options, *tests]):
        raise SystemExit(f"the tests fail without any fault: run `pytest {' '.join(tests)}` first")
    data = coverage.CoverageData(str(data_file))
    data.read()
    return Coverage(data, checkout)


def survives(mutant: Mutant, tests: set[str], checkout: Path) -> bool:
    """Whether no test notices the fault; the file is as it was afterwards."""
    if not tests:
        return True
    file = checkout / mutant.path
    whole = file.read_text()
    chosen = checkout / "chosen-tests"
    chosen.write_text("\n".join(sorted(tests)))
    file.write_text(mutant.code)
    try:
        return pytest(checkout, ["-n0", "-x", "--no-header", f"@{chosen}"], SECONDS_PER_MUTANT) == 0
    finally:
        file.write_text(whole)


def judge(mutants: Sequence[Mutant], covered: Coverage, checkouts: Sequence[Path]) -> Mapping[Mutant, bool]:
    """Whether each mutant survived; those that time did not allow are left out."""
    free: SimpleQueue[Path] = SimpleQueue()
    for checkout in checkouts:
        free.put(checkout)
    begun = time.monotonic()

    def one(mutant: Mutant) -> bool | None:
        checkout = free.get()
        try:
            late = time.monotonic() - begun > SECONDS_IN_ALL
            return None if late else survives(mutant, covered.tests_of(mutant), checkout)
        finally:
            free.put(checkout)

    with ThreadPoolExecutor(len(checkouts)) as pool:
        verdicts = dict(zip(mutants, pool.map(one, mutants), strict=True))
    return {mutant: survived for mutant, survived in verdicts.items() if survived is not None}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", required=True, help="such as lakeloop.ingest")
    parser.add_argument("--sample", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tests", nargs="+", default=["tests/unit", "tests/faults"])
    options = parser.parse_args()
    mutants = mutants_of(files_of(options.package), options.sample, options.seed)
    tests = [test for test in options.tests if (ROOT / test).exists()]
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        checkouts = [copy_of_the_checkout(Path(folder, str(number))) for number in range(WORKERS)]
        verdicts = judge(mutants, cover(checkouts[0], options.package, tests), checkouts)
    survivors = sorted(str(mutant) for mutant, survived in verdicts.items() if survived)
    print("\n".join(["survived:", *survivors]) if survivors else "none survived")
    if late := len(mutants) - len(verdicts):
        print(f"{late} mutants of the sample were not tried: time was up")
    killed = len(verdicts) - len(survivors)
    print(json.dumps({"killed": killed, "survived": len(survivors), "score": round(killed / max(1, len(verdicts)), 4)}))


if __name__ == "__main__":
    main()

"""How many small faults in a package the tests notice: `make mutants PACKAGE=lakeloop.ingest SAMPLE=400 SEED=1`.

PACKAGE may be a module (`lakeloop.consumer`), and several in quotes are one sample. TESTS="tests/unit/ingest ..." takes
some of the tests: fewer notice less, so the score is then the least that it can be. Each mutant is judged in a copy of
the checkout, by the tests that run its line. What these let pass is tried by all tests of its file, because of two
that share something cached only the first runs its lines; where no test runs any line of the file, as in one of data
classes, by all that run the package. All of these tests have passed in that copy just before, without a fault, so
that whatever they do with one is its doing. Tests that run code in processes of their own, as those of the layers do,
leave no coverage: what only they notice is listed as a survivor.

Killed is a mutant with which a test fails, one that cannot be imported, and one that takes four times as long as all
those tests together (two minutes at least): a fault that hangs is seen. Survived is only what lets every one of its
tests pass. The survivors are listed, and the last line is one JSON object.
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
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import coverage

from lakeloop import project

ROOT = project.SOURCES
MUTATOR = ROOT / ".local" / "venvs" / "mutants" / "bin" / "python"
WORKERS = 2
# A mutant may loop for ever; a busy machine must not look like one.
LEAST_SECONDS_PER_MUTANT = 120
TIMES_AS_LONG = 4
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
                # A context is the test and one of its phases; tests may have bars in their names.
                tests = {context.rpartition("|")[0] for context in contexts if context}
                self._by_line[path, line] = tests
                self._by_file[path] |= tests
        self.tests = set[str]().union(*self._by_file.values())

    def tests_of(self, path: str, line: int) -> list[set[str]]:
        """Tests that may notice a fault in the line: those that run it, then the others of its file."""
        nearest = self._by_line.get((path, line), set())
        others = (self._by_file[path] or self.tests) - nearest
        return [tests for tests in (nearest, others) if tests]


def files_of(package: str) -> list[Path]:
    """The Python files of `lakeloop.<package>`, or the one module."""
    base = ROOT / "layers" / Path(*package.split("."))
    found = sorted(base.rglob("*.py")) if base.is_dir() else [base.with_suffix(".py")]
    if not all(file.exists() for file in found):
        raise SystemExit(f"there is no package or module {package}: name one such as lakeloop.ingest")
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


def environment(checkout: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(checkout / "layers"), "PYTHONDONTWRITEBYTECODE": "1"}


def pytest(checkout: Path, arguments: Iterable[str]) -> subprocess.CompletedProcess[str]:
    """Pytest in a copy of the checkout."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=checkout, env=environment(checkout), capture_output=True, text=True, check=False)


def cover(checkout: Path, packages: Sequence[str], tests: Sequence[str]) -> Coverage:
    data_file = checkout / ".coverage"
    (checkout / ".coveragerc").write_text(f"[run]\ndata_file = {data_file}\n")
    measured = [f"--cov={package}" for package in packages]
    options = [*measured, "--cov-context=test", "--cov-report=", "--cov-config=.coveragerc"]
    covering = pytest(checkout, [*options, *tests])
    if covering.returncode:
        raise SystemExit(f"{covering.stdout}\nthe tests fail without any fault: mend them first")
    data = coverage.CoverageData(str(data_file))
    data.read()
    return Coverage(data, checkout)


class Runner:
    """Runs chosen tests in one copy of the checkout, one after the other, without importing the libraries each time."""

    def __init__(self, checkout: Path) -> None:
        self.checkout = checkout
        command = [sys.executable, str(ROOT / "scripts" / "forked_pytest.py")]
        self._process = subprocess.Popen(
            command, cwd=checkout, env=environment(checkout), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> "Runner":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def run(self, tests: Iterable[str], seconds: float | None = None, *, compiled: bool = False) -> int:
        """Exit status of pytest; a timeout counts as a failure."""
        chosen = self.checkout / "chosen-tests"
        chosen.write_text("\n".join(sorted(tests)))
        arguments = ["-q", "-p", "no:cacheprovider", "-n0", "-x", "--no-header", f"@{chosen}"]
        asked = {"arguments": arguments, "seconds": seconds, "compile": compiled}
        if self._process.stdin is None or self._process.stdout is None:
            raise TypeError(self._process)
        print(json.dumps(asked), file=self._process.stdin, flush=True)
        return int(self._process.stdout.readline())


def seconds_without_a_fault(tests: set[str], runners: Sequence[Runner]) -> float:
    """How long the tests take in each copy, at the same time; they must pass there."""
    begun = time.monotonic()
    with ThreadPoolExecutor(len(runners)) as pool:
        if any(pool.map(lambda runner: runner.run(tests, compiled=True), runners)):
            raise SystemExit("tests that pass together fail one after the other: run them with `pytest -n0` first")
    return time.monotonic() - begun


def survives(mutant: Mutant, groups: Iterable[set[str]], runner: Runner, seconds: float) -> bool:
    """Whether no test of any group notices the fault within its time; the file is as it was afterwards."""
    file = runner.checkout / mutant.path
    whole, changed = file.read_text(), file.stat().st_mtime_ns
    file.write_text(mutant.code)
    # Never the second of the compiled file.
    os.utime(file, (0, 0))
    try:
        return all(runner.run(tests, seconds) == 0 for tests in groups)
    finally:
        file.write_text(whole)
        os.utime(file, ns=(changed, changed))


def judge(mutants: Sequence[Mutant], covered: Coverage, runners: Sequence[Runner]) -> Mapping[Mutant, bool]:
    """Whether each mutant survived; those that time did not allow are left out."""
    seconds = max(LEAST_SECONDS_PER_MUTANT, TIMES_AS_LONG * seconds_without_a_fault(covered.tests, runners))
    free: SimpleQueue[Runner] = SimpleQueue()
    for runner in runners:
        free.put(runner)
    begun = time.monotonic()

    def one(mutant: Mutant) -> bool | None:
        runner = free.get()
        try:
            late = time.monotonic() - begun > SECONDS_IN_ALL
            if late:
                return None
            survived = survives(mutant, covered.tests_of(mutant.path, mutant.line), runner, seconds)
            # Whoever cannot wait for the end has seen something.
            print("survived" if survived else "killed", mutant, file=sys.stderr, flush=True)
            return survived
        finally:
            free.put(runner)

    with ThreadPoolExecutor(len(runners)) as pool:
        verdicts = dict(zip(mutants, pool.map(one, mutants), strict=True))
    return {mutant: survived for mutant, survived in verdicts.items() if survived is not None}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", nargs="+", required=True, help="such as lakeloop.ingest or lakeloop.consumer")
    parser.add_argument("--sample", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tests", nargs="+", default=["tests/unit", "tests/faults"])
    options = parser.parse_args()
    files = [file for package in options.package for file in files_of(package)]
    mutants = mutants_of(files, options.sample, options.seed)
    tests = [test for test in options.tests if (ROOT / test).exists()]
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        checkouts = [copy_of_the_checkout(Path(folder, str(number))) for number in range(WORKERS)]
        covered = cover(checkouts[0], options.package, tests)
        with ExitStack() as open_runners:
            verdicts = judge(mutants, covered, [open_runners.enter_context(Runner(copy)) for copy in checkouts])
    survivors = sorted(str(mutant) for mutant, survived in verdicts.items() if survived)
    print("\n".join(["survived:", *survivors]) if survivors else "none survived")
    if late := len(mutants) - len(verdicts):
        print(f"{late} mutants of the sample were not tried: time was up")
    killed = len(verdicts) - len(survivors)
    print(json.dumps({"killed": killed, "survived": len(survivors), "score": round(killed / max(1, len(verdicts)), 4)}))


if __name__ == "__main__":
    main()

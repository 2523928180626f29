"""The tests that `make test` leaves out: when each passed last, and on which commit.

Kept below .local, so that running tests changes nothing that is committed.
"""

import json
import subprocess
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.data import ROOT

RECORD = ROOT / ".local" / "long-tests.json"
MARK = "long"


@dataclass(frozen=True)
class Pass:
    """A test that passed; `seconds` are of its body, `changed` says whether the checkout differed from the commit."""

    at: str
    commit: str
    changed: bool
    seconds: float

    def __str__(self) -> str:
        return f"{self.at} on {self.commit[:12]}{' with changes' if self.changed else ''}, {self.seconds:.0f} s"


class LongTests:
    """Notes passes, and tells of all long tests that were collected."""

    def __init__(self, record: Path = RECORD) -> None:
        self._record = record
        self._seen: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" or MARK not in report.keywords:
            return
        self._seen.add(report.nodeid)
        if report.passed:
            now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
            commit, changed = git("rev-parse", "HEAD"), bool(git("status", "--porcelain"))
            self._write(report.nodeid, Pass(now, commit, changed, report.duration))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self._seen:
            return
        passes = self.passes()
        terminalreporter.section("long tests: when each passed last")
        for name in sorted(self._seen | passes.keys()):
            terminalreporter.write_line(f"{name}\n    {passes.get(name, 'never here')}")

    def passes(self) -> dict[str, Pass]:
        if not self._record.exists():
            return {}
        return {name: Pass(**noted) for name, noted in json.loads(self._record.read_text()).items()}

    def _write(self, name: str, passed: Pass) -> None:
        noted = {name: asdict(earlier) for name, earlier in self.passes().items()} | {name: asdict(passed)}
        self._record.parent.mkdir(parents=True, exist_ok=True)
        self._record.write_text(json.dumps(noted, indent=2, sort_keys=True) + "\n")


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or ("unknown" if done.returncode else "")

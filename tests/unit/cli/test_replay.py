"""`lakeloop replay` and `lakeloop reconcile`: counts first, and nothing is sent unless it is meant."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pytest
import typer

from lakeloop.cli.commands import replay as commands
from lakeloop.client.environment import Environment
from lakeloop.ingest.landed_files import LandedFile
from lakeloop.ingest.notification import LandedObject
from lakeloop.ingest.reconcile import Finding
from lakeloop.ingest.replay import Replayed
from tests.unit.client.deployed import emulated


def landed(name: str) -> LandedObject:
    return LandedObject("landing", f"incoming/breast_cancer/{name}", "v1", "breast_cancer")


FILES = [
    Replayed(landed("a.csv"), "not on main"),
    Replayed(landed("b.csv"), "read by an earlier contract"),
    Replayed(landed("c.csv"), "read by an earlier contract"),
]
LOST = Finding("lost", LandedFile("absent", landed("lost.csv"), None))
DELETED = Finding("deleted", LandedFile("deleted", landed("gone.csv"), None))


@dataclass
class Landing:
    """What the commands ask for, and what they send."""

    asked: list[tuple[float, tuple[str, ...], bool]] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    reconciled: int = 0

    def to_replay(self, since: float, *keys: str, quarantined: bool = False) -> list[Replayed]:
        self.asked.append((since, keys, quarantined))
        return [] if any(key.endswith("none.csv") for key in keys) else FILES

    def replay(self, files: Iterable[Replayed]) -> Iterator[int]:
        for file in files:
            self.sent.append(file.landed.key)
            yield len(self.sent)

    def findings(self) -> list[Finding]:
        return [LOST, DELETED]

    def reconcile(self) -> None:
        self.reconciled += 1


@pytest.fixture(autouse=True)
def landing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Landing]:
    made = Landing()
    with emulated(monkeypatch) as environment:
        monkeypatch.setattr(Environment, "load", classmethod(lambda cls: environment))
        monkeypatch.setattr(commands, "Landing", lambda *_: made)
        yield made


def test_a_replay_tells_counts_and_asks_before_it_sends(
    landing: Landing, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(typer, "confirm", lambda _: False)

    commands.replay("breast_cancer")

    said = capsys.readouterr().out
    assert "1 file not on main" in said
    assert "2 files read by an earlier contract" in said
    assert landing.sent == []


def test_with_yes_a_replay_sends(landing: Landing) -> None:
    commands.replay("breast_cancer", file="a.csv", quarantined=True, yes=True)

    assert landing.asked == [(0.0, ("incoming/breast_cancer/a.csv",), True)]
    assert landing.sent == [file.landed.key for file in FILES]


def test_where_nothing_is_to_be_read_again_nobody_is_asked(
    landing: Landing, capsys: pytest.CaptureFixture[str]
) -> None:
    commands.replay("breast_cancer", file="none.csv")

    assert "nothing to replay" in capsys.readouterr().out
    assert landing.sent == []


def test_a_replay_as_json_lists_the_files_and_sends_nothing(
    landing: Landing, capsys: pytest.CaptureFixture[str]
) -> None:
    commands.replay("breast_cancer", as_json=True)

    listed = json.loads(capsys.readouterr().out)
    assert listed[0] == {"object": str(FILES[0].landed), "why": "not on main"}
    assert landing.sent == []


@pytest.mark.parametrize(("dry_run", "reconciled"), [(True, 0), (False, 1)])
def test_reconcile_names_what_main_has_not(
    landing: Landing, capsys: pytest.CaptureFixture[str], dry_run: bool, reconciled: int
) -> None:
    commands.reconcile("breast_cancer", dry_run=dry_run)

    said = capsys.readouterr().out
    assert "incoming/breast_cancer/lost.csv" in said
    assert "1 file deleted in S3: rows stay on main" in said
    assert ("to be sent" in said) == dry_run
    assert landing.reconciled == reconciled

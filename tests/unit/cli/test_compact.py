"""`lakeloop compact`: says what is put together, and asks the chain unless it is a dry run."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from lakeloop.cli.commands import compact as command
from lakeloop.client.environment import Environment
from lakeloop.ingest.compaction import Group, Plan
from tests.unit.client.deployed import emulated


@dataclass
class Packs:
    """What the command asks for, and how often it had packs put together."""

    found: Plan
    asked: int = 0

    def plan(self) -> Plan:
        return self.found

    def compact(self) -> None:
        self.asked += 1


@pytest.fixture
def packs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Packs]:
    made = Packs(Plan("c1", 41, [Group([f"pack-{n}" for n in range(37)], {})]))
    with emulated(monkeypatch) as environment:
        monkeypatch.setattr(Environment, "load", classmethod(lambda cls: environment))
        monkeypatch.setattr(command, "Packs", lambda *_: made)
        yield made


@pytest.mark.parametrize(("dry_run", "asked", "verb"), [(True, 0, "would become"), (False, 1, "become")])
def test_what_is_put_together_is_told(
    packs: Packs, capsys: pytest.CaptureFixture[str], dry_run: bool, asked: int, verb: str
) -> None:
    command.compact("breast_cancer", dry_run=dry_run)

    assert f"37 of 41 packs {verb} 1" in capsys.readouterr().out
    assert packs.asked == asked


def test_where_nothing_is_small_nobody_is_asked(packs: Packs, capsys: pytest.CaptureFixture[str]) -> None:
    packs.found = Plan("c1", 1, [])

    command.compact("breast_cancer")

    assert "nothing to put together: 1 pack on main" in capsys.readouterr().out
    assert packs.asked == 0


def test_as_json_it_only_tells(packs: Packs, capsys: pytest.CaptureFixture[str]) -> None:
    command.compact("breast_cancer", as_json=True)

    assert json.loads(capsys.readouterr().out) == {"commit": "c1", "packs": 41, "small": 37, "groups": 1}
    assert packs.asked == 0

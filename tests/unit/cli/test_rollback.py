"""`lakeloop rollback data`: what changes is shown first, and nothing is changed unless it is meant."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import typer

from lakeloop.cli.commands import rollback as commands
from lakeloop.client.data_rollback import DataRollbacks
from lakeloop.client.environment import Environment
from lakeloop.client.errors import AdvisedError, MistakenNameError
from lakeloop.errors import MergeConflictError
from lakeloop.rollback.service import By, Change, Staged
from lakeloop.rollback.target import Target, Targets
from tests.data import tiny
from tests.unit.client.deployed import emulated
from tests.unit.rollback.rolling import drop, rollback, uri
from tests.world import World


class Rollbacks:
    """The rollback of a world in memory."""

    find = staticmethod(DataRollbacks.find)

    def __init__(self, world: World) -> None:
        self.world = world
        self.meanwhile: list[Any] = []
        self.replayed: list[str] = []

    def look(self) -> Targets:
        return rollback(self.world).targets("landing")

    @contextmanager
    def staged(self, targets: Targets, target: Target, reason: str) -> Iterator[Staged]:
        by = By("ada", "2026-11-27T10:00:00+00:00", reason)
        with rollback(self.world).staged(target, targets.since(target.since), by) as staged:
            if self.meanwhile:
                self.meanwhile.pop(0)()
            yield staged

    def read_again(self, change: Change) -> int:
        self.replayed += change.read_again
        return len(change.read_again)


@pytest.fixture(autouse=True)
def rollbacks(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rollbacks]:
    world = World(tiny(delivery="upsert"))
    drop(world, "a.csv", 1, [(1, 1), (2, 1)])
    drop(world, "bad.csv", 3, [(2, 3)])
    drop(world, "late.csv", 2, [(2, 2), (9, 2)])
    made = Rollbacks(world)
    with emulated(monkeypatch) as environment:
        monkeypatch.setattr(Environment, "load", classmethod(lambda cls: environment))
        monkeypatch.setattr(commands, "DataRollbacks", lambda *_: made)
        yield made


def undone(rollbacks: Rollbacks) -> bool:
    return "rolled_back" not in rollbacks.world.lake.commits[-1].metadata


def test_without_a_reason_only_what_would_change_is_shown(
    rollbacks: Rollbacks, capsys: pytest.CaptureFixture[str]
) -> None:
    commands.data("breast_cancer", "bad.csv")

    out = capsys.readouterr().out
    assert f"takes out {uri('bad.csv')} (version v1)" in out
    assert "1 row leave main, 1 row come back" in out
    assert f"read anew {uri('late.csv')}" in out
    assert "say why with --reason" in out
    assert undone(rollbacks)


def test_it_asks_first(rollbacks: Rollbacks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typer, "confirm", lambda _: False)

    commands.data("breast_cancer", "bad.csv", reason="upside down")

    assert undone(rollbacks)


def test_a_script_says_yes_and_reads_json(rollbacks: Rollbacks, capsys: pytest.CaptureFixture[str]) -> None:
    commands.data("breast_cancer", "bad.csv", reason="upside down", yes=True, as_json=True)

    told = json.loads(capsys.readouterr().out)
    assert told["commit"] == rollbacks.world.lake.head("")
    assert (told["rows_taken_out"], told["rows_put_back"], told["read_again"]) == (1, 1, [uri("late.csv")])
    assert rollbacks.replayed == [uri("late.csv")]
    assert rollbacks.world.lake.commits[-1].metadata["reason"] == "upside down"


def test_json_alone_changes_nothing(rollbacks: Rollbacks, capsys: pytest.CaptureFixture[str]) -> None:
    commands.data("breast_cancer", "bad.csv", reason="upside down", as_json=True)

    assert json.loads(capsys.readouterr().out)["commit"] == ""
    assert undone(rollbacks)


def test_yes_without_a_reason_is_refused() -> None:
    with pytest.raises(MistakenNameError, match="nobody will know why"):
        commands.data("breast_cancer", "bad.csv", yes=True)


def test_a_name_that_is_not_there_says_what_is() -> None:
    with pytest.raises(MistakenNameError, match="none brought"):
        commands.data("breast_cancer", "nope.csv")


def test_main_that_changes_meanwhile_is_shown_again_and_asked_for_once_where_it_is_the_same(
    rollbacks: Rollbacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def confirm(text: str) -> bool:
        asked.append(text)
        return True

    monkeypatch.setattr(typer, "confirm", confirm)
    rollbacks.meanwhile.append(lambda: drop(rollbacks.world, "new.csv", 9, [(7, 7)]))

    commands.data("breast_cancer", "bad.csv", reason="upside down")

    assert not undone(rollbacks)
    assert len(asked) == 1


def test_it_gives_up_where_main_never_rests(rollbacks: Rollbacks, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise MergeConflictError("again")

    monkeypatch.setattr(Staged, "merge", never)

    with pytest.raises(AdvisedError, match="changed under each of 5 tries"):
        commands.data("breast_cancer", "bad.csv", reason="upside down", yes=True)


def test_a_file_that_left_main_by_itself_is_told(rollbacks: Rollbacks, capsys: pytest.CaptureFixture[str]) -> None:
    commands.data("breast_cancer", "bad.csv", reason="upside down", yes=True)
    capsys.readouterr()

    commands.data("breast_cancer", "bad.csv")

    assert "left main before by itself" in capsys.readouterr().out

"""`lakeloop rollback data`: what changes is shown first, and nothing is changed unless it is meant."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import typer

from lakeloop.cli.commands import rollback as commands
from lakeloop.client.bad_models import BadModels
from lakeloop.client.data_rollback import DataRollbacks
from lakeloop.client.environment import Environment
from lakeloop.client.errors import AdvisedError, MistakenNameError
from lakeloop.errors import MergeConflictError
from lakeloop.registry.ports import Approval
from lakeloop.rollback.service import By, Change, Staged
from lakeloop.rollback.target import Target, Targets
from lakeloop.training.ports import TuningRun
from tests.data import tiny
from tests.fakes import CrashError
from tests.unit.client.deployed import emulated
from tests.unit.client.registered import NOW, Registered, registered, version
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
    def staged(self, targets: Targets, target: Target, reason: str) -> Iterator[Staged | None]:
        if target.gone and not target.files:
            yield None
            return
        by = By("ada", "2026-11-27T10:00:00+00:00", reason)
        with rollback(self.world).staged(target, targets.since(target.since), by) as staged:
            if self.meanwhile:
                self.meanwhile.pop(0)()
            yield staged

    def read_again(self, change: Change) -> int:
        self.replayed += change.read_again
        return len(change.read_again)


@pytest.fixture(autouse=True)
def sagemaker(monkeypatch: pytest.MonkeyPatch) -> Registered:
    return registered(monkeypatch)


@pytest.fixture(autouse=True)
def rollbacks(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rollbacks]:
    world = World(tiny(delivery="upsert"))
    drop(world, "a.csv", 1, [(1, 1), (2, 1)])
    drop(world, "bad.csv", 3, [(2, 3)])
    drop(world, "late.csv", 2, [(2, 2), (9, 2)])
    made = Rollbacks(world)
    with emulated(monkeypatch) as environment:
        environment.__dict__["lake"] = world.lake
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
    assert f"leaves   {uri('bad.csv')} (version v1)" in out
    assert "1 row of it on main, 1 row come back" in out
    assert "no model and no running job" in out
    assert f"re-read  {uri('late.csv')}" in out
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


class TestModels:
    """Bad data is in the commits c2 and c3; c1 is good."""

    @pytest.fixture(autouse=True)
    def versions(self, sagemaker: Registered, rollbacks: Rollbacks) -> None:
        ids = [commit.id for commit in rollbacks.world.lake.log("", "main")]
        late, bad, good = ids[0], ids[1], ids[2]
        sagemaker.add(version(1, good, Approval.REJECTED, "superseded by version 2"))
        sagemaker.add(version(2, bad, Approval.REJECTED, "superseded by version 3"))
        sagemaker.serving = sagemaker.add(version(3, late)).arn
        sagemaker.runs_ = [TuningRun("job-9", late, "InProgress", NOW)]

    def test_all_that_learned_from_it_are_rejected_and_the_last_good_one_serves(
        self, sagemaker: Registered, capsys: pytest.CaptureFixture[str]
    ) -> None:
        commands.data("breast_cancer", "bad.csv", reason="upside down", yes=True)

        out = capsys.readouterr().out
        assert "version 1 in the place of version 3" in out
        assert sagemaker.stopped == ["job-9"]
        approvals = {number: said[0] for number, said in sagemaker.said.items()}
        assert approvals == {1: Approval.APPROVED, 2: Approval.REJECTED, 3: Approval.REJECTED}
        assert "which was taken back" in sagemaker.said[3][1]
        assert "upside down" in sagemaker.said[3][1]

    def test_without_a_good_one_training_is_asked_for(
        self, sagemaker: Registered, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sagemaker.registry.packages.pop(version(1).arn)
        asked: list[str] = []
        monkeypatch.setattr(BadModels, "_ask_for_training", lambda _, commit, reason: asked.append(reason))

        commands.data("breast_cancer", "bad.csv", reason="upside down", yes=True)

        assert asked == ["upside down"]
        assert sagemaker.said[3][0] is Approval.APPROVED
        assert "which was taken back" in sagemaker.said[3][1]

    def test_a_rollback_that_was_cut_off_before_the_models_is_ended_by_another(self, sagemaker: Registered) -> None:
        carry_out = BadModels.carry_out
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(BadModels, "carry_out", lambda *_: (_ for _ in ()).throw(CrashError()))
            with pytest.raises(CrashError):
                commands.data("breast_cancer", "bad.csv", reason="upside down", yes=True)
        assert BadModels.carry_out is carry_out

        commands.data("breast_cancer", "bad.csv", reason="upside down", yes=True)

        assert {number: said[0] for number, said in sagemaker.said.items()}[1] is Approval.APPROVED


class TestRollbackModel:
    @pytest.fixture(autouse=True)
    def versions(self, sagemaker: Registered) -> None:
        sagemaker.add(version(1, approval=Approval.REJECTED, why="superseded by version 2"))
        sagemaker.serving = sagemaker.add(version(2)).arn

    def test_the_one_before_is_approved_and_the_present_one_rejected_for_good(self, sagemaker: Registered) -> None:
        commands.model("breast_cancer", reason="it refused everybody", yes=True)

        (one, why), (two, why_not) = sagemaker.said[1], sagemaker.said[2]
        assert (one, two) == (Approval.APPROVED, Approval.REJECTED)
        assert why.startswith("rolled back to by arn:aws:sts::")
        assert why_not.startswith("rolled back by arn:aws:sts::")
        assert why_not.endswith(": it refused everybody")
        # Rejected first: cut off in between, the next one goes on.
        assert [approval for _, approval in sagemaker.registry.decided] == [Approval.REJECTED, Approval.APPROVED]

    def test_without_a_reason_it_is_only_shown(self, sagemaker: Registered, capsys: pytest.CaptureFixture[str]) -> None:
        commands.model("breast_cancer")

        assert "goes     version 2, and does not come back by itself" in capsys.readouterr().out
        assert sagemaker.registry.decided == []

    def test_a_version_that_is_not_there(self) -> None:
        with pytest.raises(MistakenNameError, match="there is no version 9"):
            commands.model("breast_cancer", to=9)

"""`lakeloop train` says on which commit a job was asked for, and what shows it."""

import json

import pytest

from lakeloop.cli.commands import train as command
from lakeloop.client.asking import Asked
from lakeloop.client.environment import Environment
from tests.unit.client.deployed import emulated


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(_environment: object, dataset: object, at: str, why: str) -> Asked:
        return Asked("breast_cancer", at or "a" * 64, not at, "id", "arn:aws:iam::1:user/ada", why)

    with emulated(monkeypatch) as environment:
        monkeypatch.setattr(Environment, "load", classmethod(lambda cls: environment))
    monkeypatch.setattr(command, "ask_for_training", ask)


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("", "asked for a job on commit aaaaaaaaaaaa, the head of main"),
        ("b" * 64, "asked for a job on commit bbbbbbbbbbbb"),
    ],
)
def test_what_was_asked_for_is_told(capsys: pytest.CaptureFixture[str], at: str, said: str) -> None:
    command.train("breast_cancer", at=at, reason="new features")

    first, second = capsys.readouterr().out.splitlines()
    assert first == said
    assert second.endswith("status` shows the job, or what it waits for")


def test_as_json_all_of_it_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    command.train("breast_cancer", reason="new features", as_json=True)

    said = json.loads(capsys.readouterr().out)
    assert (said["why"], said["who"], said["is_head"]) == ("new features", "arn:aws:iam::1:user/ada", True)

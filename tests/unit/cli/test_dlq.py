"""`lakeloop dlq list`: of one chain or of all, for people and programs."""

import json
from collections.abc import Iterator

import pytest

from lakeloop.cli.commands import dlq
from lakeloop.client.environment import Environment
from lakeloop.client.errors import MistakenNameError
from tests.unit.client.deployed import emulated, put_letter


@pytest.fixture(autouse=True)
def letters(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One dead letter in each of two chains."""
    with emulated(monkeypatch) as environment:
        monkeypatch.setattr(Environment, "load", classmethod(lambda cls: environment))
        for chain in ("transform_data", "deploy_model"):
            put_letter(environment, chain, json.dumps({"resources": [f"arn:of:{chain}"]}))
        yield


def test_letters_of_all_chains_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    dlq.list_letters()

    said = capsys.readouterr().out
    assert "arn:of:transform_data" in said
    assert "arn:of:deploy_model" in said
    assert "2 dead letters in all chains" in said


def test_letters_of_one_chain_are_listed_alone(capsys: pytest.CaptureFixture[str]) -> None:
    dlq.list_letters("deploy_model", as_json=True)

    assert [letter["object"] for letter in json.loads(capsys.readouterr().out)] == ["arn:of:deploy_model"]


def test_an_unknown_chain_is_refused_with_those_there_are() -> None:
    with pytest.raises(MistakenNameError, match="no chain is called 'deploy'"):
        dlq.list_letters("deploy")

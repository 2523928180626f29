"""`lakeloop dataset delete`: it shows before it deletes, and refuses while the contract is there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lakeloop import project
from lakeloop.cli.commands import dataset as commands
from lakeloop.client.dataset_removal import Remains
from lakeloop.client.environment import Environment
from lakeloop.client.errors import AdvisedError
from tests.unit.client.deployed import emulated

WINE = Remains("wine", ("lakeloop-test-wine",), "lakeloop-test-wine", 7, 2_000_000)


@pytest.fixture(autouse=True)
def deleted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Names of what the command had deleted; of `wine` something is left."""
    names: list[str] = []
    with emulated(monkeypatch) as environment:
        monkeypatch.setattr(Environment, "load", classmethod(lambda cls: environment))
        monkeypatch.setattr(
            commands, "look_at", lambda _, name: WINE if name == "wine" else Remains(name, (), None, 0, 0)
        )
        monkeypatch.setattr(commands, "delete", lambda _, remains: names.append(remains.dataset))
        yield names


def test_without_yes_it_only_shows_what_would_go(deleted: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    commands.delete_dataset("wine")

    said = capsys.readouterr().out
    assert "lakeloop-test-wine" in said
    assert "7, 2.0 MB" in said
    assert "dataset delete wine --yes" in said
    assert deleted == []


def test_with_yes_it_deletes(deleted: list[str]) -> None:
    commands.delete_dataset("wine", yes=True)

    assert deleted == ["wine"]


def test_it_refuses_while_the_contract_is_there(deleted: list[str]) -> None:
    with pytest.raises(AdvisedError, match="breast_cancer still has a contract") as refused:
        commands.delete_dataset("breast_cancer", yes=True)

    assert "remove datasets/breast_cancer.yaml" in refused.value.advice
    assert deleted == []


def test_where_nothing_is_left_there_is_nothing_to_do(deleted: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    commands.delete_dataset("shoes", yes=True)

    assert "nothing is left of shoes" in capsys.readouterr().out
    assert deleted == []


def test_it_refuses_where_the_contract_is_only_a_file_or_only_deployed(
    deleted: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(project, "WORKSPACE", tmp_path)
    with pytest.raises(AdvisedError, match="breast_cancer still has a contract, as deployed"):
        commands.delete_dataset("breast_cancer", yes=True)

    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "wine.yaml").write_text("name: wine")
    with pytest.raises(AdvisedError, match="wine still has a contract: "):
        commands.delete_dataset("wine", yes=True)

    assert deleted == []

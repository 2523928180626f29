"""The contracts of a folder against those that are deployed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lakeloop.cli.commands import contract
from lakeloop.client.contracts import build_contracts, differences, refuse_code_changes
from lakeloop.client.environment import Environment
from lakeloop.client.errors import AdvisedError
from lakeloop.contract import DatasetContract
from tests.data import tiny
from tests.unit.client.deployed import deploy_contracts, emulated
from tests.unit.compiler.taxi import TAXI

SORTED = [{**column.model_dump(), "allowed": sorted(column.allowed, reverse=True)} for column in tiny().columns]


class Lake:
    """A lake in which some repositories hold data."""

    def __init__(self, *holding: str) -> None:
        self._holding = holding

    def holds_data(self, repository: str) -> bool:
        return repository in self._holding


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Environment]:
    """One in which the small contract is deployed and has data."""
    with emulated(monkeypatch) as environment:
        bucket = environment.outputs.artifacts_bucket
        environment.outputs.contracts_index = deploy_contracts(environment.s3, bucket, tiny())
        vars(environment)["lake"] = Lake("lakeloop-test-tiny")
        yield environment


def here(*contracts: DatasetContract) -> dict[str, DatasetContract]:
    return {contract.name: contract for contract in contracts}


def test_contracts_that_are_as_deployed_differ_in_nothing(environment: Environment) -> None:
    assert list(differences(environment, here(tiny()))) == []


def test_new_changed_and_gone_contracts_are_told_apart(environment: Environment) -> None:
    found = differences(environment, here(tiny(description="Changed"), tiny(name="other")))
    assert [(difference.dataset, difference.what) for difference in found] == [("other", "new"), ("tiny", "changed")]

    assert [(difference.dataset, difference.what) for difference in differences(environment, {})] == [("tiny", "gone")]


def test_a_change_that_misreads_the_data_on_main_is_refused_with_what_why_and_the_ways_out(
    environment: Environment,
) -> None:
    with pytest.raises(AdvisedError) as refused:
        refuse_code_changes(environment, here(tiny(columns=SORTED)))

    assert refused.value.what == (
        "the data on main would mean something else under the changed contract:\n"
        "  tiny.yaml: columns.c.allowed: was a at place 1, is b at place 1; a value's number is its place in the list"
    )
    assert "append new values at the end of `allowed`" in refused.value.advice
    assert "give the changed contract a new name" in refused.value.advice


def test_where_main_holds_nothing_every_change_is_taken(environment: Environment) -> None:
    vars(environment)["lake"] = Lake()

    refuse_code_changes(environment, here(tiny(columns=SORTED)))


def test_a_change_that_the_data_on_main_does_not_notice_is_taken(environment: Environment) -> None:
    refuse_code_changes(environment, here(tiny(description="Changed"), tiny(name="other")))


def test_wrong_contracts_are_said_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "taxi.yaml").write_text(TAXI.replace("eta:", "etta:"))

    with pytest.raises(AdvisedError, match=r"1 problem in .*:\n  taxi.yaml:19: training\.ranges\.etta") as refused:
        build_contracts(tmp_path, tmp_path / "build")

    assert "lakeloop contract check" in refused.value.advice


@pytest.mark.parametrize(("holding", "code"), [("lakeloop-test-tiny", 1), ("lakeloop-test-other", 0)])
def test_diff_ends_with_1_where_the_next_apply_would_be_refused(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, holding: str, code: int
) -> None:
    vars(environment)["lake"] = Lake(holding)
    monkeypatch.setattr(Environment, "load", classmethod(lambda cls: environment))
    monkeypatch.setattr(contract, "build_contracts", lambda: here(tiny(columns=SORTED)))

    assert CliRunner().invoke(contract.app, ["diff"]).exit_code == code

"""The demo of an example, as far as it needs no cloud."""

from pathlib import Path

import pytest

from lakeloop.cli.demo.example import EXAMPLES, deployed_with, example
from lakeloop.client.errors import MistakenNameError


def test_an_example_is_a_table_and_its_contract() -> None:
    found = example("wine")

    assert (found.contract, found.table) == (EXAMPLES / "wine.yaml", EXAMPLES / "wine.csv")
    assert found.table.is_file()


def test_another_name_is_refused_with_the_examples_there_are() -> None:
    with pytest.raises(MistakenNameError, match="no example is called beer") as raised:
        example("beer")

    assert "diabetes, grunfeld, mpg, penguins" in raised.value.advice


@pytest.mark.parametrize("keep", [False, True])
def test_the_contract_lies_among_the_deployed_ones_while_it_is_needed(keep: bool, tmp_path: Path) -> None:
    target = tmp_path / "datasets" / "wine.yaml"

    with deployed_with(example("wine"), keep=keep, folder=target.parent):
        assert target.read_bytes() == (EXAMPLES / "wine.yaml").read_bytes()

    assert target.exists() == keep


def test_a_contract_of_the_users_own_is_used_and_left(tmp_path: Path) -> None:
    own = tmp_path / "wine.yaml"
    own.write_text("name: wine\n")

    with deployed_with(example("wine"), keep=False, folder=tmp_path):
        assert own.read_text() == "name: wine\n"

    assert own.read_text() == "name: wine\n"

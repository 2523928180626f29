"""Contracts compiled: the same bytes each time, all of them or none, and nothing left of what is gone."""

import hashlib
import json
from pathlib import Path

import pytest

from lakeloop.compiler.build import WrongContractsError, build, judge_folder
from lakeloop.compiler.schema import editor_schema
from lakeloop.contract.compiled import CompiledContract
from tests.data import ROOT
from tests.unit.compiler.taxi import TAXI


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    contracts = tmp_path / "datasets"
    contracts.mkdir()
    (contracts / "taxi.yaml").write_text(TAXI)
    return contracts


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "build" / "contracts"


def test_a_compiled_contract_holds_the_digest_of_what_it_was_made_of(folder: Path, into: Path) -> None:
    contracts = build(folder, into)

    compiled = CompiledContract.model_validate_json((into / "taxi.json").read_bytes())
    assert compiled.digest == hashlib.sha256(TAXI.encode()).hexdigest()
    assert compiled.contract == contracts["taxi"]


def test_defaults_are_written_out_so_that_a_later_default_changes_nothing_deployed(folder: Path, into: Path) -> None:
    build(folder, into)

    written = json.loads((into / "taxi.json").read_bytes())["contract"]
    assert written["quality"]["min_rows"] == 1
    assert written["columns"][0]["nullable"] is False


def test_two_builds_of_the_same_contract_are_the_same_bytes(folder: Path, into: Path, tmp_path: Path) -> None:
    build(folder, into)
    build(folder, tmp_path / "again")

    assert (into / "taxi.json").read_bytes() == (tmp_path / "again" / "taxi.json").read_bytes()


def test_what_was_compiled_of_a_contract_that_is_gone_goes_too(folder: Path, into: Path) -> None:
    (folder / "cab.yaml").write_text(TAXI.replace("name: taxi", "name: cab"))
    build(folder, into)
    (folder / "cab.yaml").unlink()

    build(folder, into)

    assert [file.name for file in into.iterdir()] == ["taxi.json"]


def test_with_one_contract_wrong_nothing_is_compiled_and_every_problem_of_every_file_is_said(
    folder: Path, into: Path
) -> None:
    (folder / "cab.yaml").write_text(TAXI.replace("eta:", "etta:"))
    (folder / "bus.yml").write_text(TAXI)
    (folder / "tram.yaml").write_text("")

    with pytest.raises(WrongContractsError) as refused:
        build(folder, into)

    assert str(refused.value).splitlines() == [
        f"4 problems in {folder}:",
        "  bus.yml: a contract ends in .yaml: rename it to bus.yaml",
        "  cab.yaml:1: name: expected cab, as the file is called, found taxi",
        "  cab.yaml:19: training.ranges.etta: expected a hyperparameter that can be tuned, such as eta, found etta",
        "  tram.yaml: is empty: a contract begins with `name:`",
    ]
    assert not into.exists()


def test_a_folder_without_a_contract_says_what_to_add(tmp_path: Path) -> None:
    assert [str(problem) for problem in judge_folder(tmp_path).problems] == [
        f"{tmp_path}: holds no contract: add <dataset>.yaml"
    ]


def test_the_schema_for_editors_is_the_one_of_the_package() -> None:
    assert (ROOT / "datasets" / "contract.schema.json").read_text() == editor_schema(), (
        "lakeloop.contract changed: run `lakeloop contract schema > datasets/contract.schema.json`"
    )


def test_an_editor_shows_what_a_key_means() -> None:
    schema = json.loads(editor_schema())

    assert schema["properties"]["label"]["description"].startswith("The column that is learned.")
    assert schema["$defs"]["Column"]["properties"]["from"]["description"].startswith("Headers of several columns")


def test_an_editor_takes_a_word_that_yaml_would_type() -> None:
    definitions = json.loads(editor_schema())["$defs"]

    words, _ = definitions["Column"]["properties"]["allowed"]["anyOf"]
    assert "number" in words["items"]["type"]
    assert definitions["Column"]["properties"]["type"]["type"] == "string"

"""`terraform plan` takes compiled contracts that are current, and refuses others with file and command to run."""

from pathlib import Path

import pytest

from lakeloop.compiler.build import build
from tests.infra.running import INFRA, Terraform
from tests.unit.compiler.taxi import TAXI

MODULE = INFRA / "modules" / "contracts"


class Checker:
    """The contracts module on its own, with a folder of contracts and one of compiled ones."""

    def __init__(self, terraform: Terraform, folder: Path) -> None:
        self._folder = folder
        self.contracts = folder / "datasets"
        self.compiled = folder / "build" / "contracts"
        # A folder of its own for the working files: the module needs no provider, and infra/ has another.
        self._terraform = Terraform({**terraform.environment, "TF_DATA_DIR": str(folder / "data")})
        (folder / "main.tf").write_text(
            f'module "contracts" {{\n  source = "{MODULE}"\n  directory = "{self.contracts}"\n'
            f'  compiled_directory = "{self.compiled}"\n  name_prefix = "lakeloop-test"\n}}\n'
        )
        assert self._terraform.run("init", "-input=false", folder=folder).returncode == 0

    def start_anew(self) -> None:
        for folder in (self.contracts, self.compiled):
            folder.mkdir(parents=True, exist_ok=True)
            for left in folder.iterdir():
                left.unlink()

    def write(self, name: str) -> None:
        (self.contracts / f"{name}.yaml").write_text(TAXI.replace("name: taxi", f"name: {name}"))

    def refused(self) -> str:
        """What Terraform says; nothing when it takes the contracts."""
        result = self._terraform.run("plan", "-input=false", "-no-color", folder=self._folder)
        assert (result.returncode == 0) == (not result.stderr), result.stdout + result.stderr
        # Terraform draws a line beside what it says.
        return "\n".join(line.lstrip("│╷╵ ") for line in result.stderr.splitlines())


@pytest.fixture(scope="module")
def on_its_own(terraform: Terraform, tmp_path_factory: pytest.TempPathFactory) -> Checker:
    return Checker(terraform, tmp_path_factory.mktemp("contracts"))


@pytest.fixture
def checker(on_its_own: Checker) -> Checker:
    """With one contract, taxi, compiled."""
    on_its_own.start_anew()
    on_its_own.write("taxi")
    build(on_its_own.contracts, on_its_own.compiled)
    return on_its_own


def test_contracts_that_were_compiled_are_taken(checker: Checker) -> None:
    assert checker.refused() == ""


def test_a_contract_that_was_not_compiled_is_refused_with_the_command_to_run(checker: Checker) -> None:
    checker.write("cab")

    said = checker.refused()

    assert "cab.yaml: is not compiled" in said
    assert "taxi.yaml" not in said
    assert "Run `lakeloop contract build`." in said


def test_a_contract_that_was_changed_since_is_refused(checker: Checker) -> None:
    with (checker.contracts / "taxi.yaml").open("a") as contract:
        contract.write("# One more thought\n")

    assert "taxi.yaml: was changed after it was compiled" in checker.refused()


def test_a_list_of_values_that_was_changed_since_is_refused(checker: Checker) -> None:
    contract = checker.contracts / "taxi.yaml"
    contract.write_text(contract.read_text().replace("allowed: [card, cash]", "allowed: {file: ways.txt}"))
    (checker.contracts / "ways.txt").write_text("card\ncash\n")
    build(checker.contracts, checker.compiled)
    assert checker.refused() == ""

    (checker.contracts / "ways.txt").write_text("card\ncash\ncoin\n")

    assert "taxi.yaml: ways.txt was changed after it was compiled" in checker.refused()


def test_a_compiled_contract_of_none_is_refused(checker: Checker) -> None:
    (checker.compiled / "cab.json").write_bytes((checker.compiled / "taxi.json").read_bytes())

    assert "cab.json: is compiled, but there is no cab.yaml" in checker.refused()


@pytest.mark.parametrize("document", ['{"format": 2}', "{", "[]", ""])
def test_a_document_of_another_format_is_refused(checker: Checker, document: str) -> None:
    (checker.compiled / "taxi.json").write_text(document)

    assert "taxi.yaml: was compiled by another version of lakeloop" in checker.refused()


def test_the_other_ending_is_refused_by_name_and_not_passed_over(checker: Checker) -> None:
    (checker.contracts / "bus.yml").write_text(TAXI)

    assert "bus.yml: a contract ends in .yaml: rename it" in checker.refused()


def test_a_folder_without_a_contract_is_refused(checker: Checker) -> None:
    checker.start_anew()

    assert "holds no contract: add <dataset>.yaml" in checker.refused()


def test_everything_is_said_at_once(checker: Checker) -> None:
    checker.write("cab")
    (checker.contracts / "bus.yml").write_text(TAXI)
    (checker.contracts / "taxi.yaml").write_text(TAXI + "\n")

    said = checker.refused()

    assert all(words in said for words in ("bus.yml: ", "cab.yaml: is not", "taxi.yaml: was changed"))


def test_a_name_leaves_room_for_the_names_made_of_it(checker: Checker) -> None:
    long = "a" * 37
    checker.write(long)
    build(checker.contracts, checker.compiled)

    said = checker.refused()

    assert "A dataset of lakeloop-test has at most 36 characters" in said
    assert f"{long}.yaml" in said

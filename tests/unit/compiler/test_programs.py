"""A training program that lies in a file beside the contract."""

import hashlib
import json
from pathlib import Path

import pytest

from lakeloop import project
from lakeloop.compiler.build import build
from lakeloop.compiler.judge import judge
from lakeloop.contract.compiled import CompiledContract
from lakeloop.contract.digest import contract_digest, reading_digest, recipe_digest
from tests.unit.compiler.taxi import changed

NAMED = changed("  metric: auc\n", "  metric: auc\n  script: training/mine.py\n")
PROGRAM = "print('[0]')\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "training").mkdir()
    (tmp_path / "training" / "mine.py").write_text(PROGRAM)
    (tmp_path / "taxi.yaml").write_bytes(NAMED)
    return tmp_path


def test_the_compiled_contract_holds_the_program_and_the_digest_of_its_file(folder: Path) -> None:
    build(folder, folder / "build")

    document = json.loads((folder / "build" / "taxi.json").read_text())
    assert document["lists"] == {"training/mine.py": hashlib.sha256(PROGRAM.encode()).hexdigest()}
    assert CompiledContract.model_validate(document).contract.training.script == PROGRAM


def test_another_program_is_another_model_of_the_same_features(folder: Path) -> None:
    before = judge("taxi.yaml", NAMED, folder).contract
    (folder / "training" / "mine.py").write_text("print('[1]')\n")
    after = judge("taxi.yaml", NAMED, folder).contract

    assert before
    assert after
    assert contract_digest(before) != contract_digest(after)
    assert (reading_digest(before), recipe_digest(before)) == (reading_digest(after), recipe_digest(after))


@pytest.mark.parametrize(
    ("named", "content", "said"),
    [
        ("../mine.py", PROGRAM, "expected training/NAME.py, a program in the folder training beside the contract"),
        ("training/Mine.py", PROGRAM, "expected training/NAME.py"),
        ("training/other.py", PROGRAM, "(No such file or directory), found training/other.py"),
        ("{file: training/mine.py}", PROGRAM, "expected training/NAME.py"),
        (
            "training/mine.py",
            "print('\n",
            "expected a program in Python, found unterminated string literal (detected at line 1) in training/mine.py, "
            "line 1",
        ),
        ("training/mine.py", "#" * 65_537, "expected a program of at most 64 KiB, found 65,537 bytes"),
    ],
)
def test_a_program_that_cannot_run_is_refused_where_it_is_named(
    folder: Path, named: str, content: str, said: str
) -> None:
    (folder / "training" / "mine.py").write_text(content)
    text = changed("  metric: auc\n", f"  metric: auc\n  script: {named}\n")

    [problem] = judge("taxi.yaml", text, folder).problems

    assert (problem.line, problem.path) == (16, "training.script")
    assert said in problem.what


def test_the_shipped_program_is_one_that_a_contract_takes(folder: Path) -> None:
    shipped = project.SOURCES / "datasets" / "examples" / "training" / "weighted.py"
    (folder / "training" / "mine.py").write_bytes(shipped.read_bytes())

    assert judge("taxi.yaml", NAMED, folder).problems == ()

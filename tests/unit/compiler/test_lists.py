"""Values of a category that lie in a file beside the contract."""

import hashlib
import json
from pathlib import Path

import pytest

from lakeloop.compiler.build import build
from lakeloop.compiler.judge import judge
from lakeloop.contract.compiled import CompiledContract
from tests.unit.compiler.taxi import changed

LISTED = changed("[card, cash]", "{file: lists/ways.txt}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lists").mkdir()
    (tmp_path / "taxi.yaml").write_bytes(LISTED)
    return tmp_path


def problems(folder: Path, content: bytes) -> list[str]:
    (folder / "lists" / "ways.txt").write_bytes(content)
    return [str(problem) for problem in judge("taxi.yaml", LISTED, folder).problems]


def test_each_line_is_a_value_in_its_order_as_cells_are_read(folder: Path) -> None:
    (folder / "lists" / "ways.txt").write_bytes("\ufeffcard\r\n\r\n in cash \nno\n".encode())

    verdict = judge("taxi.yaml", LISTED, folder)

    assert verdict.contract
    assert verdict.contract.column("pay").allowed == ("card", "in cash", "no")


def test_the_compiled_contract_holds_the_values_and_the_digest_of_their_file(folder: Path) -> None:
    (folder / "lists" / "ways.txt").write_text("card\ncash\n")

    build(folder, folder / "build")

    document = json.loads((folder / "build" / "taxi.json").read_text())
    assert document["lists"] == {"lists/ways.txt": hashlib.sha256(b"card\ncash\n").hexdigest()}
    compiled = CompiledContract.model_validate(document)
    assert compiled.contract.column("pay").allowed == ("card", "cash")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "taxi.yaml:11: columns.pay.allowed: expected the values of the category, found nothing"),
        (b"card\ncash\ncard\n", "taxi.yaml:11: columns.pay.allowed: expected each value once, found card twice"),
        (b"card\nca\xffsh\n", "taxi.yaml:11: columns.pay.allowed: byte 0xff is not UTF-8: save the file as UTF-8"),
        (
            b"x" * 1024 * 1024 + b"\n",
            "taxi.yaml:11: columns.pay.allowed: expected a list of at most 1 MiB, found 1,048,577 bytes in "
            "lists/ways.txt",
        ),
    ],
)
def test_a_list_that_is_none_is_told_at_the_column(folder: Path, content: bytes, said: str) -> None:
    assert problems(folder, content) == [said]


def test_many_values_are_read_in_a_moment(folder: Path) -> None:
    assert problems(folder, "\n".join(map(str, range(10_000, 70_000))).encode()) == []

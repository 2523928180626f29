"""docs/gate.md says of each cell what the gate makes of it."""

import re
from collections.abc import Iterator

import pytest
import yaml

from lakeloop.contract import Column, FileFormat
from lakeloop.values.reading import CellReader
from lakeloop.values.refusal import RefusedValueError
from tests.data import ROOT

PAGE = (ROOT / "docs" / "gate.md").read_text()
ROW = re.compile(r"^\| `(?P<cell>.*?)` \| `(?P<column>\{.*?\})` \| (?P<becomes>.*) \|$", re.M)


def rows() -> Iterator[tuple[str, str, str]]:
    for found in ROW.finditer(PAGE):
        yield found["cell"], found["column"], found["becomes"]


def made(cell: str, column: str) -> str:
    settings = yaml.load(column, Loader=yaml.BaseLoader)  # noqa: S506 it makes text only
    of = Column.model_validate({"name": "x", **settings})
    try:
        value = CellReader(of, FileFormat(), feature=of.feature is not False).text(cell)
    except RefusedValueError as error:
        return f"refused: {error.rule}"
    if value is None:
        return "nothing"
    return f"`{value!r}`" if isinstance(value, str | int | float) else f"`{value}`"


def test_every_row_of_the_table_is_read() -> None:
    table = [line for line in PAGE.splitlines() if line.startswith("| `")]

    assert len(list(rows())) == len(table) > 40


@pytest.mark.parametrize(("cell", "column", "becomes"), list(rows()))
def test_a_cell_becomes_what_the_page_says(cell: str, column: str, becomes: str) -> None:
    found = made(cell, column)

    if becomes.startswith("refused: "):
        assert found.startswith("refused: ")
        assert becomes.removeprefix("refused: ") in found
    else:
        assert found == becomes

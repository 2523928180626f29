"""What a changed contract means, as `lakeloop contract diff` says it."""

import pytest

from lakeloop.cli.views.differing import lines
from lakeloop.client.contracts import Difference
from lakeloop.contract import DatasetContract
from lakeloop.contract.changes import code_changes
from lakeloop.contract.meaning import meaning
from tests.unit.contract.test_meaning import contract


def difference(new: DatasetContract, *, holds_data: bool = False, touched: int = 0) -> Difference:
    found = meaning(contract(), new)
    changes = tuple(code_changes(contract(), new))
    return Difference(
        "tiny",
        "changed",
        found.kind,
        found.reading,
        changes,
        found.others,
        found.consequences(),
        holds_data=holds_data,
        rows_on_main=456,
        rows_touched=touched,
    )


@pytest.mark.parametrize(
    ("difference", "said"),
    [
        (Difference("taxi", "new"), ["taxi: new"]),
        (Difference("taxi", "gone"), ["taxi: not here any more: its endpoint and its repository stay"]),
    ],
)
def test_what_came_or_went_is_told_on_a_line(difference: Difference, said: list[str]) -> None:
    assert lines(difference) == said


def test_a_change_that_no_data_notices_says_so() -> None:
    assert lines(difference(contract(description="Another", retrain={"min_new_rows": 9}))) == [
        "tiny: changed; no data is read otherwise",
        "  description, retrain: of no matter to data",
        "    rows      stay as they are",
        "    features  stay as they are",
        "    files     are read as before",
        "    model     goes on as it is",
        "    splits    no row changes split",
    ]


def test_a_wider_reading_asks_for_nothing() -> None:
    said = lines(difference(contract({"c": {"allowed": ["a", "b", "x"]}, "f": {"min": None}})))

    assert said[:3] == [
        "tiny: the reading widened",
        "  columns.f.min: was 0, is nothing (wider)",
        "  columns.c.allowed: was a, b, is a, b, x (wider)",
    ]
    assert not any("dropped again" in line or "refused" in line for line in said)


def test_another_reading_asks_for_files_only_where_rows_on_main_would_be_others() -> None:
    new = contract({"o": {"na_values": "w"}})

    assert lines(difference(new, holds_data=True, touched=12))[-1] == (
        "  12 of 456 rows on main may be read otherwise: drop their files again to read them anew"
    )
    assert lines(difference(new))[-1] == "  no row on main is read otherwise: no file needs to be dropped again"


def test_what_an_apply_refuses_says_why_and_what_to_do() -> None:
    new = contract(delivery="snapshot")

    refused, taken = lines(difference(new, holds_data=True)), lines(difference(new))

    assert "  delivery: was append, is snapshot; rows on main lie as the old delivery puts them" in refused
    assert refused[-2] == "  it gives rows another meaning and is refused: main holds data"
    assert refused[-1].startswith("  what to do: take the change back")
    assert taken[-1] == "  it gives rows another meaning and is taken: main holds no data"


def test_what_makes_other_features_says_that_they_are_made_from_the_rows() -> None:
    said = lines(difference(contract({"c": {"allowed": ["b", "a"]}}), holds_data=True))

    assert said[:2] == [
        "tiny: the recipe of its features changed",
        "  columns.c.allowed: was a at place 1, is b at place 1; a value's number is its place in the list",
    ]
    assert "    features  made again from rows/, under a name of their own" in said
    assert not any("refused" in line for line in said)

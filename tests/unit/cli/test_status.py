"""What `lakeloop status` shows: datasets first, readable at any width, whatever is missing."""

from dataclasses import fields, replace

import pytest
from rich.console import Console
from rich.text import Text

from lakeloop.cli.views.status import screen
from lakeloop.client.summary import DatasetSummary, Overview
from lakeloop.scripts.terminal_samples import NOW, OVERVIEW, PARTS

NOTHING_KNOWN = DatasetSummary(**{"name": "wine"} | {field.name: None for field in fields(DatasetSummary)[1:]})  # type: ignore[arg-type]
WIDTHS = (80, 100, 120, 200)


def shown(overview: Overview, width: int) -> str:
    out = Console(width=width, color_system=None)
    with out.capture() as capture:
        for piece in screen(overview, PARTS, out, NOW):
            out.print(piece, soft_wrap=isinstance(piece, Text))
    return capture.get()


@pytest.mark.parametrize("width", WIDTHS)
def test_datasets_come_first_and_the_parts_of_the_local_cloud_last(width: int) -> None:
    said = shown(OVERVIEW, width)

    places = [said.index(words) for words in ("breast_cancer", "wine", "queues", "drop files at", "local cloud")]
    assert places == sorted(places)


@pytest.mark.parametrize("width", WIDTHS)
def test_no_name_is_broken_and_no_environment_prefix_fills_the_screen(width: int) -> None:
    said = shown(OVERVIEW, width)

    for whole in ("breast_cancer", "456", "228", "f7a7ff9a4b22", "4aaafe680cfe", "0.9912", "178 new rows, 300 needed"):
        assert whole in said, whole
    assert "lakeloop-local-4aaafe680cfe" not in said


@pytest.mark.parametrize("width", WIDTHS)
def test_all_rows_are_told_and_the_commit_of_the_served_model_not_that_of_the_last_job(width: int) -> None:
    said = shown(OVERVIEW, width)

    assert "commit 0416922081e6" in said
    assert "not yet" not in said


@pytest.mark.parametrize("width", WIDTHS)
def test_what_is_not_known_is_said_and_why(width: int) -> None:
    overview = replace(
        OVERVIEW,
        datasets=(NOTHING_KNOWN,),
        chains=(),
        problems={"SageMaker": "does not answer: Could not connect", "lakeFS": "does not answer: refused"},
    )

    said = shown(overview, width)

    assert "SageMaker does not answer: Could not connect" in said
    assert "lakeFS does not answer: refused" in said
    assert "wine" in said
    assert "None" not in said


def test_an_environment_without_datasets_is_shown_too() -> None:
    assert "queues" in shown(replace(OVERVIEW, datasets=()), 120)

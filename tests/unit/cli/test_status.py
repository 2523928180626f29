"""What `lakeloop status` shows: datasets first, readable at any width, whatever is missing."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest
from rich.console import Console
from rich.text import Text

from lakeloop import names
from lakeloop.cli.views.status import (
    data,
    endpoint_state,
    last_training,
    learned_from,
    model,
    next_training,
    number,
    quarantine,
    screen,
    short,
)
from lakeloop.client.summary import DatasetSummary, Overview
from lakeloop.scripts.terminal_samples import EARLIER, HEAD, LOST, NOW, OVERVIEW, PARTS, SERVED
from lakeloop.training.ports import TuningRun

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


def test_where_experiments_are_is_said_where_they_are_recorded() -> None:
    assert "experiments at  https://mlflow.example.com\n" in shown(
        replace(OVERVIEW, experiments_at="https://mlflow.example.com"), 80
    )
    assert "experiments at" not in shown(OVERVIEW, 80)


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


@pytest.mark.parametrize("width", WIDTHS)
def test_what_a_step_complains_of_is_said_with_its_age_and_not_twice(width: int) -> None:
    said = " ".join(shown(OVERVIEW, width).split())
    assert "20 minutes ago: 1 file landed and in no commit" in said
    assert "reconcile_landing" in said

    waits = replace(LOST, why="178 new rows, 300 needed")
    twice = replace(OVERVIEW, datasets=(replace(OVERVIEW.datasets[1], complaints=(waits,)),))
    assert shown(twice, width).count("178 new rows") == 1


@pytest.mark.parametrize("width", WIDTHS)
def test_what_came_of_comparing_the_landing_bucket_is_said_once_for_each_dataset(width: int) -> None:
    said = " ".join(shown(OVERVIEW, width).split())

    assert said.count("20 minutes ago: main has what the landing bucket has") == 1
    assert said.count("1 file landed and in no commit") == 1


def test_an_environment_without_datasets_is_shown_too() -> None:
    assert "queues" in shown(replace(OVERVIEW, datasets=()), 120)


@pytest.mark.parametrize(
    ("rows", "new", "head", "said"),
    [
        (None, None, None, "not known"),
        (None, None, "c1", "no rows yet"),
        (0, 0, "c1", "no rows yet"),
        (1, None, "c1", "1 row"),
        (1200, 1000, "c1", "1,200 rows on main, 1,000 of them new that no model serves"),
        (1200, 0, "c1", "1,200 rows on main, 0 of them new that no model serves"),
        (0, 5, "c1", "0 rows on main, 5 of them new that no model serves"),
    ],
)
def test_the_data_of_a_dataset_in_words(rows: int | None, new: int | None, head: str | None, said: str) -> None:
    assert data(replace(NOTHING_KNOWN, rows=rows, rows_new=new, head=head)) == said


def test_new_rows_are_counted_from_the_served_model_where_there_is_one() -> None:
    without_model = replace(SERVED, model=None)
    dataset = replace(NOTHING_KNOWN, rows=2, rows_new=1, head="c1", endpoint=SERVED)

    assert data(dataset) == "2 rows on main, 1 of them new since the served model"
    assert data(replace(dataset, endpoint=without_model)).endswith("new that no model serves")


@pytest.mark.parametrize(
    ("rows", "files", "said"),
    [
        (None, None, ""),
        (0, 0, ""),
        (2, 0, "2 rows"),
        (0, 1, "1 whole file"),
        (1, 2, "1 row and 2 whole files"),
    ],
)
def test_what_was_set_aside_in_words(rows: int | None, files: int | None, said: str) -> None:
    assert quarantine(replace(NOTHING_KNOWN, rows_quarantined=rows, files_quarantined_whole=files)) == said


def test_no_endpoint_is_told_from_one_that_is_not_known() -> None:
    assert endpoint_state(replace(NOTHING_KNOWN, rows_new=0)).plain == "none yet"
    assert endpoint_state(NOTHING_KNOWN).plain == "not known"
    assert endpoint_state(replace(NOTHING_KNOWN, endpoint=SERVED)).style == "yellow"
    assert endpoint_state(replace(NOTHING_KNOWN, endpoint=replace(SERVED, state="in service"))).style == "green"


def test_training_that_is_due_is_told_from_what_is_not_known() -> None:
    whys = (None, "", "300 needed by lakeloop-local-wine")

    said = [next_training(replace(NOTHING_KNOWN, why_no_training=why), "lakeloop-local") for why in whys]

    assert said == ["not known", "due now", "300 needed by wine"]


def test_a_model_is_told_with_what_it_reached_and_learned_from() -> None:
    served = SERVED.model
    assert served is not None
    by_hand = replace(served, commit="", tuning_job="", value=None)

    assert model(served, "lakeloop-local", NOW).endswith(", validation:auc 0.9912, made 3 days ago")
    assert model(by_hand, "lakeloop-local", NOW) == "breast-cancer-db9811c91b8a, made 3 days ago"
    assert learned_from(served, HEAD, "lakeloop-local") == "commit 0416922081e6 by 4aaafe680cfe"
    assert learned_from(served, EARLIER, "lakeloop-local") == "commit 0416922081e6 (head of main) by 4aaafe680cfe"
    assert "made by hand" in learned_from(by_hand, HEAD, "lakeloop-local")


def test_commits_in_a_sentence_are_shortened_and_other_words_are_not() -> None:
    address = f"s3://lakeloop-landing/{'x' * 42}"

    assert len(address) == len(HEAD)
    assert short(f"{HEAD} is {address}", "lakeloop-local") == f"f7a7ff9a4b22 is {address}"


def test_numbers_are_parted_and_unknown_ones_are_asked_for() -> None:
    assert [number(value) for value in (None, 0, 12345)] == ["?", "0", "12,345"]


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ({names.WHY_TAG: "569 new rows at least 300 needed"}, ": 569 new rows at least 300 needed"),
        ({}, ""),
    ],
)
def test_why_the_last_job_was_started_is_told(tags: dict[str, str], said: str) -> None:
    job = TuningRun("lakeloop-local-4aaa", "c1", "Completed", NOW - timedelta(hours=5), tags=tags)

    assert last_training(job, "lakeloop-local", NOW) == f"4aaa Completed, started 5 hours ago{said}"

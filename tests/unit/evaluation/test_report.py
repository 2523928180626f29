"""The page of a model: what it says first, that it stands alone, and that it holds whatever words data has."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from lakeloop.contract import Problem
from lakeloop.evaluation.document import Evaluation, Trial
from lakeloop.evaluation.promotion import judge
from lakeloop.evaluation.report import render
from lakeloop.evaluation.report.axes import Scale
from lakeloop.evaluation.report.markup import element
from lakeloop.evaluation.scored import Scored, Task
from tests.unit.evaluation.browser import Tab, browser
from tests.unit.evaluation.evaluations import SLICED, about, evaluation, models
from tests.unit.evaluation.models import scored

PROBLEMS: tuple[Problem, ...] = ("binary", "multiclass", "regression")
FIGURES: dict[Problem, set[str]] = {
    "binary": {"ROC curve", "Precision and recall", "Calibration", "Scores by class", "Confusion"},
    "multiclass": {"Calibration", "Confusion"},
    "regression": {"Predicted and true", "Residuals", "Calibration"},
}


def words(page: str) -> str:
    """What a reader sees, in order."""
    body = page[page.index("<body>") :]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", body)).strip()


def headings(page: str, tag: str) -> list[str]:
    return re.findall(rf"<{tag}>(.*?)</{tag}>", page)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_the_first_line_is_the_verdict_with_its_reason(problem: Problem) -> None:
    found = evaluation(problem)

    told = words(render(found))

    assert told.startswith(f"Approved: {found.verdict.reasons[0]}")


@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_report_shows_all_that_is_known(problem: Problem) -> None:
    page = render(evaluation(problem))

    assert set(headings(page, "h3")) == FIGURES[problem] | {f"Gain of {evaluation(problem).verdict.metric}"} | {
        "Hyperparameters",
        "Features",
    }
    assert {"Better or not", "How it answers", "Trials", "What it looks at", "Where it comes from"} <= set(
        headings(page, "h2")
    )
    for word in ("region = north", "trial-3", "validation:auc", "4 trials gave a model, 1 gave none", "5a8d2cd8"):
        assert word in page
    assert "<dt>data commit</dt><dd>5a8d2cd8</dd>" in page
    assert "git sha" not in page
    assert page.count('class="best"') == 1
    assert "challenger, challenger 1 of champion, trained 2026-11-27 20:45 UTC" in page


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize(
    "rest",
    [{"first": True}, {"trials": (), "importance": {}, "lineage": {}}, {"rows": 8}, {"rows": 2}],
    ids=["first model", "nothing else known", "few rows", "hardly any rows"],
)
def test_what_is_not_known_is_left_out(problem: Problem, rest: dict[str, object]) -> None:
    found = evaluation(problem, **rest)  # type: ignore[arg-type]

    page = render(found)

    assert "NaN" not in page
    assert "nan" not in re.findall(r'[dxy][12]?="([^"]*)"', page)
    assert "Infinity" not in found.to_json()


def test_hyperparameters_that_are_words_stand_in_the_table_alone() -> None:
    trials = [Trial(f"t{n}", "Completed", 0.5 + n, {"eta": f"0.{n + 1}", "booster": "dart"}) for n in range(3)]

    page = render(evaluation("binary", trials=tuple(trials)))

    [drawn] = re.findall(r'<svg[^>]*aria-label="trials">.*?</svg>', page)
    assert "eta" in drawn
    assert "booster" not in drawn
    assert "<td>dart</td>" in page


def test_a_table_of_one_class_has_a_report() -> None:
    model = scored("m", [0.0] * 30, [0.2] * 30)
    task = Task("binary", ("no", "yes"), "auc")
    found = Evaluation.of(task, about(), judge(task, model, None, SLICED), model, None)

    page = render(found)

    assert "insufficient" in page
    assert "ROC curve" not in page
    assert json.loads(found.to_json())["verdict"]["metrics"]["auc"]["gain"]["value"] is None


def test_a_champion_on_rows_of_its_own_has_a_report() -> None:
    task, challenger, champion = models("binary")
    gone = Scored("champion", champion.rows.clear(), paired=False)
    found = Evaluation.of(task, about(), judge(task, challenger, gone, SLICED), challenger, gone)

    assert words(render(found)).startswith("Waits for a person: not compared row by row")


@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_report_stands_alone(problem: Problem) -> None:
    page = render(evaluation(problem))

    assert not re.search(r"<script|https?:|src=|@import|url\(", page)
    assert len(page) < 250_000


def test_words_of_the_data_are_words() -> None:
    evil = "<img src=x onerror=alert(1)>"
    labels = [0.0, 1.0] * 40
    task = Task("binary", (evil, "b"), "auc")
    model = scored(evil, labels, [0.1, 0.9] * 40, slice_region=[evil] * 80)
    verdict = judge(task, model, None, SLICED)
    known = about(dataset=evil, importance={evil: 1.0}, lineage={evil: evil})

    page = render(Evaluation.of(task, known, verdict, model, None))

    assert "<img" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_an_evaluation_is_json_that_others_can_read() -> None:
    found = json.loads(evaluation("binary").to_json())

    assert found["format"] == 1
    assert found["verdict"]["approval"] == "Approved"
    assert found["verdict"]["metrics"]["auc"]["challenger"]["interval"][2] == 0.95
    assert found["about"]["made"] == "2026-11-27T20:45:00+00:00"


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]), (-3, 7, [-2, 0, 2, 4, 6]), (5, 5, [5]), (0, 0.0003, [0, 1e-4, 2e-4, 3e-4])],
)
def test_ticks_are_round_numbers_within_the_range(low: float, high: float, ticks: list[float]) -> None:
    assert Scale(low, high, 0, 1).ticks()[: len(ticks)] == pytest.approx(ticks)


def test_an_element_keeps_the_order_of_its_text_and_children() -> None:
    made = element("p", "a", element("b", "c"), None, ["d", element("i", "e")], "f", class_="x", data_y=1.25)

    assert ET.tostring(made, encoding="unicode") == '<p class="x" data-y="1.2">a<b>c</b>d<i>e</i>f</p>'


@pytest.mark.skipif(browser() is None, reason="no Chromium on this machine")
def test_a_browser_opens_a_report_without_a_complaint_or_a_request(tmp_path: Path) -> None:
    pages = []
    for problem in PROBLEMS:
        pages.append(tmp_path / f"{problem}.html")
        pages[-1].write_text(render(evaluation(problem)))
    tab = Tab(browser() or "", tmp_path / "profile")
    try:
        for domain in ("Network", "Log", "Runtime", "Page"):
            tab.ask(f"{domain}.enable")
        for page in pages:
            tab.events.clear()
            tab.ask("Page.navigate", url=page.as_uri())
            tab.wait_for("Page.loadEventFired")
            shown = tab.ask("Runtime.evaluate", expression="document.querySelectorAll('svg path, svg rect').length")

            told = [event for event in tab.events if event["method"] in ("Log.entryAdded", "Runtime.consoleAPICalled")]
            asked = [
                event["params"]["request"]["url"]
                for event in tab.events
                if event["method"] == "Network.requestWillBeSent"
            ]
            assert told == []
            assert [url for url in asked if not url.startswith("data:")] == [page.as_uri()]
            assert shown["result"]["value"] > 5
    finally:
        tab.close()

"""Labels as callers tell them: what is taken, what counts, and what each refusal says."""

import json
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from lakeloop.capture import ids
from lakeloop.contract import DatasetContract
from lakeloop.feedback.label import Label, folder_of, labels_of, last_of_each
from lakeloop.feedback.service import FeedbackService
from lakeloop.serving.answer import Answer
from tests.cases import PLAN
from tests.data import tiny
from tests.fakes import MemoryContracts, MemoryLabels
from tests.unit.capture.world import AT, SCOPE, milliseconds

NOW = AT + timedelta(days=1)
OTHER = tiny(name="other")


def made(at: datetime = AT, *, kept: bool = True, scope: str = SCOPE) -> str:
    return ids.make(scope, kept=kept, milliseconds=milliseconds(at))


def capturing(**changes: object) -> DatasetContract:
    return tiny(capture=changes)


def tell(
    body: object,
    labels: MemoryLabels | None = None,
    contract: DatasetContract | None = None,
    now: datetime = NOW,
    dataset: str = "tiny",
) -> Answer:
    service = FeedbackService(
        contracts=MemoryContracts(contract or tiny(), OTHER),
        labels=labels if labels is not None else MemoryLabels(),
        name_prefix="lakeloop-test",
        clock=lambda: now,
    )
    return service.handle(dataset, body if isinstance(body, str) else json.dumps(body), "key-1")


def counted(labels: MemoryLabels) -> dict[str, Any]:
    """The label that counts, by inference id."""
    return {
        id_: json.loads(labels.kept[last.key].label)
        for id_, last in last_of_each(labels.keys(labels_of("tiny"))).items()
    }


def test_one_label_is_taken_with_who_said_so() -> None:
    labels, id_ = MemoryLabels(), made()

    answer = tell({"inference_id": id_, "label": "no", "label_source": "biopsy"}, labels)

    assert (answer.status, answer.body) == (200, {"dataset": "tiny", "inference_id": id_, "verdict": "recorded"})
    [label] = labels.kept.values()
    assert (label.label, label.label_source, label.caller, label.event_time) == ('"no"', "biopsy", "key-1", NOW)


def test_the_same_label_again_changes_nothing() -> None:
    labels, told = MemoryLabels(), {"inference_id": made(), "label": "no", "event_time": AT.isoformat()}

    verdicts = [tell(told, labels, now=NOW + timedelta(hours=hours)).body["verdict"] for hours in (0, 1)]

    assert verdicts == ["recorded", "known already"]
    assert len(labels.kept) == 1


def arrivals() -> list[dict[str, str]]:
    text = (PLAN / "corrected-label-comes-first" / "feedback.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_corrected_label_comes_first(order: tuple[int, ...]) -> None:
    labels = MemoryLabels()
    told = arrivals()
    now = max(datetime.fromisoformat(one["arrived"]) for one in told)

    for place in order:
        body = {key: value for key, value in told[place].items() if key != "arrived"}
        # In the order of the file each label has its own arrival; else what matters is that none is in the future.
        ordered = order == tuple(range(4))
        answer = tell(body, labels, now=datetime.fromisoformat(told[place]["arrived"]) if ordered else now)
        assert answer.status == 200
        if ordered:
            expected = ["recorded", "older, kept the newer", "recorded", "recorded"][place]
            assert answer.body["verdict"] == expected

    assert counted(labels)["i1"] == "yes"
    if order == tuple(range(4)):
        assert counted(labels)["i2"] == "yes"


def test_several_labels_have_a_verdict_each_in_their_order() -> None:
    labels, good = MemoryLabels(), made()
    told = [
        {"inference_id": good, "label": "yes"},
        {"inference_id": made(kept=False), "label": "yes"},
        {"inference_id": made(AT - timedelta(days=40)), "label": "yes"},
        {"inference_id": made(scope=ids.scope("lakeloop-test", "other")), "label": "yes"},
        {"inference_id": made(scope=ids.scope("lakeloop-test", "gone")), "label": "yes"},
        {"inference_id": good, "label": "maybe"},
        {"inference_id": good},
        {"label": "yes"},
        7,
        {"inference_id": "order-7", "label": "no", "event_time": "2026-11-26T10:00:00"},
        {"inference_id": "order-7", "label": "no"},
    ]

    answer = tell({"labels": told}, labels)

    found = answer.body["labels"]
    assert isinstance(found, list)
    assert [one.get("verdict") or one["error"] for one in found] == [
        "recorded",
        "not_captured",
        "too_old",
        "other_dataset",
        "unknown_inference_id",
        *["invalid_request"] * 5,
        "recorded",
    ]
    assert [[field["field"] for field in one.get("fields", [])] for one in found[5:10]] == [
        ["label"],
        ["label"],
        ["inference_id"],
        ["inference_id", "label"],
        ["event_time"],
    ]
    assert (answer.status, answer.body["taken"], answer.body["refused"]) == (200, 2, 9)
    assert counted(labels) == {good: "yes", "order-7": "no"}


@pytest.mark.parametrize(
    ("id_", "contract", "status", "says"),
    [
        (made(kept=False), capturing(fraction=0.25), 422, "keeps 25.00% of them"),
        ("order-7", capturing(enabled=False), 422, "predictions of tiny are not kept"),
        (made(AT - timedelta(days=8)), capturing(join_days=7), 410, "labels count for 7 days"),
        (made(scope=ids.scope("lakeloop-test", "other")), tiny(), 404, "POST /datasets/other/feedback"),
        (made(scope="else"), tiny(), 404, "no prediction of tiny has this id"),
    ],
    ids=["left-out", "not-capturing", "too-old", "other-dataset", "other-environment"],
)
def test_one_label_that_cannot_be_taken_says_why(id_: str, contract: DatasetContract, status: int, says: str) -> None:
    labels = MemoryLabels()

    answer = tell({"inference_id": id_, "label": "yes"}, labels, contract)

    assert answer.status == status
    assert says in str(answer.body["message"])
    assert labels.kept == {}


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ("", 400, ""),
        ("[]", 400, ""),
        ('{"labels": []}', 400, "labels"),
        ('{"labels": {}}', 400, "labels"),
        ('{"labels": [{}], "label": 1}', 400, "label"),
        (json.dumps({"labels": [{}] * 501}), 400, "labels"),
        ('{"inference_id": "a", "label": "yes", "who": 1}', 400, "who"),
        ('{"inference_id": 7, "label": "yes"}', 400, "inference_id"),
        ('{"inference_id": "a", "label": null}', 400, "label"),
        ('{"inference_id": "a", "label": {}}', 400, "label"),
        ('{"inference_id": "a", "label": "yes", "label_source": 1}', 400, "label_source"),
        ('{"inference_id": "a", "label": "yes", "event_time": "soon"}', 400, "event_time"),
        ('{"inference_id": "a", "label": "yes", "event_time": 17}', 400, "event_time"),
        ('{"inference_id": "a", "label": "yes", "event_time": "0001-01-01T00:00:00+23:59"}', 400, "event_time"),
        pytest.param('{"label": "%s"}' % ("x" * 10_000_000), 413, None, id="10 MB"),
    ],
)
def test_a_body_that_is_none_says_what_is_wrong(body: str, status: int, field: str | None) -> None:
    answer = tell(body)

    assert answer.status == status
    if field is not None:
        assert field in [one["field"] for one in answer.body["fields"]]  # type: ignore[attr-defined]


def test_a_dataset_that_is_none_is_a_404() -> None:
    body = {"inference_id": "a", "label": "yes"}

    assert [tell(body, dataset=name).status for name in ("nope", "../tiny", "x" * 500)] == [404, 404, 404]


@pytest.mark.parametrize("id_", ["a/b", "..", ".", "a b", "a%2Fb", "a\\b?#"])
def test_an_id_of_any_letters_is_a_folder_of_its_own(id_: str) -> None:
    label = Label(dataset="tiny", inference_id=id_, label='"no"', event_time=NOW, arrived=NOW)

    assert label.key.count("/") == 3
    assert last_of_each([label.key])[id_].key == label.key
    assert "." not in folder_of("tiny", id_)


def test_a_number_is_kept_to_the_digit() -> None:
    labels = MemoryLabels()
    contract = tiny(
        problem="regression",
        positive_class=None,
        label="f",
        training={**tiny().training.model_dump(exclude={"ranges"}), "metric": "rmse"},
    )

    assert tell('{"inference_id": "a", "label": 1.50}', labels, contract).status == 200

    assert [label.label for label in labels.kept.values()] == ["1.50"]


def test_a_clock_that_is_ahead_is_set_to_the_arrival() -> None:
    labels = MemoryLabels()

    tell({"inference_id": "a", "label": "no", "event_time": "2031-01-01T00:00:00Z"}, labels)

    assert [label.event_time for label in labels.kept.values()] == [NOW]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_last_of_two_labels_counts_in_whichever_order_they_are_listed(order: tuple[int, ...]) -> None:
    keys = [f"{folder_of('tiny', 'order-7')}2026-11-{day}T00:00:00.000000Z-{'a' * 8}.json" for day in (26, 27)]

    found = last_of_each(keys[place] for place in order)

    assert found["order-7"].key == keys[1]


@pytest.mark.parametrize(("length", "status"), [(64, 200), (65, 400)])
def test_who_said_so_has_64_characters_at_most(length: int, status: int) -> None:
    body = {"inference_id": "order-7", "label": "yes", "label_source": "x" * length}

    assert tell(body).status == status

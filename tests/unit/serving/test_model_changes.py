"""Whose contract judges a request, and which model is named, while one takes another's place."""

import pytest

from lakeloop.contract import DatasetContract
from lakeloop.errors import ModelFailedError
from lakeloop.serving.answer import Answer
from lakeloop.serving.ports import UNKNOWN_MODEL, EndpointView, LiveModel
from tests.data import tiny
from tests.fakes import MemoryEndpoints
from tests.unit.serving.asking import GOOD, ask, problems, with_columns


def test_a_value_put_at_the_head_of_allowed_does_not_change_what_the_served_model_reads() -> None:
    endpoints = MemoryEndpoints(views=[EndpointView(LiveModel("m", "trained"))])

    ask({"features": GOOD}, endpoints, today=with_columns(c={"allowed": ["app", "a", "b"]}), trained=tiny())

    assert endpoints.bodies == ["1.5,7,2,1"]


def test_a_new_column_does_not_take_predictions_down() -> None:
    tolls = {"name": "tolls", "type": "float", "nullable": True, "description": "new"}
    endpoints = MemoryEndpoints(views=[EndpointView(LiveModel("m", "trained"))])

    today = with_columns(tolls)
    without = ask({"features": GOOD}, endpoints, today=today, trained=tiny())
    with_it = ask({"features": {**GOOD, "tolls": 3}}, endpoints, today=today, trained=tiny())

    assert (without.status, with_it.status, endpoints.bodies) == (200, 200, ["1.5,7,2,1", "1.5,7,2,1"])


def test_a_value_that_the_served_model_never_learned_is_refused_though_todays_contract_takes_it() -> None:
    endpoints = MemoryEndpoints(views=[EndpointView(LiveModel("m", "trained"))])
    today = with_columns(c={"allowed": ["a", "b", "z"]})

    answer = ask({"features": {**GOOD, "c": "z"}}, endpoints, today=today, trained=tiny())

    assert problems(answer) == {"features.c": "expected one of a, b, found `z`"}


OLD, NEW = LiveModel("old", "before", "d1"), LiveModel("new", "after", "d2")


CHANGED = with_columns(c={"allowed": ["b", "a"]})


def switching(*views: EndpointView | None, after: DatasetContract) -> tuple[Answer, list[str]]:
    """The answer, and what the endpoint was sent, while it looks like this one look after another."""
    endpoints = MemoryEndpoints(views=list(views))
    return ask({"features": GOOD}, endpoints, before=tiny(), after=after), endpoints.bodies


def test_while_the_new_fleet_is_only_being_made_the_old_model_answers_and_is_named() -> None:
    making = EndpointView(OLD, NEW)

    answer, sent = switching(making, making, after=CHANGED)

    assert (answer.body["model"], sent) == ("old", ["1.5,7,2,1"])


def test_an_answer_that_the_switch_overtook_is_asked_for_again_and_names_the_new_model() -> None:
    answer, sent = switching(EndpointView(OLD, NEW), EndpointView(NEW), after=CHANGED)

    assert (answer.body["model"], sent) == ("new", ["1.5,7,2,1", "1.5,7,1,1"])


def test_while_both_may_answer_alike_the_candidate_is_named_beside_the_model() -> None:
    both = EndpointView(OLD, NEW, shifting=True)

    answer, _ = switching(both, both, after=tiny())

    assert (answer.status, answer.body["model"]) == (200, "old")
    assert answer.body["candidate"] == {"model": "new", "data_commit": "d2"}


@pytest.mark.parametrize(
    ("before", "after"),
    [(tiny(), CHANGED), (CHANGED, tiny()), (tiny(), with_columns(f={"max": 1}))],
    ids=["higher codes", "lower codes", "refuses the row"],
)
def test_while_both_may_answer_and_would_not_read_the_same_the_caller_is_asked_to_wait(
    before: DatasetContract, after: DatasetContract
) -> None:
    both = EndpointView(OLD, NEW, shifting=True)

    answer = ask({"features": GOOD}, MemoryEndpoints(views=[both]), before=before, after=after)

    assert (answer.status, answer.body["error"], answer.headers["Retry-After"]) == (503, "model_busy", "30")


TURNED = tiny(positive_class="no")


@pytest.mark.parametrize(("before", "after"), [(tiny(), TURNED), (TURNED, tiny())])
def test_while_both_may_answer_and_mean_different_classes_the_caller_is_asked_to_wait(
    before: DatasetContract, after: DatasetContract
) -> None:
    both = EndpointView(OLD, NEW, shifting=True)

    answer = ask({"features": GOOD}, MemoryEndpoints(views=[both]), before=before, after=after)

    assert (answer.status, answer.body["error"]) == (503, "model_busy")


def test_traffic_that_begins_to_shift_while_the_model_answers_names_the_candidate_too() -> None:
    answer, _ = switching(EndpointView(OLD, NEW), EndpointView(OLD, NEW, shifting=True), after=tiny())

    assert (answer.status, answer.body["model"]) == (200, "old")
    assert answer.body["candidate"] == {"model": "new", "data_commit": "d2"}


def test_a_rollback_before_any_traffic_leaves_the_old_model_named() -> None:
    answer, _ = switching(EndpointView(OLD, NEW), EndpointView(OLD), after=CHANGED)

    assert answer.body["model"] == "old"


def test_a_model_that_cannot_read_the_row_because_it_was_replaced_is_asked_again_as_what_it_is() -> None:
    class Replaced(MemoryEndpoints):
        def invoke(self, endpoint: str, body: str, inference_id: str) -> str:
            super().invoke(endpoint, body, inference_id)
            if len(self.bodies) == 1:
                raise ModelFailedError("the model could not answer")
            return "0.2"

    endpoints = Replaced(views=[EndpointView(OLD), EndpointView(NEW)])
    answer = ask({"features": GOOD}, endpoints, before=tiny(), after=CHANGED)

    assert (answer.status, answer.body["model"]) == (200, "new")


@pytest.mark.parametrize(("seconds", "status"), [(7.9, 200), (8, 503)])
def test_a_second_answer_is_asked_for_only_while_there_is_time_for_one(
    monkeypatch: pytest.MonkeyPatch, seconds: float, status: int
) -> None:
    clock = [3.0]
    monkeypatch.setattr("lakeloop.serving.scoring.time.monotonic", lambda: clock[0])

    class Slow(MemoryEndpoints):
        def invoke(self, endpoint: str, body: str, inference_id: str) -> str:
            clock[0] += seconds
            return super().invoke(endpoint, body, inference_id)

    endpoints = Slow(views=[EndpointView(OLD, NEW), EndpointView(NEW)])

    assert ask({"features": GOOD}, endpoints, before=tiny(), after=CHANGED).status == status


def test_an_endpoint_that_goes_while_it_answers_has_no_model() -> None:
    answer, _ = switching(EndpointView(OLD, NEW), None, after=CHANGED)

    assert (answer.status, answer.body["error"]) == (503, "no_model")


def test_describe_throttled_in_a_cold_process_is_answered_without_a_name() -> None:
    answer = ask({"features": GOOD}, MemoryEndpoints(views=[EndpointView(UNKNOWN_MODEL)]))

    assert (answer.status, answer.body["model"], answer.body["data_commit"]) == (200, None, None)

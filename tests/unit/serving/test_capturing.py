"""Answered predictions are told before the answer: which, what of them, and never at the cost of the answer."""

import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest

from lakeloop.capture import ids
from lakeloop.observability import metrics
from lakeloop.serving.ports import EndpointView, LiveModel
from tests.data import tiny
from tests.fakes import MemoryCaptureTopic, MemoryEndpoints
from tests.unit.serving.asking import GOOD, told_service, with_columns

SCOPE = ids.scope("lakeloop-test", "tiny")


def batch(*rows: dict[str, object]) -> str:
    return json.dumps({"rows": [{"features": row} for row in rows]})


def test_a_prediction_is_told_as_it_was_answered() -> None:
    topic = MemoryCaptureTopic()
    endpoints = MemoryEndpoints("0.75")
    body = '{"features": {"f": 1.50, "i": 7, "c": "b", "t": true, "id": "k1"}}'
    before = datetime.now(UTC)

    answer = told_service(topic, endpoints).handle("tiny", body, "key-1")

    [[capture]] = topic.told
    assert capture.inference_id == answer.body["inference_id"]
    assert before <= capture.predicted_at <= datetime.now(UTC)
    assert (capture.dataset, capture.model, capture.caller) == ("tiny", answer.body["model"], "key-1")
    assert capture.input == '{"f":1.50,"i":7,"c":"b","t":true,"id":"k1"}'
    assert (capture.prediction, capture.confidence) == ("yes", 0.75)
    assert json.loads(capture.probabilities or "") == answer.body["probabilities"]
    assert capture.latency_ms >= 0


def test_a_row_that_is_refused_is_not_told() -> None:
    topic = MemoryCaptureTopic()

    answer = told_service(topic, MemoryEndpoints("0.9\n0.1")).handle_batch("tiny", batch(GOOD, {"f": 99}, GOOD))

    [captures] = topic.told
    rows = answer.body["rows"]
    assert isinstance(rows, list)
    assert [capture.inference_id for capture in captures] == [rows[0]["inference_id"], rows[2]["inference_id"]]
    assert [capture.prediction for capture in captures] == ["yes", "no"]


def test_a_topic_that_is_down_costs_no_answer_and_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    topic = MemoryCaptureTopic(down=TimeoutError("the time is over"))

    answer = told_service(topic).handle("tiny", json.dumps({"features": GOOD}))

    assert answer.status == 200
    assert metrics.metric_set["CapturesLost"]["Value"] == [1.0]
    metrics.clear_metrics()
    capsys.readouterr()


def test_what_the_contract_calls_sensitive_is_left_out() -> None:
    topic = MemoryCaptureTopic()
    contract = with_columns(c={"sensitive": True, "feature": True})

    assert told_service(topic, None, contract).handle("tiny", json.dumps({"features": GOOD})).status == 200

    [[capture]] = topic.told
    assert json.loads(capture.input) == {"f": 1.5, "i": 7, "t": True}


def test_what_is_sensitive_is_hashed_where_the_contract_says_so() -> None:
    topic = MemoryCaptureTopic()
    contract = with_columns(c={"sensitive": True, "feature": True}).model_copy(
        update={"capture": tiny(capture={"sensitive": "hash"}).capture}
    )
    rows = (GOOD, GOOD, {**GOOD, "c": "a"}, {**GOOD, "c": None})

    told_service(topic, MemoryEndpoints("0.9\n0.9\n0.9\n0.9"), contract).handle_batch("tiny", batch(*rows))

    first, second, other, none = (json.loads(capture.input)["c"] for capture in topic.told[0])
    expected = hmac.new(b"a key of the environment", b'tiny\0c\0"b"', hashlib.sha256).hexdigest()
    assert first == second == f"hmac-sha256:{expected}"
    assert other != first
    assert none is None


def test_what_the_models_own_contract_calls_sensitive_is_left_out_too() -> None:
    topic = MemoryCaptureTopic()
    then = with_columns(c={"sensitive": True, "feature": True})
    endpoints = MemoryEndpoints(views=[EndpointView(LiveModel("model-1", "then", "commit"))])

    told_service(topic, endpoints, with_columns(), then=then).handle("tiny", json.dumps({"features": GOOD}))

    [[capture]] = topic.told
    assert "c" not in json.loads(capture.input)
    assert (capture.contract, capture.data_commit) == ("then", "commit")


def test_what_no_model_judges_is_told_whatever_it_is() -> None:
    topic = MemoryCaptureTopic()
    endpoints = MemoryEndpoints(views=[EndpointView(LiveModel("model-1", "then", "commit"))])
    today = with_columns({"name": "added", "type": "float", "feature": True})
    body = json.dumps({"features": {**GOOD, "added": [1.5, {"deep": 2}]}})

    assert told_service(topic, endpoints, today, then=with_columns()).handle("tiny", body).status == 200

    [[capture]] = topic.told
    assert list(json.loads(capture.input)) == [*GOOD, "added"]


def test_nothing_is_told_where_capture_is_off_and_the_id_says_so() -> None:
    topic = MemoryCaptureTopic()

    answer = told_service(topic, None, tiny(capture={"enabled": False})).handle("tiny", json.dumps({"features": GOOD}))

    made = ids.read(SCOPE, str(answer.body["inference_id"]))
    assert topic.told == []
    assert made is not None
    assert not made.kept


def test_a_fraction_is_told_and_each_id_says_whether_it_is_in_it() -> None:
    topic = MemoryCaptureTopic()
    rows = 500
    service = told_service(topic, MemoryEndpoints("\n".join(["0.9"] * rows)), tiny(capture={"fraction": 0.25}))

    answer = service.handle_batch("tiny", batch(*[GOOD] * rows))

    told = {capture.inference_id for capture in topic.told[0]}
    found = answer.body["rows"]
    assert isinstance(found, list)
    made = {row["inference_id"]: ids.read(SCOPE, row["inference_id"]) for row in found}
    assert told == {id_ for id_, said in made.items() if said and said.kept}
    # 125 are expected, with a standard deviation of 10.
    assert 75 <= len(told) <= 175


def test_a_callers_own_id_is_told_under_that_id_and_has_one_fate_whenever_it_is_asked() -> None:
    topic = MemoryCaptureTopic()
    service = told_service(topic, None, tiny(capture={"fraction": 0.5}))
    own = [f"order {number}" for number in range(40)]

    for id_ in [*own, *own]:
        service.handle("tiny", json.dumps({"features": GOOD, "inference_id": id_}))

    told = [capture.inference_id for captures in topic.told for capture in captures]
    assert sorted(told) == sorted([*set(told), *set(told)])
    assert 5 < len(set(told)) < 35


def test_columns_that_no_model_reads_may_come_along_and_are_judged() -> None:
    topic = MemoryCaptureTopic()
    contract = with_columns({"name": "joined", "type": "date"})
    service = told_service(topic, None, contract)

    good = service.handle("tiny", json.dumps({"features": {**GOOD, "id": "k1", "joined": "2026-01-31"}}))
    bad = service.handle("tiny", json.dumps({"features": {**GOOD, "joined": "soon"}}))

    assert good.status == 200
    assert json.loads(topic.told[0][0].input)["joined"] == "2026-01-31"
    assert bad.status == 400
    assert "features.joined" in str(bad.body)

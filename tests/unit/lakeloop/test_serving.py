"""What a caller of the prediction API gets, for every kind of request."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeloop.contract import DatasetContract
from lakeloop.errors import ModelBusyError, ModelFailedError, NoModelError
from lakeloop.serving.prediction import interpret
from lakeloop.serving.service import Answer, PredictionService
from tests.data import tiny
from tests.fakes import MemoryContracts, MemoryEndpoints

GOOD = {"f": 1.5, "i": 7, "c": "b", "t": True}


def ask(body: object, endpoints: MemoryEndpoints | None = None, dataset: str = "tiny") -> Answer:
    service = PredictionService(
        contracts=MemoryContracts(tiny()), endpoints=endpoints or MemoryEndpoints(), name_prefix="lakeloop-test"
    )
    return service.handle(dataset, body if isinstance(body, str) else json.dumps(body))


def problems(answer: Answer) -> dict[str, str]:
    fields = answer.body["fields"]
    assert isinstance(fields, list)
    return {entry["field"]: entry["problem"] for entry in fields}


def test_a_prediction_names_class_confidence_model_and_inference() -> None:
    answer = ask({"features": GOOD, "inference_id": "i-1"})

    assert answer.status == 200
    assert answer.body == {
        "inference_id": "i-1",
        "dataset": "tiny",
        "prediction": "yes",
        "confidence": 0.9,
        "probabilities": {"no": pytest.approx(0.1), "yes": 0.9},
        "model_version": "model-1",
    }


def test_the_model_reads_the_features_in_the_order_of_the_contract() -> None:
    endpoints = MemoryEndpoints()

    ask({"features": dict(reversed(GOOD.items()))}, endpoints)
    ask({"features": {"f": 0}}, endpoints)

    assert endpoints.bodies == ["1.5,7,1,1", "0,,,"]


def test_an_inference_without_an_id_is_given_one() -> None:
    ids = {ask({"features": GOOD}).body["inference_id"] for _ in range(2)}

    assert len(ids) == 2


def test_every_field_that_does_not_fit_is_named() -> None:
    answer = ask({"features": {"i": 1.5, "c": "z", "t": "perhaps", "q": 1}, "inference_id": 7, "extra": 1})

    assert answer.status == 400
    assert problems(answer) == {
        "features.f": "missing",
        "features.i": "must be an integer, not 1.5",
        "features.c": "must be one of a, b",
        "features.t": "must be true or false",
        "features.q": "unknown",
        "inference_id": "must be text of 1 to 64 characters",
        "extra": "unknown",
    }


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("1.5", 'must be a number, not "1.5"'),
        (True, "must be a number, not true"),
        (-1, "must be at least 0"),
        (11, "must be at most 10"),
    ],
)
def test_a_number_is_a_number_within_its_limits(value: object, problem: str) -> None:
    assert problems(ask({"features": {**GOOD, "f": value}})) == {"features.f": problem}


@pytest.mark.parametrize("body", ["", "no json", "[]", "{}", '{"features": 1}', '{"features": {"f": NaN}}'])
def test_what_is_no_request_is_refused(body: str) -> None:
    assert ask(body).status == 400


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_no_body_whatever_breaks_the_service(body: object) -> None:
    assert ask({"features": body}).status in (200, 400)
    assert ask({"features": {"f": body, "c": body}}).status in (200, 400)


@pytest.mark.parametrize(
    ("error", "status", "name"),
    [
        (NoModelError("x"), 503, "no_model"),
        (ModelBusyError("x"), 503, "model_busy"),
        (ModelFailedError("x"), 502, "model_failed"),
    ],
)
def test_what_the_endpoint_cannot_do_is_said(error: Exception, status: int, name: str) -> None:
    answer = ask({"features": GOOD}, MemoryEndpoints(answer=error))

    assert (answer.status, answer.body["error"]) == (status, name)


def test_no_endpoint_yet_is_503_and_an_unknown_dataset_404() -> None:
    assert ask({"features": GOOD}, MemoryEndpoints(live=None)).status == 503
    assert ask({"features": GOOD}, dataset="other").status == 404


def multiclass() -> DatasetContract:
    columns = tiny().model_dump(mode="json")["columns"]
    columns[1] = {"name": "y", "type": "category", "allowed": ["r", "g", "b"], "description": "label"}
    training = {**tiny().training.model_dump(mode="json"), "metric": "mlogloss"}
    return tiny(problem="multiclass", positive_class=None, columns=columns, training=training)


@pytest.mark.parametrize("scores", ["0.2,0.7,0.1", "0.2\n0.7\n0.1\n", "[0.2, 0.7, 0.1]\n"])
def test_scores_of_several_classes_are_read_as_old_and_new_containers_write_them(scores: str) -> None:
    assert interpret(scores, multiclass()).prediction == "g"


@pytest.mark.parametrize("scores", ["", "abc", "0.1,0.2"])
def test_scores_that_do_not_fit_are_the_models_failure(scores: str) -> None:
    with pytest.raises(ModelFailedError):
        interpret(scores, tiny())

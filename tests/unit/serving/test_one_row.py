"""What a caller of the prediction API gets for one row, and what the model is sent of it."""

import json

import pytest
import yaml

from lakeloop.contract import DatasetContract
from lakeloop.errors import ModelBusyError, ModelFailedError, NoModelError, TransientError
from lakeloop.serving.capturing import Capturing
from lakeloop.serving.service import PredictionService
from tests.cases import OPS
from tests.data import tiny
from tests.fakes import MemoryCaptureTopic, MemoryContracts, MemoryEndpoints, MemoryKeys, MemoryModelContracts
from tests.unit.serving.asking import GOOD, ask, with_columns


def test_a_prediction_names_class_confidence_model_and_inference() -> None:
    answer = ask({"features": GOOD, "inference_id": "i-1"})

    assert answer.status == 200
    assert answer.body == {
        "inference_id": "i-1",
        "dataset": "tiny",
        "prediction": "yes",
        "confidence": 0.9,
        "probabilities": {"no": pytest.approx(0.1), "yes": 0.9},
        "model": "model-1",
        "data_commit": "commit-1",
    }


def test_the_model_reads_the_features_in_the_order_of_the_contract() -> None:
    endpoints = MemoryEndpoints()

    ask({"features": dict(reversed(GOOD.items()))}, endpoints)
    ask({"features": {"f": 0}}, endpoints)

    assert endpoints.bodies == ["1.5,7,2,1", "0,,,"]


def test_an_answer_is_what_api_gateway_wants() -> None:
    answer = ask({"features": GOOD}, MemoryEndpoints(answer=ModelBusyError("it starts")))

    assert answer.to_proxy() == {
        "statusCode": 503,
        "headers": {"Content-Type": "application/json", "Retry-After": "30"},
        "body": '{"error": "model_busy", "message": "it starts: try again"}',
    }


def test_an_inference_without_an_id_is_given_one() -> None:
    ids = {ask({"features": GOOD}).body["inference_id"] for _ in range(2)}

    assert len(ids) == 2


@pytest.mark.parametrize(
    ("error", "status", "name"),
    [
        (NoModelError("x"), 503, "no_model"),
        (ModelBusyError("x"), 503, "model_busy"),
        (ModelFailedError("x"), 502, "model_failed"),
    ],
)
def test_what_the_endpoint_cannot_do_is_said_and_asked_of_it_once(error: Exception, status: int, name: str) -> None:
    endpoints = MemoryEndpoints(answer=error)

    answer = ask({"features": GOOD}, endpoints)

    assert (answer.status, answer.body["error"]) == (status, name)
    assert len(endpoints.bodies) == 1


def test_no_endpoint_yet_is_503_and_an_unknown_dataset_404() -> None:
    assert ask({"features": GOOD}, MemoryEndpoints(views=[None])).status == 503
    assert ask({"features": GOOD}, dataset="other").status == 404


def test_only_feature_missing_is_one_missing_value_and_no_empty_line() -> None:
    case = OPS / "only-feature-missing"
    columns = yaml.safe_load((case / "contract-columns.yaml").read_text())
    contract = tiny(label="outcome", columns=columns)
    endpoints = MemoryEndpoints()

    answer = ask(json.loads((case / "request.json").read_text()), endpoints, today=contract)

    assert (answer.status, endpoints.bodies) == (200, ["nan"])


class KeyTooLong(MemoryContracts):
    """What S3 answers to a key that it has no room for reaches the service as an error that is no "not found"."""

    def get(self, dataset: str) -> DatasetContract:
        raise TransientError(f"KeyTooLongError: {dataset}")


def test_dataset_name_too_long_is_a_short_404_without_asking_for_it() -> None:
    path = (OPS / "dataset-name-too-long" / "request.txt").read_text().split()[1]
    times = int(path.partition("(")[2].partition(" ")[0].replace(",", ""))
    service = PredictionService(
        contracts=KeyTooLong(),
        model_contracts=MemoryModelContracts(),
        endpoints=MemoryEndpoints(),
        capturing=Capturing(MemoryCaptureTopic(), MemoryKeys(), "lakeloop-test"),
        name_prefix="lakeloop-test",
    )

    answer = service.handle("a" * times, '{"features": {}}')

    assert (answer.status, answer.body["error"]) == (404, "unknown_dataset")
    assert answer.body["message"] == f"there is no dataset '{'a' * 40}'"
    assert service.handle("tiny", '{"features": {}}').status == 503


@pytest.mark.parametrize(("value", "read"), [(-2.5, "-2.5"), (0.1, "0.10000000149011612"), (2**30, "1073741824")])
def test_a_number_without_limits_is_read_as_it_is_in_32_bits(value: float, read: str) -> None:
    endpoints = MemoryEndpoints()

    ask({"features": {"f": value}}, endpoints, today=with_columns(f={"min": None, "max": None}))

    assert endpoints.bodies == [f"{read},,,"]


def test_the_largest_integer_that_a_double_tells_from_its_neighbours_is_one() -> None:
    endpoints = MemoryEndpoints()

    ask('{"features": {"f": 1, "i": 9007199254740992}}', endpoints)

    assert endpoints.bodies == ["1,9007199254740992.0,,"]


def test_an_unforeseen_error_is_answered_in_the_apis_form_without_our_insides() -> None:
    answer = ask({"features": GOOD}, MemoryEndpoints(answer=ZeroDivisionError("secret")))

    assert (answer.status, answer.body["error"]) == (500, "internal")
    assert "secret" not in json.dumps(answer.to_proxy())

"""The prediction API as the command calls it, and its answers in words."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lakeloop.client.errors import AdvisedError
from lakeloop.client.predictions import (
    PredictionApi,
    features_of_row,
    parse_features,
    parse_row_reference,
    refusal,
)
from tests.data import tiny


@dataclass
class Gateway:
    """An API that notes requests and answers what it is told to."""

    status: int = 200
    body: object = None
    requests: list[tuple[str, dict[str, str], object]] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    state = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            state.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            answer = json.dumps(state.body).encode()
            self.send_response(state.status)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield state
    server.shutdown()
    server.server_close()


def test_a_prediction_is_asked_for_with_the_key_and_only_the_features(gateway: Gateway) -> None:
    gateway.body = {
        "inference_id": "i1",
        "dataset": "tiny",
        "prediction": "yes",
        "confidence": 0.9,
        "probabilities": {"no": 0.1, "yes": 0.9},
        "model": "m1",
        "data_commit": "c1",
    }

    answer = PredictionApi(f"{gateway.url}/v1", "secret").predict("tiny", {"f": 1.5})

    ((path, headers, body),) = gateway.requests
    assert (path, headers["x-api-key"], body) == ("/v1/datasets/tiny/predictions", "secret", {"features": {"f": 1.5}})
    assert answer.prediction.probabilities == {"no": 0.1, "yes": 0.9}
    assert (answer.prediction.model, answer.prediction.data_commit, answer.prediction.candidate) == ("m1", "c1", None)
    assert answer.seconds > 0


def test_a_refused_request_names_every_field(gateway: Gateway) -> None:
    gateway.status = 400
    gateway.body = {
        "error": "invalid_request",
        "message": "the request does not fit",
        "fields": [{"field": "features.f", "problem": "missing"}, {"field": "features.z", "problem": "unknown"}],
    }

    with pytest.raises(AdvisedError) as raised:
        PredictionApi(gateway.url, "secret").predict("tiny", {})

    for told in ("400", "the request does not fit", "features.f: missing", "features.z: unknown"):
        assert told in raised.value.what


@pytest.mark.parametrize(
    ("status", "body", "what", "advice"),
    [
        (
            503,
            '{"error": "no_model", "message": "no model of tiny is in service yet"}',
            "no model of tiny",
            "lakeloop drop",
        ),
        (403, '{"message": "Forbidden"}', "Forbidden", "terraform apply"),
        (400, '{"message": "does not fit"}', "answered 400: does not fit", "mend the fields"),
        (404, '{"message": "no dataset"}', "answered 404: no dataset", "lakeloop status"),
        (429, '{"message": "Limit Exceeded"}', "answered 429: Limit Exceeded", "wait a little"),
        (502, "<html>Bad gateway</html>", "<html>Bad gateway</html>", "lakeloop logs predict"),
    ],
)
def test_other_refusals_say_what_to_do(status: int, body: str, what: str, advice: str) -> None:
    error = refusal(status, body)

    assert what in error.what
    assert advice in error.advice


def test_a_row_of_a_file_becomes_typed_features_without_key_and_label() -> None:
    row = {"id": "a1", "y": "yes", "f": " 1.5 ", "i": "3", "c": "a", "t": "TRUE"}

    assert features_of_row(tiny(), row) == {"f": 1.5, "i": 3, "c": "a", "t": True}


@pytest.mark.parametrize(("text", "sent"), [("1", True), ("TRUE", True), ("0", False), ("false", False)])
def test_words_of_a_boolean_are_sent_as_booleans(text: str, sent: bool) -> None:
    assert features_of_row(tiny(), {"t": text}) == {"t": sent}


def test_values_that_fit_no_type_are_sent_as_they_are_and_empty_ones_as_null() -> None:
    assert features_of_row(tiny(), {"f": "wide", "i": "1.5", "c": "", "t": "maybe"}) == {
        "f": "wide",
        "i": "1.5",
        "c": None,
        "t": "maybe",
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a.csv", ("a.csv", 1)), ("a.csv:12", ("a.csv", 12)), ("C:/x/a.csv", ("C:/x/a.csv", 1))],
)
def test_a_row_is_named_by_file_and_number(text: str, expected: tuple[str, int]) -> None:
    path, number = parse_row_reference(text)

    assert (str(path), number) == expected


@pytest.mark.parametrize("text", ["{", "[1]", '"text"'])
def test_features_that_are_no_json_object_are_refused(text: str) -> None:
    with pytest.raises(AdvisedError, match="--features is not"):
        parse_features(text)

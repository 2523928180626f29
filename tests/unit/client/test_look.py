"""The page to try a model with: what its form holds, what it shows, and whom it answers."""

import re
import threading
from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

import pytest
import urllib3

from lakeloop.client.errors import AdvisedError
from lakeloop.client.look_page import features_of_form, first_values, page
from lakeloop.client.look_server import LookServer
from lakeloop.client.predictions import Answer, Feature, Maker, Prediction
from lakeloop.contract import DatasetContract
from lakeloop.serving.reader import RequestReader
from tests.data import breast_cancer, tiny
from tests.unit.serving.asking import with_columns

FOUND = Answer(
    Prediction(inference_id="i-1", prediction="yes", confidence=0.9, probabilities={"no": 0.1, "yes": 0.9}, model="m"),
    seconds=0.0123,
)


@pytest.mark.parametrize("contract", [tiny(), breast_cancer()], ids=lambda contract: contract.name)
def test_the_form_begins_with_a_row_that_the_contract_takes(contract: DatasetContract) -> None:
    features = features_of_form(contract, first_values(contract))

    assert RequestReader(contract).csv(features)[1] == []
    assert all(f'name="{name}"' in page(contract, {}, None) for name in features)


def test_each_column_has_a_field_of_its_kind() -> None:
    drawn = page(tiny(), {"f": "2.5", "c": "b"}, None)

    assert '<input name="f" type="number" value="2.5" min="0" max="10" step="any" required' in drawn
    assert '<select name="c"><option></option><option>a</option><option selected>b</option></select>' in drawn
    assert '<select name="t"><option selected></option><option>true</option><option>false</option></select>' in drawn
    assert 'name="id"' not in drawn


def test_what_was_left_empty_is_nothing() -> None:
    assert features_of_form(tiny(), {"f": " 1.5", "i": "", "t": "true"}) == {"f": 1.5, "i": None, "c": None, "t": True}


def test_an_answer_names_model_candidate_and_probabilities() -> None:
    found = FOUND.prediction.model_copy(update={"candidate": Maker(model="n")})

    drawn = page(tiny(), {}, Answer(found, 0.01))

    for told in ("<h2>yes</h2>", "0.9000", "0.1000", "m or n, which an update is bringing", "i-1"):
        assert told in drawn


def test_nothing_from_elsewhere_becomes_markup() -> None:
    evil = "<script>alert(1)</script>\"'"
    contract = with_columns(c={"allowed": [evil, "b"]}, f={"description": evil}).model_copy(
        update={"description": evil}
    )
    found = FOUND.prediction.model_copy(update={"prediction": evil, "model": evil, "probabilities": {evil: 1.0}})

    for outcome in (Answer(found, 0.0), AdvisedError(evil, evil)):
        drawn = page(contract, {"f": evil, "c": evil}, outcome)
        assert "<script" not in drawn
        assert re.findall(r'value="[^"]*<', drawn) == []


def test_a_refusal_names_every_field() -> None:
    drawn = page(tiny(), {}, AdvisedError("answered 400\n  features.f: missing", "mend the fields"))

    assert '<section role="alert">' in drawn
    assert "features.f: missing" in drawn


@pytest.fixture
def server() -> Iterator[LookServer]:
    def ask(features: Mapping[str, Feature]) -> Answer:
        if features["f"] == 9:
            raise AdvisedError("it is full", "wait")
        if features["f"] == 8:
            raise urllib3.exceptions.ProtocolError("gone")
        return FOUND

    with LookServer(tiny(), ask) as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield found
        found.shutdown()


def send(server: LookServer, method: str = "GET", path: str = "", **options: str) -> urllib3.BaseHTTPResponse:
    body = urlencode({"f": options.pop("f", "1")}) if method == "POST" else None
    return urllib3.request(method, f"{server.url}{path}", body=body, headers=options, retries=False)


@pytest.mark.parametrize(("f", "told"), [("1", "<h2>yes</h2>"), ("9", "it is full"), ("8", "does not answer: gone")])
def test_a_row_that_is_sent_is_answered_on_the_page(server: LookServer, f: str, told: str) -> None:
    answer = send(server, "POST", f=f)

    assert (answer.status, told in answer.data.decode()) == (200, True)
    assert f'value="{f}"' in answer.data.decode()


def test_the_page_may_load_nothing_and_is_kept_nowhere(server: LookServer) -> None:
    answer = send(server)

    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "http" not in answer.data.decode()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_name_for_this_machine_or_another_path_is_nobodys(server: LookServer, method: str) -> None:
    assert send(server, method, Host="evil.example").status == 404
    assert send(server, method, path="x").status == 404
    assert send(server, method, path="%C3%A9").status == 404

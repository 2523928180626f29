"""`lakeloop api`: a request that works as printed, and a key that is shown to nobody who did not ask."""

import json
import shlex
from collections.abc import Iterator

import pytest

from lakeloop.cli.commands.api import api
from lakeloop.client.api_keys import ApiKeys
from lakeloop.client.environment import Environment
from tests.data import breast_cancer
from tests.fakes import MemoryContracts
from tests.unit.client.deployed import emulated
from tests.unit.serving.asking import csv_of

KEY = "a-key-of-twenty-characters"
URL = "https://abc123.execute-api.us-east-1.amazonaws.com/v1/datasets/breast_cancer/predictions"


@pytest.fixture(autouse=True)
def _deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with emulated(monkeypatch) as environment:
        monkeypatch.setattr(Environment, "contracts", MemoryContracts(breast_cancer()))
        monkeypatch.setattr(Environment, "load", classmethod(lambda cls: environment))
        monkeypatch.setattr(
            ApiKeys, "value", lambda _self, caller=None: KEY if caller is None else f"{KEY}-of-{caller}"
        )
        yield


def test_the_curl_posts_a_row_that_the_contract_takes_and_reads_the_key_itself(
    capsys: pytest.CaptureFixture[str],
) -> None:
    api()

    words = shlex.split(capsys.readouterr().out.splitlines()[-1])
    assert words[:3] == ["curl", "-sS", URL]
    assert "x-api-key: $(lakeloop api --key)" in words
    assert csv_of(words[-1], breast_cancer())


def test_the_key_is_masked_unless_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    api()
    assert KEY not in capsys.readouterr().out

    api(show_key=True)
    assert KEY in capsys.readouterr().out

    api(key=True)
    assert capsys.readouterr().out == f"{KEY}\n"

    api(key=True, caller="web")
    assert capsys.readouterr().out == f"{KEY}-of-web\n"


def test_address_and_body_are_printed_alone_for_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    api("breast_cancer", url=True)
    assert capsys.readouterr().out == f"{URL}\n"

    api("breast_cancer", body=True)
    assert csv_of(capsys.readouterr().out, breast_cancer())


def test_the_openapi_document_begins_at_the_address_of_the_api(capsys: pytest.CaptureFixture[str]) -> None:
    api(openapi=True)

    said = json.loads(capsys.readouterr().out)
    assert said["servers"] == [{"url": URL.partition("/datasets")[0]}]
    assert "/datasets/breast_cancer/predictions/batch" in said["paths"]


def test_json_holds_what_a_program_needs(capsys: pytest.CaptureFixture[str]) -> None:
    api("breast_cancer", as_json=True)

    said = json.loads(capsys.readouterr().out)
    assert (said["dataset"], said["url"], said["api_key"]) == ("breast_cancer", URL, None)
    assert set(said["body"]["features"]) == {column.name for column in breast_cancer().features}

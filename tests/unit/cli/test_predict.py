"""`lakeloop predict --open`: a page for this machine's browser, without the key in its address."""

import webbrowser
from collections.abc import Iterator

import pytest
import urllib3

from lakeloop.cli.commands.predict import predict
from lakeloop.client.api_keys import ApiKeys
from lakeloop.client.environment import Environment
from lakeloop.client.look_server import LookServer
from tests.data import breast_cancer
from tests.fakes import MemoryContracts
from tests.unit.client.deployed import emulated

KEY = "a-key-of-twenty-characters"


@pytest.fixture(autouse=True)
def _deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with emulated(monkeypatch) as environment:
        monkeypatch.setattr(Environment, "contracts", MemoryContracts(breast_cancer()))
        monkeypatch.setattr(Environment, "load", classmethod(lambda cls: environment))
        monkeypatch.setattr(ApiKeys, "value", lambda _self: KEY)
        yield


def test_the_page_is_opened_and_served_until_ctrl_c(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)

    def serve(server: LookServer) -> None:
        assert opened == [server.url]
        raise KeyboardInterrupt

    monkeypatch.setattr(LookServer, "serve_forever", serve)

    predict("breast_cancer", open_page=True)

    assert opened[0] in capsys.readouterr().out
    assert KEY not in opened[0]
    with pytest.raises(urllib3.exceptions.HTTPError):
        urllib3.request("GET", opened[0], retries=False)

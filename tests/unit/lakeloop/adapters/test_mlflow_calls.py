"""What MLflow's answers mean for the message that is being handled."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from pydantic import SecretStr

from lakeloop.adapters.mlflow_calls import MissingError, MlflowCalls
from lakeloop.adapters.secrets import BasicCredentials
from lakeloop.errors import LakeloopError, NotPermittedError, PermanentError, TransientError
from lakeloop.local.supervisor.loopback import free_port

USER = BasicCredentials(username="ann", password=SecretStr("secret"))


@contextmanager
def answering(status: int, body: bytes, *, unless: str = "") -> Iterator[tuple[str, list[str]]]:
    """A server that answers so, but with an empty object to whom it knows; its address, and whom it saw."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            who = self.headers.get("Authorization", "")
            seen.append(who)
            known = bool(unless) and who == unless
            self.send_response(200 if known else status)
            self.end_headers()
            self.wfile.write(b"{}" if known else body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", seen
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "body", "error", "told"),
    [
        (503, b"<html>busy</html>", TransientError, "<html>busy</html>"),
        (429, b"{}", TransientError, "429"),
        (403, b"Invalid Host header - possible DNS rebinding attack", NotPermittedError, "--allowed-hosts"),
        (401, b"You are not authenticated", NotPermittedError, "mlflow_credentials_secret_arn"),
        (400, b'{"error_code": "BAD_REQUEST", "message": "no such filter"}', PermanentError, "no such filter"),
        (200, b"<html>a log-in page</html>", PermanentError, "is it MLflow"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_to_do(status: int, body: bytes, error: type[LakeloopError], told: str) -> None:
    with answering(status, body) as (uri, _), pytest.raises(error, match=told):
        MlflowCalls(uri, lambda: None).get("runs/get", run_id="1")


def test_a_server_that_is_down_is_asked_again_later() -> None:
    calls = MlflowCalls(f"http://127.0.0.1:{free_port()}", lambda: None)

    with pytest.raises(TransientError, match="does not answer"):
        calls.get("runs/get", run_id="1")


def test_what_is_not_there_is_no_error_of_the_server() -> None:
    body = json.dumps({"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no run"}).encode()

    with answering(404, body) as (uri, _), pytest.raises(MissingError):
        MlflowCalls(uri, lambda: None).get("runs/get", run_id="1")


def test_the_password_is_sent_to_who_asks_for_it_and_kept_for_the_next_call() -> None:
    basic = "Basic YW5uOnNlY3JldA=="
    with answering(401, b"", unless=basic) as (uri, seen):
        calls = MlflowCalls(uri, lambda: USER)
        calls.get("runs/get", run_id="1")
        calls.get("runs/get", run_id="1")

    assert seen == ["", basic, basic]


def test_artifacts_that_the_server_does_not_hand_out_are_refused() -> None:
    with pytest.raises(PermanentError, match="--serve-artifacts"):
        MlflowCalls("http://127.0.0.1:1", lambda: None).upload("s3://bucket/1/run/artifacts", "MLmodel", b"")

"""A server that answers what a test wrote down, in that order, and keeps what it was asked."""

import base64
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

REPOSITORY = "/api/v1/repositories/r"


@dataclass(frozen=True)
class Answer:
    """One answer: JSON or bytes, or with status 0 a closed connection."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Asked:
    """One request as far as a server can tell it from others."""

    line: str
    body: Any = None


def refused(status: int, message: str) -> Answer:
    return Answer(status, {"message": message})


def page(*results: dict[str, Any], next_offset: str = "") -> Answer:
    pagination = {
        "has_more": bool(next_offset),
        "next_offset": next_offset,
        "results": len(results),
        "max_per_page": 1000,
    }
    return Answer(200, {"pagination": pagination, "results": list(results)})


class ScriptedServer:
    """Answers in order; a request beyond the script is a failure of the test."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked: list[Asked] = []
        self.keys: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.url = ""

    @property
    def lines(self) -> list[str]:
        return [asked.line for asked in self.asked]

    @contextmanager
    def running(self) -> Iterator["ScriptedServer"]:
        script = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                script.asked.append(Asked(f"{self.command} {self.path}", _read(body)))
                script.headers.append(dict(self.headers))
                script.keys.append(_key(self.headers.get("Authorization", "")))
                answer = script.answers.pop(0) if script.answers else refused(418, "the script has ended")
                if answer.status == 0:
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815 - the base class asks for these names

            def log_message(self, *args: object) -> None:
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()


def _read(body: bytes) -> Any:  # noqa: ANN401 - whatever was sent
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body


def _key(authorization: str) -> str:
    return base64.b64decode(authorization.removeprefix("Basic ")).decode() if authorization else ""

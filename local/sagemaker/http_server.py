"""A small HTTP server that stays out of the way: keep-alive, a thread per connection, loopback only."""

import socket
import sys
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar, Protocol
from urllib.parse import urlsplit


@dataclass(frozen=True)
class HttpRequest:
    method: str
    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes


@dataclass(frozen=True)
class HttpResponse:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class Application(Protocol):
    def __call__(self, request: HttpRequest) -> HttpResponse: ...


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body leave in one packet, at once: with the defaults Nagle's algorithm and delayed
    # acknowledgements add 40 ms to every answer.
    wbufsize = -1
    disable_nagle_algorithm = True
    application: ClassVar[Application]

    def _answer(self) -> None:
        request = HttpRequest(
            method=self.command,
            path=urlsplit(self.path).path,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self._body(),
        )
        response = type(self).application(request)
        self.send_response_only(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        self.wfile.write(response.body)

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 - the names are http.server's

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return b"".join(self._chunks())
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _chunks(self) -> "list[bytes]":
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return chunks

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
        """What is worth a line is logged where it is decided."""


class HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    # A burst of connections waits instead of being refused.
    request_queue_size = 256

    def __init__(self, port: int, application: Application) -> None:
        super().__init__(("127.0.0.1", port), _handler(application))

    @classmethod
    def on_socket(cls, listening: socket.socket, application: Application) -> "HttpServer":
        """A server on a socket that listens already."""
        server = cls.__new__(cls)
        ThreadingHTTPServer.__init__(server, ("127.0.0.1", 0), _handler(application), bind_and_activate=False)
        server.socket.close()
        server.socket = listening
        server.server_address = listening.getsockname()
        return server

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no event; anything else is shown with its trace."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    @property
    def port(self) -> int:
        return int(self.server_address[1])


def _handler(application: Application) -> type[_Handler]:
    return type("Handler", (_Handler,), {"application": staticmethod(application)})

"""The page to try a model with, served to this machine alone: the API's key stays in this process."""

import secrets
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import urllib3

from lakeloop.client.errors import AdvisedError
from lakeloop.client.look_page import Outcome, features_of_form, first_values, page
from lakeloop.client.predictions import Answer, Feature
from lakeloop.contract import DatasetContract

LOOPBACK = "127.0.0.1"
LARGEST_FORM = 1024 * 1024
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

Ask = Callable[[Mapping[str, Feature]], Answer]


class LookServer(ThreadingHTTPServer):
    """Serves the page until it is shut down, at an address that nobody else can guess.

    Pages of other sites can reach a port of this machine too: without the address they learn and do nothing, and a name
    of theirs that leads here is refused.
    """

    daemon_threads = True

    def __init__(self, contract: DatasetContract, ask: Ask) -> None:
        super().__init__((LOOPBACK, 0), Handler)
        self.contract = contract
        self.ask = ask
        self.path = f"/{secrets.token_urlsafe(24)}"
        self.hosts = {f"{name}:{self.server_address[1]}" for name in (LOOPBACK, "localhost")}

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.server_address[1]}{self.path}"

    def asked(self, given: Mapping[str, str]) -> str:
        """The page after a row was sent."""
        outcome: Outcome
        try:
            outcome = self.ask(features_of_form(self.contract, given))
        except AdvisedError as error:
            outcome = error
        except urllib3.exceptions.HTTPError as error:
            outcome = AdvisedError(f"the prediction API does not answer: {error}", "`lakeloop status` says what is up")
        return page(self.contract, given, outcome)


class Handler(BaseHTTPRequestHandler):
    """One request of the browser."""

    server: LookServer

    def do_GET(self) -> None:
        if self._is_meant():
            self._answer(page(self.server.contract, first_values(self.server.contract), None))

    def do_POST(self) -> None:
        if not self._is_meant():
            return
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST_FORM:
            self.send_error(413)
            return
        given = dict(parse_qsl(self.rfile.read(length).decode(), keep_blank_values=True))
        self._answer(self.server.asked(given))

    def _is_meant(self) -> bool:
        named = secrets.compare_digest(self.path.encode(), self.server.path.encode())
        known = named and self.headers.get("Host") in self.server.hosts
        if not known:
            self.send_error(404)
        return known

    def _answer(self, text: str) -> None:
        body = text.encode()
        self.send_response(200)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
        """Nothing: values stand in what would be logged."""

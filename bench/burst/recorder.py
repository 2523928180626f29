"""A proxy that counts the requests to one server, and leads the addresses that are handed out to another proxy."""

import re
import socket
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from urllib.parse import urlsplit

# A client waits for its answer, so a request begins where what was received begins.
REQUEST = re.compile(rb"(GET|HEAD|PUT|POST|DELETE) (\S+) HTTP/1\.[01]\r\n")
SIGNED = b"X-Amz-Signature="
MYSELF = "127.0.0.1"
BYTES_AT_ONCE = 256 * 1024


class RecordingProxy:
    """Listens on a port of its own until the process ends; `calls` counts requests by method and kind of path.

    `instead` replaces bytes of answers by as many others: where an answer tells an address, another proxy's.
    """

    def __init__(self, url: str, instead: Mapping[bytes, bytes]) -> None:
        address = urlsplit(url)
        self._server = str(address.hostname), address.port or 80
        if any(len(old) != len(new) for old, new in instead.items()):
            raise ValueError("an answer is told to be as long as it was")
        self._instead = instead
        self._listener = socket.create_server((MYSELF, 0))
        self.port: int = self._listener.getsockname()[1]
        self.calls: Counter[str] = Counter()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://{MYSELF}:{self.port}"

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            server = socket.create_connection(self._server)
            for connection in (client, server):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._requests, args=(client, server), daemon=True).start()
            threading.Thread(target=self._answers, args=(server, client), daemon=True).start()

    def _requests(self, client: socket.socket, server: socket.socket) -> None:
        for some in received(client):
            if found := REQUEST.match(some):
                self.calls[f"{found[1].decode()} {kind_of(found[2].decode())}"] += 1
                if SIGNED in found[2]:
                    # The signature is one for the server's own address.
                    some = some.replace(host_line(MYSELF, self.port), host_line(*self._server))  # noqa: PLW2901
            server.sendall(some)
        shut(server)

    def _answers(self, server: socket.socket, client: socket.socket) -> None:
        for some in received(server):
            for old, new in self._instead.items():
                some = some.replace(old, new)  # noqa: PLW2901 as long as before
            client.sendall(some)
        shut(client)


def received(connection: socket.socket) -> Iterator[bytes]:
    while True:
        try:
            some = connection.recv(BYTES_AT_ONCE)
        except OSError:
            return
        if not some:
            return
        yield some


def host_line(host: str, port: int) -> bytes:
    return f"Host: {host}:{port}\r\n".encode()


def shut(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_WR)


def kind_of(target: str) -> str:
    """What a request is about, without the names in its path."""
    path = urlsplit(target).path
    api = re.fullmatch(r"/api/v1/repositories/[^/]+/?(.*)", path)
    if api is None:
        bucket, _, key = path.strip("/").partition("/")
        kind = re.sub(r"-[0-9a-f]{6,}|-?\d{6,}", "", bucket)
        return f"{kind}/{key.partition('/')[0]}" if key else kind
    return re.sub(r"(branches|refs|commits)/[^/]+", r"\1/*", api[1]) or "repository"

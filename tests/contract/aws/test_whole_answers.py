"""An answer comes whole, head and body at once, with and without a body, and one after the other on a connection."""

import socket
from urllib.parse import urlsplit

import pytest

from tests.contract.aws.conftest import Emulator

HEALTH = "/_ministack/health"


@pytest.mark.parametrize(("method", "has_body"), [("GET", True), ("HEAD", False)])
def test_the_head_of_an_answer_does_not_come_alone(emulator: Emulator, method: str, has_body: bool) -> None:
    address = urlsplit(emulator.url)
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=20) as connection:
        for _ in range(20):
            connection.sendall(f"{method} {HEALTH} HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n".encode())

            head, _, body = connection.recv(1 << 20).partition(b"\r\n\r\n")

            assert head.startswith(b"HTTP/1.1 200")
            assert bool(body) is has_body

"""The loopback ports of the parts: asked for, remembered from the last start, or free ones."""

import random
import socket
from contextlib import suppress
from dataclasses import dataclass

import psutil

from lakeloop.local.errors import LocalCloudError

# Linux's outgoing connections begin at 32768, macOS's at 49152.
SERVER_PORTS = (18000, 32000)


@dataclass(frozen=True)
class Ports:
    """A port per part; 0 means the one of the last start, else any free one."""

    aws: int = 0
    lakefs: int = 0
    sagemaker: int = 0
    mlflow: int = 0


def settle_ports(wanted: Ports, remembered: Ports) -> Ports:
    """The ports to start on, each checked to be free. The remembered ones are in Terraform's state, so they stay."""
    return Ports(
        aws=wanted.aws or remembered.aws or free_port(),
        lakefs=wanted.lakefs or remembered.lakefs or free_port(),
        sagemaker=wanted.sagemaker or remembered.sagemaker or free_port(),
        mlflow=wanted.mlflow or remembered.mlflow or free_port(),
    )


def check_free(part: str, port: int) -> None:
    if is_free(port):
        return
    holder = holder_of(port)
    raise LocalCloudError(
        f"Port {port}, which the {part} part of the local cloud needs, is taken{f' by {holder}' if holder else ''}.",
        "Stop what uses it, choose another port, or run `lakeloop down --reset` to forget those of the last start.",
    )


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # A port that only waits for the last packets of closed connections can be listened on.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Below those that the system gives to outgoing connections, one of which could take it before the part does."""
    candidates = random.sample(range(*SERVER_PORTS), k=100)
    return next(port for port in candidates if is_free(port))


def holder_of(port: int) -> str:
    """Name and pid of the process that listens on a port, or an empty string if the system does not tell."""
    with suppress(psutil.Error):
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port
            if listens and connection.pid is not None:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    return ""

"""A real PostgreSQL server behind each PostgreSQL instance of RDS, where PostgreSQL is installed (`initdb` on PATH).

Gap in ministack: without Docker an instance is a description, nothing listens at its endpoint.
"""

import atexit
import logging
import shutil
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lakeloop.local.aws.postgres import DatabaseError, PostgresServer
from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import Settings

MODULE = "ministack.services.rds"
CREATE = PrivateName(MODULE, "_create_db_instance_impl", ("p",))
INSTANCES = PrivateName(MODULE, "_instances")
TOUCHES = (CREATE, INSTANCES)

Instance = dict[str, Any]
logger = logging.getLogger("lakeloop")


def apply(settings: Settings) -> Callable[[], None] | None:
    initdb = shutil.which("initdb", path=settings.search_path)
    if initdb is None:
        return None
    servers = DatabaseServers(Path(initdb).resolve().parent, settings.state_dir / "databases")
    CREATE.wrap(with_endpoint)
    atexit.register(servers.stop)
    return servers.reconcile


def with_endpoint(original: Callable[..., Any]) -> Callable[..., Any]:
    """A new instance is `creating`, at an endpoint of its own, until its server is up."""

    def create(request: dict[str, Any]) -> Any:  # noqa: ANN401 - ministack's response
        known = set(INSTANCES.get())
        response = original(request)
        for identifier in set(INSTANCES.get()) - known:
            instance = INSTANCES.get()[identifier]
            if has_server(instance):
                port = instance["Endpoint"]["Port"] if request.get("Port") else free_port()
                instance["Endpoint"] = {**instance["Endpoint"], "Address": "127.0.0.1", "Port": port}
                instance["DBInstanceStatus"] = "creating"
        return response

    return create


class DatabaseServers:
    """Keeps one server per instance: whatever the emulator describes runs, whatever it forgot goes."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        self._binaries = binaries
        self._folder = folder
        self._servers: dict[str, PostgresServer] = {}

    def reconcile(self) -> None:
        instances = {name: instance for name, instance in INSTANCES.get().items() if has_server(instance)}
        for name in instances.keys() - self._servers.keys():
            server = PostgresServer(self._binaries, self._folder / name, instances[name]["Endpoint"]["Port"])
            self._servers[name] = server
            # Making a cluster takes a second or two, in which the emulator has other things to do.
            threading.Thread(target=bring_up, args=(server, instances[name]), daemon=True).start()
        for name in self._servers.keys() - instances.keys():
            threading.Thread(target=take_down, args=(self._servers.pop(name),), daemon=True).start()

    def stop(self) -> None:
        for server in self._servers.values():
            server.stop()


def has_server(instance: Instance) -> bool:
    return instance["Engine"] == "postgres" and not instance.get("DBClusterIdentifier")


def bring_up(server: PostgresServer, instance: Instance) -> None:
    try:
        server.create(instance["MasterUsername"], instance["_MasterUserPassword"], instance["DBName"])
        server.start()
    except DatabaseError:
        logger.exception("database instance %s has no server", instance["DBInstanceIdentifier"])
        instance["DBInstanceStatus"] = "failed"
    else:
        instance["DBInstanceStatus"] = "available"


def take_down(server: PostgresServer) -> None:
    server.stop()
    server.remove()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port

"""A PostgreSQL server on loopback, for one database instance."""

import getpass
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

# PostgreSQL refuses to run as root; these accounts own nothing that matters.
UNPRIVILEGED = ("postgres", "nobody")
READY_SECONDS = 30
STOP_SECONDS = 10


class DatabaseError(RuntimeError):
    """The server could not be made or started."""


class PostgresServer:
    """The server in one folder: made once, then started and stopped as often as needed."""

    def __init__(self, binaries: Path, folder: Path, port: int) -> None:
        self._binaries = binaries
        self._folder = folder
        self._data = folder / "data"
        self._port = port
        self._account = unprivileged_account()
        self._identity = identity_of(self._account)
        self._process: subprocess.Popen[bytes] | None = None

    def create(self, user: str, password: str, database: str) -> None:
        """Make the cluster, its administrator and its database, unless they are there."""
        if self._data.exists():
            return
        self._folder.mkdir(parents=True)
        shutil.chown(self._folder, self._account)
        secret = self._folder / "password"
        secret.write_text(password)
        shutil.chown(secret, self._account)
        secret.chmod(0o600)
        try:
            options = ("--auth=scram-sha-256", "--encoding=UTF8", "--no-locale")
            self._run("initdb", "-D", str(self._data), "-U", user, f"--pwfile={secret}", *options)
            statement = f'CREATE DATABASE "{database}"\n'
            self._run("postgres", "--single", "-D", str(self._data), "postgres", text=statement)
        except DatabaseError:
            self.remove()
            raise
        finally:
            secret.unlink(missing_ok=True)

    def start(self) -> None:
        if (self._data / "postmaster.pid").exists():
            # Left running by an emulator that was killed, or left behind by a server that was.
            command = [str(self._binaries / "pg_ctl"), "stop", "-D", str(self._data), "-m", "fast"]
            subprocess.run(command, capture_output=True, check=False, cwd="/", **self._identity)
        settings = {"port": self._port, "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
        flags = [f"--{name}={value}" for name, value in settings.items()]
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._binaries / "postgres", "-D", self._data, *flags],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **self._identity,
            )
        self._wait_until_ready(self._process)

    def stop(self) -> None:
        if self._process is None:
            return
        # PostgreSQL's fast shutdown: connections end, nothing is lost.
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *options: str, text: str | None = None) -> None:
        done = subprocess.run(
            [self._binaries / program, *options],
            # A folder that both this account and root can be in.
            cwd="/",
            input=text,
            capture_output=True,
            text=True,
            check=False,
            **self._identity,
        )
        if done.returncode != 0:
            raise DatabaseError(f"{program} (as {self._account}) failed: {done.stderr.strip()}")

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            time.sleep(0.05)
        self.stop()
        raise DatabaseError(f"the server on port {self._port} did not come up, see {self._folder / 'server.log'}")


def identity_of(account: str) -> dict[str, Any]:
    """What makes a child process run as another account; only root can."""
    if os.geteuid() != 0:
        return {}
    return {"user": account, "group": pwd.getpwnam(account).pw_gid, "extra_groups": []}


def unprivileged_account() -> str:
    """The present account, or one without rights if the present one is root."""
    if os.geteuid() != 0:
        return getpass.getuser()
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in UNPRIVILEGED if name in known)

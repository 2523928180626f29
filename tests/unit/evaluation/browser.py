"""What a real browser says of a page: what it asks the network for, and what its console tells."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
SECONDS = 60


def browser() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


class Tab:
    """A tab of a headless browser, told by the DevTools protocol over pipes, which need no port."""

    def __init__(self, program: str, profile: Path) -> None:
        there, self._to = os.pipe()
        self._from, back = os.pipe()
        flags = f"--headless=new --no-sandbox --disable-gpu --no-first-run --user-data-dir={profile}"
        # Chromium reads commands from 3 and writes answers to 4.
        command = f"exec {program} {flags} --remote-debugging-pipe about:blank 3<&{there} 4>&{back} 2>/dev/null"
        self._process = subprocess.Popen(["bash", "-c", command], pass_fds=(there, back))
        os.close(there)
        os.close(back)
        self._messages = self._read()
        self._sent = 0
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.events: list[dict[str, Any]] = []

    _session = ""

    def ask(self, method: str, **params: object) -> dict[str, Any]:
        """The answer to a command; events that come before it are kept."""
        self._sent += 1
        asked: dict[str, object] = {"id": self._sent, "method": method, "params": params}
        if self._session:
            asked["sessionId"] = self._session
        os.write(self._to, json.dumps(asked).encode() + b"\0")
        for message in self._messages:
            if message.get("id") == self._sent:
                assert "error" not in message, message
                result: dict[str, Any] = message["result"]
                return result
            if self._session:
                self.events.append(message)
        raise AssertionError("the browser ended")

    def wait_for(self, method: str) -> None:
        if any(event["method"] == method for event in self.events):
            return
        for message in self._messages:
            self.events.append(message)
            if message.get("method") == method:
                return

    def _read(self) -> Iterator[dict[str, Any]]:
        waiting = b""
        while part := os.read(self._from, 65536):
            *whole, waiting = (waiting + part).split(b"\0")
            yield from map(json.loads, whole)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(SECONDS)
        os.close(self._to)
        os.close(self._from)

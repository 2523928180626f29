"""Kills a function before and after each call it makes, and delivers its message again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from tests.fakes import CrashError, MemoryLease


@dataclass
class Recorder:
    """Counts the calls through its proxies; the process dies `before` or `after` the call of that number, if any."""

    number: int = 0
    when: str = ""
    calls: list[str] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def around(self, name: str, call: Callable[[], Any]) -> Any:  # noqa: ANN401 whatever the port answers
        with self._lock:
            self.calls.append(name)
            mine = len(self.calls) == self.number
        if mine and self.when == "before":
            raise CrashError
        answer = call()
        if mine:
            raise CrashError
        return answer


class Proxy:
    """A port whose calls a recorder sees; a lease that it hands out is one too."""

    def __init__(self, recorder: Recorder, name: str, port: object) -> None:
        self._recorder = recorder
        self._name = name
        self._port = port

    def __getattr__(self, attribute: str) -> Any:  # noqa: ANN401 whatever the port has
        found = getattr(self._port, attribute)
        if not callable(found):
            return found

        def call(*arguments: object, **options: object) -> Any:  # noqa: ANN401
            name = f"{self._name}.{attribute}"
            answer = self._recorder.around(name, lambda: found(*arguments, **options))
            return Proxy(self._recorder, "lease", answer) if isinstance(answer, MemoryLease) else answer

        return call


def every_crash(run: Callable[[Recorder], None]) -> list[Recorder]:
    """One recorder for each way to die in `run`, which is run once unharmed to learn of them."""
    unharmed = Recorder()
    run(unharmed)
    numbers = range(1, len(unharmed.calls) + 1)
    return [Recorder(number, when) for number in numbers for when in ("before", "after")]

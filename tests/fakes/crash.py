"""A process that ends at a call."""

from dataclasses import dataclass


class CrashError(BaseException):
    """The process ends here: nothing may catch it."""


@dataclass
class Crash:
    """Raises CrashError before the `at`-th call of any port method that shares it; 0 never does."""

    at: int = 0
    calls: int = 0

    def tick(self) -> None:
        self.calls += 1
        if self.calls == self.at:
            raise CrashError

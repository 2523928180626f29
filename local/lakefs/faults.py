"""Faults on request, so that clients can be tested against what a busy or dying server does.

`POST /_control/faults` arms one, `GET` lists those still armed, `DELETE` disarms all; the README has examples.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, Field

ANY_OPERATION = "*"


class Effect(StrEnum):
    ANSWER = "answer"  # answer with `status` and `message`
    HANG = "hang"  # stay silent for `seconds`, then go on as usual
    DROP = "drop"  # close the connection without an answer


class When(StrEnum):
    """Whether the operation has been carried out when the fault strikes."""

    BEFORE = "before"
    AFTER = "after"


class Fault(BaseModel):
    operation: str = ANY_OPERATION
    effect: Effect
    when: When = When.BEFORE
    status: int = Field(default=500, ge=400, le=599)
    message: str = "predicate failed"
    seconds: float = Field(default=60, ge=0)
    skip: int = Field(default=0, ge=0, description="calls to let pass first")
    times: int = Field(default=1, ge=1, description="calls to strike")


class Faults:
    """The armed faults, in the order they were armed. Only the event loop touches them."""

    def __init__(self) -> None:
        self._armed: list[Fault] = []

    def arm(self, fault: Fault) -> None:
        self._armed.append(fault)

    def armed(self) -> list[Fault]:
        return list(self._armed)

    def disarm_all(self) -> None:
        self._armed.clear()

    def strike(self, operation: str) -> Fault | None:
        """The fault that this call of an operation meets, if any."""
        for fault in self._armed:
            if fault.operation not in (operation, ANY_OPERATION):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            fault.times -= 1
            if not fault.times:
                self._armed.remove(fault)
            return fault
        return None

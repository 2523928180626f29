"""What should go wrong, on request: the bad days of AWS, reproducible.

Set at start by `LAKELOOP_SAGEMAKER_FAULTS`, later by `PUT /_lakeloop/faults`, both with the same JSON object; `DELETE`
ends all faults.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True)
class Faults:
    # Account limits by the name AWS gives them ("ml.m5.large for endpoint usage"), all others unlimited.
    quotas: Mapping[str, int] = field(default_factory=dict)
    # All others name their victims by a part of the name; "" is everybody.
    # Training jobs that end with an algorithm error.
    failing_training_jobs: tuple[str, ...] = ()
    # Models whose containers never answer /ping.
    unhealthy_models: tuple[str, ...] = ()
    # How long the containers of a model take longer to answer.
    invocation_delay_seconds: Mapping[str, float] = field(default_factory=dict)
    # The status that the containers of a model answer with.
    invocation_status: Mapping[str, int] = field(default_factory=dict)
    # A fresh endpoint config is not seen by CreateEndpoint and UpdateEndpoint for so long.
    endpoint_config_delay_seconds: float = 0.0
    # Added to the delay in the settings.
    event_delay_seconds: float = 0.0

    @classmethod
    def parse(cls, text: str | bytes) -> "Faults":
        """Raises ValueError saying what is not understood."""
        given = json.loads(text)
        if not isinstance(given, dict):
            raise ValueError("faults are an object of fault names and values")  # noqa: TRY004 - it is the text that is bad
        known = {each.name for each in fields(cls)}
        if unknown := sorted(given.keys() - known):
            raise ValueError(f"unknown faults {', '.join(unknown)}; there are {', '.join(sorted(known))}")
        values: dict[str, Any] = {name: tuple(item) if isinstance(item, list) else item for name, item in given.items()}
        return cls(**values)

    def as_document(self) -> dict[str, object]:
        return asdict(self)


@dataclass
class FaultBoard:
    """The faults in force, replaced as a whole."""

    current: Faults


def matching(faults: Mapping[str, Value], name: str) -> Value | None:
    """The fault of the first part that is in the name."""
    return next((value for part, value in faults.items() if part in name), None)

"""What to do with an endpoint, given what it is and what it should be."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from lakeloop import names
from lakeloop.deployment.ports import EndpointState


class Action(Enum):
    CREATE = "create"
    UPDATE = "update"
    RECREATE = "recreate"
    WAIT = "wait"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Decision:
    action: Action
    why: str


def decide(endpoint: EndpointState | None, *, config: str, trained: datetime, deployed: datetime | None) -> Decision:
    """Bring the endpoint to `config`, unless it is on its way there or past it.

    `trained` and `deployed` are when the tuning jobs of the new and of the last deployed model were created:
    events may come late, and an older model must not replace a newer one.
    """
    if endpoint is None:
        return Decision(Action.CREATE, "there is no endpoint yet")
    if deployed and trained < deployed:
        return Decision(Action.NOTHING, f"a model of {deployed:%Y-%m-%d %H:%M:%S} is deployed, this one is older")
    if endpoint.status == "Failed":
        return Decision(Action.RECREATE, f"a failed endpoint can only be deleted: {endpoint.failure_reason}")
    if endpoint.tags.get(names.DESIRED_CONFIG_TAG) == config:
        return _resumed(endpoint, config)
    if endpoint.status != "InService":
        return Decision(Action.WAIT, f"the endpoint is {endpoint.status}")
    return Decision(Action.UPDATE, f"{endpoint.config} is in service")


def _resumed(endpoint: EndpointState, config: str) -> Decision:
    """The tags, which are written first, say that an earlier attempt wanted the same config."""
    if endpoint.status != "InService" or endpoint.config == config:
        return Decision(Action.NOTHING, f"{config} is {endpoint.status}")
    if endpoint.failure_reason:
        return Decision(Action.NOTHING, f"{config} was tried and rolled back: {endpoint.failure_reason}")
    return Decision(Action.UPDATE, "an earlier attempt ended before its update")


@dataclass(frozen=True)
class Outcome:
    """Where a deployment ended. `InService` alone says nothing: a rollback ends there too, with the old config."""

    done: bool
    good: bool
    why: str


def outcome(endpoint: EndpointState) -> Outcome:
    desired = endpoint.tags.get(names.DESIRED_CONFIG_TAG, "")
    if endpoint.status == "InService" and endpoint.config == desired:
        return Outcome(done=True, good=True, why=f"{desired} is in service")
    if endpoint.status == "InService":
        return Outcome(done=True, good=False, why=f"rolled back to {endpoint.config}: {endpoint.failure_reason}")
    if endpoint.status in ("Failed", "UpdateRollbackFailed", "OutOfService"):
        return Outcome(done=True, good=False, why=f"{endpoint.status}: {endpoint.failure_reason}")
    return Outcome(done=False, good=False, why=endpoint.status)

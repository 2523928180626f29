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
    TAG = "tag"
    WAIT = "wait"
    NOTHING = "nothing"
    SKIP = "skip"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Decision:
    action: Action
    why: str


# What can only be deleted.
BROKEN = frozenset({"Failed", "OutOfService"})
# In all others an endpoint may be leaving its config, and not every kind tells for which.
STEADY = frozenset({"Creating", "InService", "SystemUpdating"})


def decide(
    endpoint: EndpointState | None, *, config: str, owner: str, trained: datetime, deployed: datetime | None
) -> Decision:
    """Bring the endpoint of the environment `owner` to `config`, unless it is on its way there or past it.

    `trained` and `deployed` are when the tuning jobs of the new model and of the one that the endpoint serves, or is
    being brought to, were created: events may come late, and an older model must not replace a newer one. What
    SageMaker says of an update under way counts, never what a tag says that one had in mind: an update may be refused.
    """
    if endpoint is None:
        return Decision(Action.CREATE, "there is no endpoint yet")
    if endpoint.tags.get(names.ENVIRONMENT_TAG) != owner:
        made = endpoint.tags.get(names.ENVIRONMENT_TAG)
        by = f"was made by the environment {made}" if made else "was not made by lakeloop"
        return Decision(Action.REFUSE, f"endpoint {endpoint.name} {by}: delete it or rename the dataset")
    if endpoint.status == "Deleting":
        return Decision(Action.WAIT, "the endpoint is being deleted, and is made anew then")
    if deployed and trained < deployed:
        return Decision(Action.SKIP, f"a model of {deployed:%Y-%m-%d %H:%M:%S} is deployed, this one is older")
    return _toward(endpoint, config)


def _toward(endpoint: EndpointState, config: str) -> Decision:
    """The next step of an endpoint of ours to a config that is not older than its own."""
    if endpoint.status in BROKEN:
        return Decision(Action.RECREATE, f"a failed endpoint can only be deleted: {endpoint.failure_reason}")
    if config in (endpoint.pending, "" if endpoint.pending or endpoint.status not in STEADY else endpoint.config):
        return _on_its_way(endpoint, config)
    if endpoint.status != "InService":
        return Decision(Action.WAIT, f"the endpoint is {endpoint.status}")
    if endpoint.tags.get(names.DESIRED_CONFIG_TAG) == config:
        reason = endpoint.failure_reason or "SageMaker gives no reason"
        return Decision(Action.NOTHING, f"{config} was tried and rolled back: {reason}")
    return Decision(Action.UPDATE, f"{endpoint.config} is in service")


def _on_its_way(endpoint: EndpointState, config: str) -> Decision:
    """The endpoint serves the config or an update brings it; the tag follows once SageMaker has accepted that."""
    if endpoint.status == "RollingBack":
        return Decision(Action.WAIT, f"{config} is being rolled back: {endpoint.failure_reason}")
    if endpoint.tags.get(names.DESIRED_CONFIG_TAG) != config:
        return Decision(Action.TAG, f"{config} is {endpoint.status}, and an earlier attempt ended before its tags")
    return Decision(Action.NOTHING, f"{config} is {endpoint.status}")


@dataclass(frozen=True)
class Outcome:
    """Where a deployment ended. `InService` alone says nothing: a rollback ends there too, with the old config."""

    done: bool
    good: bool
    why: str


def outcome(endpoint: EndpointState) -> Outcome:
    """Tags follow the update that SageMaker accepted: in between, another config than theirs is no rollback."""
    desired = endpoint.tags.get(names.DESIRED_CONFIG_TAG, "")
    if endpoint.status in (*BROKEN, "UpdateRollbackFailed"):
        return Outcome(done=True, good=False, why=f"{endpoint.status}: {endpoint.failure_reason}")
    if endpoint.status != "InService":
        return Outcome(done=False, good=False, why=endpoint.status)
    if endpoint.failure_reason:
        why = f"an update was rolled back to {endpoint.config}: {endpoint.failure_reason}"
        return Outcome(done=True, good=False, why=why)
    if endpoint.config != desired:
        return Outcome(done=False, good=False, why=f"{endpoint.config} is in service, its tags follow")
    return Outcome(done=True, good=True, why=f"{desired} is in service")

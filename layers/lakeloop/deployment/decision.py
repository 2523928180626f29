"""What to do with an endpoint, given what it is and what it should be."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from lakeloop import names
from lakeloop.deployment.ports import EndpointState


class Action(Enum):
    CREATE = "create"
    UPDATE = "update"
    UPDATE_AT_ONCE = "update at once"
    POSTPONE = "postpone"
    RECREATE = "recreate"
    TAG = "tag"
    BUILD = "build beside"
    CLEAR = "clear"
    SWITCH = "switch to"
    LINGER = "let linger beside"
    RETIRE = "retire beside"
    SETTLE = "settle"
    REJECT = "reject"
    FAIL = "fail"
    WAIT = "wait"
    NOTHING = "nothing"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Decision:
    action: Action
    why: str


@dataclass(frozen=True)
class Wanted:
    """The config that an endpoint should have, and the version of the model that it is made of.

    `by_person` says who wants it: somebody who takes a model back waits for no alarm.
    """

    config: str
    version: str
    by_person: bool = False


@dataclass(frozen=True)
class Beside:
    """The other of a dataset's two endpoints, None where there is none.

    `apart` says that the wish reads rows otherwise than what serves, so that the two may not answer under one name.
    `known` says that callers were sent to the present endpoint so long ago that nobody asks the other one any more.
    """

    other: EndpointState | None = None
    apart: bool = False
    known: bool = True


ALONE = Beside()
# What can only be deleted.
BROKEN = frozenset({"Failed", "OutOfService"})
# In all others an endpoint may be leaving its config, and not every kind tells for which.
STEADY = frozenset({"Creating", "InService", "SystemUpdating"})
# What answers for itself, and may go on doing so beside another.
ANSWERING = frozenset({"InService", "SystemUpdating", "UpdateRollbackFailed"})
# Cannot be deleted; an endpoint comes out of it by itself, and is told of again then.
BUSY = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})
# Requests are answered: by the config that it has, and while that is changed by the next one too.
SERVING = frozenset({"InService", "Updating", "SystemUpdating", "RollingBack", "UpdateRollbackFailed"})


def decide(
    endpoint: EndpointState | None,
    wanted: Wanted,
    *,
    owner: str,
    serving: str,
    red: Sequence[str] = (),
    beside: Beside = ALONE,
) -> Decision:
    """Bring the endpoint of the environment `owner` to what is wanted, unless it is there or on its way.

    `serving` is the version that its present config is made of, `red` are those alarms of an update that are so
    before it begins. A wish is tried once: what SageMaker rolled back, or a person took back by hand, is rejected.
    What SageMaker says of an update under way counts, never what a tag says that one had in mind: an update may be
    refused. Where the wish and what serves are apart, the other endpoint is made for the wish, and callers are sent
    there when it serves.
    """
    if endpoint is None:
        return Decision(Action.CREATE, "there is no endpoint yet")
    if not endpoint.is_of(owner):
        return _refused(endpoint)
    if beside.apart and endpoint.status in ANSWERING:
        return _apart(beside.other, wanted, owner)
    decision = _present(endpoint, wanted, serving, red)
    if decision.action is Action.SETTLE and beside.other and beside.other.is_of(owner):
        return _alone_again(decision, beside.other, known=beside.known)
    return decision


def _present(endpoint: EndpointState, wanted: Wanted, serving: str, red: Sequence[str]) -> Decision:
    """The next step of the endpoint that callers are sent to, whatever is beside it."""
    if endpoint.status == "Deleting":
        return Decision(Action.WAIT, "the endpoint is being deleted, and is made anew then")
    if endpoint.status in BROKEN:
        return _broken(endpoint, wanted)
    return _alive(endpoint, wanted, serving, red)


def _refused(endpoint: EndpointState) -> Decision:
    made = endpoint.tags.get(names.ENVIRONMENT_TAG)
    by = f"was made by the environment {made}" if made else "was not made by lakeloop"
    return Decision(Action.REFUSE, f"endpoint {endpoint.name} {by}: delete it or rename the dataset")


def _apart(other: EndpointState | None, wanted: Wanted, owner: str) -> Decision:
    """The next step towards an endpoint of its own; callers go on asking the one that they know."""
    if other is None:
        return Decision(Action.BUILD, "it reads rows otherwise than what serves, so it has an endpoint of its own")
    if not other.is_of(owner):
        return _refused(other)
    if other.config != wanted.config or other.pending or other.status == "Deleting":
        action = Action.WAIT if other.status in BUSY else Action.CLEAR
        return Decision(action, f"{other.name} is {other.status} with {other.config}")
    if other.status in BROKEN:
        return Decision(Action.REJECT, f"its endpoint {other.name} is {other.status}: {_reason(other)}")
    action = {"InService": Action.SWITCH, "Creating": Action.NOTHING}.get(other.status, Action.WAIT)
    return Decision(action, f"{other.name} is {other.status} with {other.config}")


def _alone_again(settled: Decision, other: EndpointState, *, known: bool) -> Decision:
    """The wish serves, and what answered before may go."""
    if other.status == "Deleting":
        return settled
    return Decision(Action.RETIRE if known else Action.LINGER, f"{settled.why}, and nobody needs {other.name}")


def _alive(endpoint: EndpointState, wanted: Wanted, serving: str, red: Sequence[str]) -> Decision:
    """The next step of an endpoint of ours that answers, or will."""
    stays = not endpoint.pending and endpoint.status in STEADY
    if wanted.config in (endpoint.pending, endpoint.config if stays else ""):
        return _on_its_way(endpoint, wanted.config)
    if endpoint.status not in ("InService", "UpdateRollbackFailed"):
        return Decision(Action.WAIT, f"the endpoint is {endpoint.status}")
    if endpoint.tags.get(names.DESIRED_CONFIG_TAG) == wanted.config:
        return _tried(endpoint, wanted, serving)
    return _change(endpoint, wanted, serving, red)


def _change(endpoint: EndpointState, wanted: Wanted, serving: str, red: Sequence[str]) -> Decision:
    """SageMaker rolls an update back at its first look at an alarm that was red before.

    What serves may be why it is: a person who takes it back, or gives it another size, is not kept waiting.
    """
    if not red:
        return Decision(Action.UPDATE, f"{endpoint.config} is {endpoint.status}")
    said = f"in ALARM before the update: {', '.join(red)}"
    if wanted.by_person or wanted.version == serving:
        return Decision(Action.UPDATE_AT_ONCE, f"{said}; so requests move at once, and no alarm brings them back")
    return Decision(Action.POSTPONE, said)


def _broken(endpoint: EndpointState, wanted: Wanted) -> Decision:
    """A model that never came up is at fault itself; one that has served is made anew."""
    tried = endpoint.tags.get(names.DESIRED_CONFIG_TAG) == wanted.config
    if tried and endpoint.tags.get(names.MODEL_PACKAGE_TAG) != wanted.version:
        return Decision(Action.REJECT, f"the endpoint is {endpoint.status}: {_reason(endpoint)}")
    return Decision(Action.RECREATE, f"a failed endpoint can only be deleted: {_reason(endpoint)}")


def _on_its_way(endpoint: EndpointState, config: str) -> Decision:
    """The endpoint serves the config or an update brings it; the tag follows once SageMaker has accepted that."""
    if endpoint.status == "RollingBack":
        return Decision(Action.WAIT, f"{config} is being rolled back: {_reason(endpoint)}")
    if endpoint.status == "InService":
        return Decision(Action.SETTLE, f"{config} is in service")
    if endpoint.tags.get(names.DESIRED_CONFIG_TAG) != config:
        return Decision(Action.TAG, f"{config} is {endpoint.status}, and an earlier attempt ended before its tags")
    return Decision(Action.NOTHING, f"{config} is {endpoint.status}")


def _tried(endpoint: EndpointState, wanted: Wanted, serving: str) -> Decision:
    """SageMaker accepted the config, and the endpoint has another now."""
    if serving == wanted.version:
        why = f"{wanted.config} was tried and rolled back, the same model serves as before: {_reason(endpoint)}"
        return Decision(Action.FAIL, why)
    if endpoint.status == "InService" and not endpoint.failure_reason:
        return Decision(Action.REJECT, f"somebody brought the endpoint back to {endpoint.config}")
    return Decision(Action.REJECT, f"its update was rolled back to {endpoint.config}: {_reason(endpoint)}")


def _reason(endpoint: EndpointState) -> str:
    return endpoint.failure_reason or "SageMaker gives no reason"


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

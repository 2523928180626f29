"""What is to be done with an endpoint follows from what it is, and the requests that do it."""

import re
from dataclasses import replace

import pytest

from lakeloop import names
from lakeloop.contract import Instances, Serverless, Serving, Traffic
from lakeloop.deployment.decision import Action, Beside, Wanted, decide, outcome
from lakeloop.deployment.ports import EndpointState
from lakeloop.deployment.requests import config_request, model_request, move_request
from tests.botocore_model import request_errors
from tests.unit.lakeloop.deployments import ARTIFACT, ENDPOINT, IMAGE, OWNER, ROLE, state

NOBODYS = EndpointState(ENDPOINT, "InService", "old", "", {})
OTHERS = EndpointState(ENDPOINT, "InService", "old", "", {names.ENVIRONMENT_TAG: "lakeloop-test-alice"})
OLD, NEW = "arn:version/1", "arn:version/2"
WANTED = Wanted("new", NEW)
BY_PERSON = replace(WANTED, by_person=True)

# What the endpoint is, the version of its config, what is done.
TABLE = {
    "none": (None, "", Action.CREATE),
    "not ours": (NOBODYS, "", Action.REFUSE),
    "another environment's": (OTHERS, OLD, Action.REFUSE),
    "not ours, and being deleted": (replace(NOBODYS, status="Deleting"), "", Action.REFUSE),
    "being deleted": (state(status="Deleting"), OLD, Action.WAIT),
    "being deleted, with our config": (state(status="Deleting", config="new", desired="new"), NEW, Action.WAIT),
    "serves another model": (state(), OLD, Action.UPDATE),
    "serves a model of nobody knows what": (state(), "", Action.UPDATE),
    "serves the same model otherwise": (state(), NEW, Action.UPDATE),
    "serves the config": (state(config="new", desired="new"), NEW, Action.SETTLE),
    "serves the config, tags behind": (state(config="new", desired="old"), NEW, Action.SETTLE),
    "serves the config after a failed update to another": (
        state(config="new", desired="other", reason="unhealthy"),
        NEW,
        Action.SETTLE,
    ),
    "is created with the config": (state(status="Creating", config="new", desired="new"), NEW, Action.NOTHING),
    "is created with the config, tags behind": (state(status="Creating", config="new"), NEW, Action.TAG),
    "is created with another": (state(status="Creating"), OLD, Action.WAIT),
    "is updated to the config": (state(status="Updating", pending="new", desired="new"), OLD, Action.NOTHING),
    "is updated to the config, tags behind": (state(status="Updating", pending="new"), OLD, Action.TAG),
    "is updated to another": (state(status="Updating", pending="other"), OLD, Action.WAIT),
    "is updated to another, though a tag names ours": (
        state(status="Updating", pending="other", desired="new"),
        OLD,
        Action.WAIT,
    ),
    "is updated from the config to another": (
        state(status="Updating", config="new", pending="other", desired="new"),
        NEW,
        Action.WAIT,
    ),
    "leaves the config for another that is not told": (
        state(status="Updating", config="new", desired="other"),
        NEW,
        Action.WAIT,
    ),
    "is updated, and does not tell to what": (state(status="Updating", desired="new"), OLD, Action.WAIT),
    "rolls the config back": (state(status="RollingBack", pending="new", desired="new"), OLD, Action.WAIT),
    "rolls another back": (state(status="RollingBack", pending="other"), OLD, Action.WAIT),
    "rolled the config back": (state(desired="new", reason="unhealthy"), OLD, Action.REJECT),
    "was brought back by hand": (state(desired="new"), OLD, Action.REJECT),
    "rolled the config back, another size of what serves": (state(desired="new", reason="none left"), NEW, Action.FAIL),
    "rolled another back": (state(desired="other", reason="unhealthy"), OLD, Action.UPDATE),
    "is worked on by AWS": (state(status="SystemUpdating"), OLD, Action.WAIT),
    "is worked on by AWS, with our config": (
        state(status="SystemUpdating", config="new", desired="new"),
        NEW,
        Action.NOTHING,
    ),
    "failed on another": (state(status="Failed", reason="no capacity"), OLD, Action.RECREATE),
    "never came up with our config": (state(status="Failed", config="new", desired="new"), NEW, Action.REJECT),
    "failed with our config, which had served": (
        state(status="Failed", config="new", desired="new", **{names.MODEL_PACKAGE_TAG: NEW}),
        NEW,
        Action.RECREATE,
    ),
    "is out of service": (state(status="OutOfService"), OLD, Action.RECREATE),
    "serves a mix after another's failed rollback": (state(status="UpdateRollbackFailed"), OLD, Action.UPDATE),
    "serves a mix after our failed rollback": (
        state(status="UpdateRollbackFailed", desired="new", reason="no capacity"),
        OLD,
        Action.REJECT,
    ),
}


@pytest.mark.parametrize(("endpoint", "serving", "action"), TABLE.values(), ids=TABLE)
def test_what_is_done_follows_from_what_is(endpoint: EndpointState | None, serving: str, action: Action) -> None:
    assert decide(endpoint, WANTED, owner=OWNER, serving=serving).action is action


RED = {
    "serves another model": (state(), OLD, WANTED, Action.POSTPONE),
    "serves another model, and a person wants the wish": (state(), OLD, BY_PERSON, Action.UPDATE_AT_ONCE),
    "serves the same model otherwise": (state(), NEW, WANTED, Action.UPDATE_AT_ONCE),
    "is updated to the config": (state(status="Updating", pending="new", desired="new"), OLD, WANTED, Action.NOTHING),
    "serves the config": (state(config="new", desired="new"), NEW, WANTED, Action.SETTLE),
    "rolled the config back": (state(desired="new", reason="an alarm"), OLD, WANTED, Action.REJECT),
    "rolled another back": (state(desired="other", reason="an alarm"), OLD, WANTED, Action.POSTPONE),
    "failed": (state(status="Failed", reason="no capacity"), OLD, WANTED, Action.RECREATE),
    "none": (None, "", WANTED, Action.CREATE),
}


@pytest.mark.parametrize(("endpoint", "serving", "wanted", "action"), RED.values(), ids=RED)
def test_an_alarm_that_is_red_before_an_update_postpones_that_alone(
    endpoint: EndpointState | None, serving: str, wanted: Wanted, action: Action
) -> None:
    assert decide(endpoint, wanted, owner=OWNER, serving=serving, red=["a", "b"]).action is action


def second(status: str = "InService", config: str = "new", reason: str = "", pending: str = "") -> EndpointState:
    return replace(state(status, config, config, reason, pending), name="lakeloop-test--tiny")


FOREIGN = replace(OTHERS, name="lakeloop-test--tiny")
# What callers are sent to, the version of its config, what is beside it, what is done.
PAIRS = {
    "apart, nothing beside": (state(), OLD, Beside(None, apart=True), Action.BUILD),
    "apart, on what AWS works on": (state(status="SystemUpdating"), OLD, Beside(None, apart=True), Action.BUILD),
    "apart, on a mix": (state(status="UpdateRollbackFailed"), OLD, Beside(None, apart=True), Action.BUILD),
    "apart, somebody else's beside": (state(), OLD, Beside(FOREIGN, apart=True), Action.REFUSE),
    "apart, it is made": (state(), OLD, Beside(second("Creating"), apart=True), Action.NOTHING),
    "apart, it serves": (state(), OLD, Beside(second(), apart=True), Action.SWITCH),
    "apart, it serves and AWS works on it": (state(), OLD, Beside(second("SystemUpdating"), apart=True), Action.WAIT),
    "apart, it never came up": (state(), OLD, Beside(second("Failed", reason="no ping"), apart=True), Action.REJECT),
    "apart, it goes": (state(), OLD, Beside(second("Deleting"), apart=True), Action.WAIT),
    "apart, it is on its way to another": (
        state(),
        OLD,
        Beside(second("Updating", pending="x"), apart=True),
        Action.WAIT,
    ),
    "apart, another is left over": (state(), OLD, Beside(second(config="older"), apart=True), Action.CLEAR),
    "apart, another that failed is left over": (
        state(),
        OLD,
        Beside(second("Failed", "older"), apart=True),
        Action.CLEAR,
    ),
    "apart, another is made": (state(), OLD, Beside(second("Creating", "older"), apart=True), Action.WAIT),
    "apart, while what serves is updated": (
        state(status="Updating", pending="other"),
        OLD,
        Beside(None, apart=True),
        Action.WAIT,
    ),
    "apart, and what served has failed": (state(status="Failed"), OLD, Beside(second(), apart=True), Action.RECREATE),
    "not ours, apart": (OTHERS, OLD, Beside(None, apart=True), Action.REFUSE),
    "serves, and callers know": (state(config="new", desired="new"), NEW, Beside(second(config="old")), Action.RETIRE),
    "serves, and callers do not know yet": (
        state(config="new", desired="new"),
        NEW,
        Beside(second(config="old"), known=False),
        Action.LINGER,
    ),
    "serves, and the other goes": (
        state(config="new", desired="new"),
        NEW,
        Beside(second("Deleting", "old")),
        Action.SETTLE,
    ),
    "serves, beside somebody else's": (state(config="new", desired="new"), NEW, Beside(FOREIGN), Action.SETTLE),
    "alike, whatever is beside": (state(), OLD, Beside(second(config="old")), Action.UPDATE),
}


@pytest.mark.parametrize(("endpoint", "serving", "beside", "action"), PAIRS.values(), ids=PAIRS)
def test_a_model_that_reads_rows_otherwise_has_an_endpoint_of_its_own(
    endpoint: EndpointState, serving: str, beside: Beside, action: Action
) -> None:
    assert decide(endpoint, WANTED, owner=OWNER, serving=serving, beside=beside).action is action


@pytest.mark.parametrize(
    ("endpoint", "why"),
    [
        (NOBODYS, f"endpoint {ENDPOINT} was not made by lakeloop: delete it or rename the dataset"),
        (
            OTHERS,
            f"endpoint {ENDPOINT} was made by the environment lakeloop-test-alice: delete it or rename the dataset",
        ),
        (state(desired="new", reason="unhealthy"), "its update was rolled back to old: unhealthy"),
        (state(desired="new"), "somebody brought the endpoint back to old"),
        (
            state(status="Failed", desired="new", reason="no ping"),
            "the endpoint is Failed: no ping",
        ),
    ],
)
def test_what_is_not_done_says_why(endpoint: EndpointState, why: str) -> None:
    assert decide(endpoint, WANTED, owner=OWNER, serving=OLD).why == why


@pytest.mark.parametrize(
    ("endpoint", "done", "good"),
    [
        (state(config="new", desired="new"), True, True),
        (state(config="old", desired="new", reason="alarm"), True, False),
        (state(config="old", desired="old", reason="alarm"), True, False),
        (state(config="new", desired="old"), False, False),
        (state(config="new", desired="a"), False, False),
        (state(status="Failed", desired="new"), True, False),
        (state(status="UpdateRollbackFailed", desired="new"), True, False),
        (state(status="Updating", desired="new"), False, False),
        (state(status="Updating", config="new", desired="new"), False, False),
        (state(status="Creating", config="new", desired="new"), False, False),
    ],
)
def test_in_service_with_the_old_config_is_a_failed_deployment(endpoint: EndpointState, done: bool, good: bool) -> None:
    assert (outcome(endpoint).done, outcome(endpoint).good) == (done, good)


@pytest.mark.parametrize(
    "serving",
    [
        Serving(serverless=Serverless(memory_mb=2048, max_concurrency=5)),
        Serving(instances=Instances(instance_type="ml.m5.large", count=2)),
    ],
)
def test_the_requests_are_ones_that_sagemaker_takes(serving: Serving) -> None:
    model = model_request(ENDPOINT, ARTIFACT, serving, image=IMAGE, role_arn=ROLE)
    config = config_request(ENDPOINT, model["ModelName"], serving)

    assert request_errors("CreateModel", model) == ""
    assert request_errors("CreateEndpointConfig", config) == ""
    assert model["EnableNetworkIsolation"] == (serving.serverless is None)


@pytest.mark.parametrize(
    ("serving", "isolated", "size"),
    [
        (
            Serving(serverless=Serverless(memory_mb=2048, max_concurrency=5)),
            False,
            {"ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5}},
        ),
        (
            Serving(instances=Instances(instance_type="ml.m5.large", count=2)),
            True,
            {"InstanceType": "ml.m5.large", "InitialInstanceCount": 2, "InitialVariantWeight": 1.0},
        ),
    ],
)
def test_the_requests_are_these(serving: Serving, isolated: bool, size: dict[str, object]) -> None:
    model = model_request(ENDPOINT, ARTIFACT, serving, image=IMAGE, role_arn=ROLE)
    config = config_request(ENDPOINT, "model", serving)

    assert model == {
        "ModelName": model["ModelName"],
        "PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": ARTIFACT},
        "ExecutionRoleArn": ROLE,
        "EnableNetworkIsolation": isolated,
    }
    assert config == {
        "EndpointConfigName": config["EndpointConfigName"],
        "ProductionVariants": [{"VariantName": "AllTraffic", "ModelName": "model", **size}],
    }
    for name in (model["ModelName"], config["EndpointConfigName"]):
        assert re.fullmatch(rf"{ENDPOINT}-[0-9a-f]{{12}}", name)


def test_another_model_or_another_size_is_another_config() -> None:
    small, large = (Serving(serverless=Serverless(memory_mb=size, max_concurrency=5)) for size in (1024, 2048))

    configs = {config_request(ENDPOINT, m, s)["EndpointConfigName"] for m in ("m1", "m2") for s in (small, large)}

    assert len(configs) == 4


TWO = Instances(instance_type="ml.m5.large", count=2)
ALARM = f"{ENDPOINT}-serving-errors"


@pytest.mark.parametrize(
    ("traffic", "routing", "bakes", "alarms"),
    [
        (
            Traffic(),
            {"Type": "CANARY", "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 10}, "WaitIntervalInSeconds": 300},
            300,
            [ALARM],
        ),
        (
            Traffic(routing="linear", percent=50, bake_minutes=30, max_latency_ms=200, alarms=("shop",)),
            {
                "Type": "LINEAR",
                "LinearStepSize": {"Type": "CAPACITY_PERCENT", "Value": 50},
                "WaitIntervalInSeconds": 1800,
            },
            1800,
            [ALARM, f"{ENDPOINT}-serving-latency", "shop"],
        ),
        (
            Traffic(routing="all_at_once", bake_minutes=0),
            {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0},
            0,
            [ALARM],
        ),
    ],
    ids=["canary", "linear", "all at once"],
)
def test_requests_move_as_the_contract_says(traffic: Traffic, routing: object, bakes: int, alarms: list[str]) -> None:
    move = move_request(ENDPOINT, Serving(instances=TWO, traffic=traffic))

    assert move == {
        "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": bakes},
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in alarms]},
    }
    update = {"EndpointName": ENDPOINT, "EndpointConfigName": "new", "DeploymentConfig": move}
    assert request_errors("UpdateEndpoint", update) == ""


def test_how_requests_move_makes_no_other_config() -> None:
    """And none than that of the release before, which knew nothing of it: or an upgrade would change every endpoint."""
    still, moving = (config_request(ENDPOINT, "m", Serving(instances=TWO, traffic=by)) for by in (None, Traffic()))

    assert still == moving
    assert still["EndpointConfigName"] == f"{ENDPOINT}-ab25da429ad3"

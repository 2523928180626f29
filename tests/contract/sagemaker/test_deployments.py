"""Updates of an endpoint: a new fleet beside the old one, and back when something is wrong."""

import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.sagemaker.cloud import Cloud, EventSink, LocalServer, eventually
from tests.contract.sagemaker.conftest import SetFaults
from tests.contract.sagemaker.jobs import make_config, make_endpoint, make_model, remove_endpoint, score, settled
from tests.contract.sagemaker.updates import Callers, alarm_of, set_alarm

INSTANCES = {"InstanceType": "ml.m5.large", "InitialInstanceCount": 2}
UpdateTo = Callable[..., None]


def guarded(kind: str, wait: int = 0, alarms: tuple[str, ...] = (), **size: object) -> dict[str, Any]:
    """A DeploymentConfig; waits take a sixtieth of their time here."""
    policy = {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {"Type": kind, "WaitIntervalInSeconds": wait, **size},
            "TerminationWaitInSeconds": 0,
            "MaximumExecutionTimeoutInSeconds": 3600,
        }
    }
    if alarms:
        policy["AutoRollbackConfiguration"] = {"Alarms": [{"AlarmName": name} for name in alarms]}
    return policy


def percent(value: int) -> dict[str, Any]:
    return {"Type": "CAPACITY_PERCENT", "Value": value}


def share_of(cloud: Cloud, endpoint: str, wanted: str, requests: int) -> float:
    answers = [score(cloud, endpoint) for _ in range(requests)]
    return answers.count(wanted) / requests


def stages(cloud: Cloud, endpoint: str) -> list[str]:
    found: Any = cloud.sagemaker.describe_endpoint(EndpointName=endpoint)
    pending = found.get("PendingDeploymentSummary", {}).get("ProductionVariants", [])
    return [
        stage["StatusMessage"] for variant in pending for stage in variant["VariantStatus"] if "StatusMessage" in stage
    ]


@pytest.fixture
def alarm(cloud: Cloud) -> Iterator[str]:
    with alarm_of(cloud, cloud.name("alarm")) as name:
        yield name


@pytest.fixture
def update_to(cloud: Cloud, model: str) -> UpdateTo:
    """Update an endpoint to a config with another variant of the same model."""

    def update(endpoint: str, variant: dict[str, Any], **options: Any) -> None:  # noqa: ANN401
        config = make_config(cloud, model, variant)
        cloud.sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=config, **options)

    return update


def test_update_serves_the_new_model_under_the_new_config(cloud: Cloud, endpoint: str, other_model: str) -> None:
    before, config = score(cloud, endpoint), make_config(cloud, other_model)

    cloud.sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=config)

    pending = cloud.sagemaker.describe_endpoint(EndpointName=endpoint)
    assert pending["EndpointStatus"] == "Updating"
    assert pending["PendingDeploymentSummary"]["EndpointConfigName"] == config
    assert score(cloud, endpoint) == before
    found = settled(cloud, endpoint)
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", config)
    assert "PendingDeploymentSummary" not in found
    assert score(cloud, endpoint) != before


def test_canary_gets_its_share_and_then_everything(
    cloud: Cloud, endpoint: str, other_model: str, local_server: LocalServer
) -> None:
    before, config = score(cloud, endpoint), make_config(cloud, other_model)

    cloud.sagemaker.update_endpoint(
        EndpointName=endpoint,
        EndpointConfigName=config,
        DeploymentConfig=guarded("CANARY", wait=300, CanarySize=percent(25)),  # type: ignore[arg-type]
    )
    eventually(lambda: "Baking for 300 seconds with 25% of the traffic" in stages(cloud, endpoint), "the canary")

    # Four standard deviations of a hundred requests to either side.
    assert 0.57 < share_of(cloud, endpoint, before, requests=100) < 0.93
    assert settled(cloud, endpoint)["EndpointConfigName"] == config
    assert share_of(cloud, endpoint, before, requests=20) == 0


def test_linear_traffic_grows_step_by_step(
    cloud: Cloud, endpoint: str, other_model: str, local_server: LocalServer, events: EventSink
) -> None:
    config = make_config(cloud, other_model)

    cloud.sagemaker.update_endpoint(
        EndpointName=endpoint,
        EndpointConfigName=config,
        DeploymentConfig=guarded("LINEAR", wait=12, LinearStepSize=percent(50)),  # type: ignore[arg-type]
    )

    assert settled(cloud, endpoint)["EndpointConfigName"] == config
    seen = eventually(lambda: [each for each in weights(events, endpoint) if each == 1.0], "the last event", seconds=5)
    assert seen
    assert list(dict.fromkeys(weights(events, endpoint))) == [0.5, 1.0]


def weights(events: EventSink, endpoint: str) -> list[float]:
    """The share of the new fleet in the deployment events, in the order they came."""
    details = events.details("SageMaker Endpoint Deployment State Change")
    variants = [
        each["PendingDeploymentSummary"]["ProductionVariants"][0]
        for each in details
        if each["EndpointName"] == endpoint
    ]
    return [variant["CurrentWeight"] for variant in variants]


def test_alarm_rolls_back_to_the_old_config(cloud: Cloud, endpoint: str, other_model: str, alarm: str) -> None:
    before = score(cloud, endpoint)
    old = cloud.sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"]
    set_alarm(cloud, alarm, "OK")
    cloud.sagemaker.update_endpoint(
        EndpointName=endpoint,
        EndpointConfigName=make_config(cloud, other_model),
        DeploymentConfig=guarded("CANARY", 3600, (alarm,), CanarySize=percent(50)),  # type: ignore[arg-type]
    )
    eventually(lambda: any("Baking" in stage for stage in stages(cloud, endpoint)), "the canary")

    set_alarm(cloud, alarm, "ALARM")

    found = settled(cloud, endpoint)
    # In service again: only the config and the reason tell what happened.
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", old)
    assert alarm in found["FailureReason"]
    assert share_of(cloud, endpoint, before, requests=20) == 1


def test_alarm_fires_by_itself_and_rolls_back(cloud: Cloud, endpoint: str, other_model: str) -> None:
    if cloud.aws_url is not None:
        pytest.skip("the alarms of moto do not look at metrics")
    old = cloud.sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"]

    def rolled_back() -> bool:
        with suppress(ClientError):
            score(cloud, endpoint, "1,2")
        return cloud.sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointStatus"] == "InService"

    of_the_endpoint = {"EndpointName": endpoint, "VariantName": "AllTraffic"}
    with alarm_of(cloud, cloud.name("errors"), "Invocation4XXErrors", of_the_endpoint) as name:
        cloud.sagemaker.update_endpoint(
            EndpointName=endpoint,
            EndpointConfigName=make_config(cloud, other_model),
            DeploymentConfig=guarded("CANARY", 3600, (name,), CanarySize=percent(50)),  # type: ignore[arg-type]
        )
        eventually(lambda: any("Baking" in stage for stage in stages(cloud, endpoint)), "the canary", seconds=900)
        eventually(rolled_back, "the alarm to roll back", seconds=300)
        found = settled(cloud, endpoint)
    assert found["EndpointConfigName"] == old
    assert name in found["FailureReason"]


def test_update_to_a_broken_model_ends_in_service_with_the_old_config(cloud: Cloud, endpoint: str) -> None:
    before = score(cloud, endpoint)
    old = cloud.sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"]
    broken = make_model(cloud, cloud.put(f"{cloud.prefix}/broken/model.tar.gz", b"no archive"))

    cloud.sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=make_config(cloud, broken))

    found = settled(cloud, endpoint)
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", old)
    assert "model data" in found["FailureReason"]
    assert score(cloud, endpoint) == before


def test_fleet_that_is_never_healthy_is_not_deployed(
    cloud: Cloud, endpoint: str, other_model: str, set_faults: SetFaults
) -> None:
    old = cloud.sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"]
    set_faults(unhealthy_models=[other_model])

    cloud.sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=make_config(cloud, other_model))

    found = settled(cloud, endpoint)
    assert found["EndpointConfigName"] == old
    assert "did not pass the ping health check" in found["FailureReason"]


def test_success_clears_the_reason_of_an_earlier_failure(
    cloud: Cloud, endpoint: str, other_model: str, set_faults: SetFaults
) -> None:
    set_faults(unhealthy_models=[other_model])
    config = make_config(cloud, other_model)
    cloud.sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=config)
    assert "FailureReason" in settled(cloud, endpoint)

    set_faults()
    cloud.sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=config)

    found = settled(cloud, endpoint)
    assert found["EndpointConfigName"] == config
    assert "FailureReason" not in found


@pytest.mark.parametrize(
    ("variant", "options", "problem"),
    [
        (INSTANCES | {"VariantName": "Renamed"}, {"DeploymentConfig": guarded("ALL_AT_ONCE")}, "same variant name"),
        (INSTANCES | {"VariantName": "Renamed"}, {}, "same variant name"),
        (INSTANCES, {"DeploymentConfig": guarded("CANARY")}, "CanarySize is required"),
        (INSTANCES, {"DeploymentConfig": guarded("CANARY", CanarySize=percent(60))}, "more than half"),
        (INSTANCES, {"DeploymentConfig": guarded("LINEAR", CanarySize=percent(10))}, "LinearStepSize is required"),
        ({"ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 1}}, {}, "serverless"),
    ],
    ids=["renamed variant", "renamed without guardrails", "no size", "canary too big", "no step", "to serverless"],
)
def test_updates_that_are_refused(
    update_to: UpdateTo, endpoint: str, variant: dict[str, Any], options: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ClientError, match=problem) as refused:
        update_to(endpoint, variant, **options)

    assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_no_request_is_lost_in_three_switches_and_a_rollback(
    cloud: Cloud, endpoint: str, model: str, other_model: str, alarm: str
) -> None:
    set_alarm(cloud, alarm, "OK")
    switches = [
        (other_model, guarded("ALL_AT_ONCE", wait=0)),
        (model, guarded("CANARY", wait=30, CanarySize=percent(25))),
        (other_model, guarded("LINEAR", wait=15, LinearStepSize=percent(50))),
    ]

    callers = Callers(cloud, endpoint)
    with callers.asking(threads=40, per_second=math.inf):
        for used, deployment in switches:
            config = make_config(cloud, used)
            cloud.sagemaker.update_endpoint(
                EndpointName=endpoint,
                EndpointConfigName=config,
                DeploymentConfig=deployment,  # type: ignore[arg-type]
            )
            assert settled(cloud, endpoint)["EndpointConfigName"] == config
        cloud.sagemaker.update_endpoint(
            EndpointName=endpoint,
            EndpointConfigName=make_config(cloud, model),
            DeploymentConfig=guarded("CANARY", 3600, (alarm,), CanarySize=percent(50)),  # type: ignore[arg-type]
        )
        eventually(lambda: any("Baking" in stage for stage in stages(cloud, endpoint)), "the canary")
        set_alarm(cloud, alarm, "ALARM")
        assert alarm in settled(cloud, endpoint)["FailureReason"]

    assert callers.failures == []
    assert len(callers.answers) > 200


def test_slow_request_is_answered_by_the_fleet_that_took_it(
    cloud: Cloud, model: str, other_model: str, set_faults: SetFaults
) -> None:
    name = make_endpoint(cloud, make_config(cloud, model))
    before = score(cloud, name)
    set_faults(invocation_delay_seconds={model: 6})
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(score, cloud, name)
        time.sleep(1)
        set_faults()
        cloud.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=make_config(cloud, other_model))
        eventually(lambda: score(cloud, name) != before, "the new fleet to answer")

        assert not slow.done()
        assert slow.result() == before
    remove_endpoint(cloud, name)

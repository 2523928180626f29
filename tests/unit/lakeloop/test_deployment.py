"""Endpoints come to what they should serve, and never back from it."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from lakeloop import names
from lakeloop.contract import Instances, Serverless, Serving
from lakeloop.deployment.decision import Action, decide, outcome
from lakeloop.deployment.ports import EndpointState, TrainedModel
from lakeloop.deployment.requests import config_request, model_request
from lakeloop.deployment.service import DeploymentService
from lakeloop.errors import MalformedMessageError, TransientError
from lakeloop.messages import Message
from tests.botocore_model import request_errors
from tests.data import tiny
from tests.fakes import Crash, CrashError, MemoryContracts, MemoryHosting, message

DAY = datetime(2026, 1, 1, tzinfo=UTC)
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"
ROLE = "arn:aws:iam::000000000000:role/r"
ENDPOINT = "lakeloop-test-tiny"


def trained(job: str = "job-1", day: int = 0) -> TrainedModel:
    return TrainedModel(
        tuning_job=job,
        training_job=f"{job}-001",
        artifact=f"s3://artifacts/{job}/model.tar.gz",
        metric="validation:auc",
        value=0.99,
        created=DAY + timedelta(days=day),
        tags={names.DATASET_TAG: "tiny", names.COMMIT_TAG: "c1"},
    )


def state(status: str = "InService", config: str = "old", desired: str = "old", reason: str = "") -> EndpointState:
    return EndpointState(ENDPOINT, status, config, reason, {names.DESIRED_CONFIG_TAG: desired})


@pytest.mark.parametrize(
    ("endpoint", "deployed", "action"),
    [
        (None, None, Action.CREATE),
        (state(), None, Action.UPDATE),
        (state(), DAY - timedelta(days=1), Action.UPDATE),
        (state(), DAY + timedelta(days=1), Action.NOTHING),
        (state(config="new", desired="new"), DAY, Action.NOTHING),
        (state(status="Creating", config="new", desired="new"), DAY, Action.NOTHING),
        (state(status="Updating", config="old", desired="new"), DAY, Action.NOTHING),
        (state(status="Updating", config="old", desired="other"), DAY, Action.WAIT),
        (state(status="Creating", config="old", desired="old"), None, Action.WAIT),
        (state(status="Failed", config="old", desired="old", reason="no capacity"), None, Action.RECREATE),
        (state(config="old", desired="new", reason="unhealthy"), DAY, Action.NOTHING),
        (state(config="old", desired="new"), DAY, Action.UPDATE),
    ],
)
def test_what_is_done_follows_from_what_is(
    endpoint: EndpointState | None, deployed: datetime | None, action: Action
) -> None:
    assert decide(endpoint, config="new", trained=DAY, deployed=deployed).action is action


@pytest.mark.parametrize(
    ("endpoint", "done", "good"),
    [
        (state(config="new", desired="new"), True, True),
        (state(config="old", desired="new", reason="alarm"), True, False),
        (state(status="Failed", desired="new"), True, False),
        (state(status="Updating", desired="new"), False, False),
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
    model = model_request(ENDPOINT, trained(), serving, image=IMAGE, role_arn=ROLE)
    config = config_request(ENDPOINT, model["ModelName"], serving)

    assert request_errors("CreateModel", model) == ""
    assert request_errors("CreateEndpointConfig", config) == ""
    assert model["EnableNetworkIsolation"] == (serving.serverless is None)


def test_another_model_or_another_size_is_another_config() -> None:
    small, large = (Serving(serverless=Serverless(memory_mb=size, max_concurrency=5)) for size in (1024, 2048))

    configs = {config_request(ENDPOINT, m, s)["EndpointConfigName"] for m in ("m1", "m2") for s in (small, large)}

    assert len(configs) == 4


def service(hosting: MemoryHosting) -> DeploymentService:
    return DeploymentService(
        contracts=MemoryContracts(tiny()), hosting=hosting, name_prefix="lakeloop-test", image=IMAGE, role_arn=ROLE
    )


def tuning_event(job: str = "job-1") -> Message:
    return message(
        {
            "detail-type": "SageMaker HyperParameter Tuning Job State Change",
            "source": "aws.sagemaker",
            "detail": {"HyperParameterTuningJobName": job, "HyperParameterTuningJobStatus": "Completed"},
        }
    )


def test_the_best_trial_is_deployed_once_however_often_the_event_comes() -> None:
    hosting = MemoryHosting(models={"job-1": trained()})

    for _ in range(3):
        service(hosting).handle(tuning_event())

    [call] = hosting.calls
    assert call == f"create {hosting.endpoints[ENDPOINT].config}"
    assert hosting.endpoints[ENDPOINT].tags[names.TUNING_JOB_TAG] == "job-1"


def test_an_older_job_whose_event_comes_late_does_not_replace_a_newer_model() -> None:
    hosting = MemoryHosting(models={"job-1": trained(), "job-2": trained("job-2", day=1)})
    service(hosting).handle(tuning_event("job-2"))
    newer = hosting.endpoints[ENDPOINT].config

    service(hosting).handle(tuning_event("job-1"))

    assert hosting.endpoints[ENDPOINT].config == newer


def test_a_busy_endpoint_is_tried_again_later() -> None:
    hosting = MemoryHosting(models={"job-2": trained("job-2", day=1)})
    hosting.endpoints[ENDPOINT] = state(status="Updating")

    with pytest.raises(TransientError, match="cannot be updated now"):
        service(hosting).handle(tuning_event("job-2"))


def test_a_failed_endpoint_is_deleted_and_made_again() -> None:
    hosting = MemoryHosting(models={"job-1": trained()}, endpoints={ENDPOINT: state(status="Failed")})

    with pytest.raises(TransientError):
        service(hosting).handle(tuning_event())
    service(hosting).handle(tuning_event())

    assert [call.split()[0] for call in hosting.calls] == ["delete", "create"]


@pytest.mark.parametrize("status", ["Failed", "Stopped"])
def test_a_job_without_a_model_deploys_nothing(status: str) -> None:
    hosting = MemoryHosting(models={"job-1": trained()}, statuses={"job-1": (status, "no trial succeeded")})

    service(hosting).handle(tuning_event())

    assert hosting.calls == []


def test_a_crash_at_any_step_and_redelivery_ends_with_the_same_endpoint() -> None:
    def world() -> MemoryHosting:
        hosting = MemoryHosting(models={"job-1": trained(), "job-2": trained("job-2", day=1)})
        service(hosting).handle(tuning_event("job-1"))
        hosting.crash.calls = 0
        return hosting

    unharmed = world()
    service(unharmed).handle(tuning_event("job-2"))
    assert unharmed.crash.calls == 4

    for step in range(1, 5):
        hosting = world()
        hosting.crash = Crash(at=step)
        with pytest.raises(CrashError):
            service(hosting).handle(tuning_event("job-2"))
        service(hosting).handle(tuning_event("job-2"))

        assert hosting.endpoints == unharmed.endpoints, f"step {step}"
        assert hosting.made == unharmed.made


@pytest.mark.parametrize("body", [{"detail-type": "SageMaker Training Job State Change", "detail": {}}, {}, []])
def test_other_events_are_malformed(body: object) -> None:
    with pytest.raises(MalformedMessageError):
        service(MemoryHosting()).handle(message(json.dumps(body)))

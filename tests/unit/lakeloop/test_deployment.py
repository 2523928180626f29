"""Endpoints come to what they should serve, and never back from it."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lakeloop import names
from lakeloop.contract import DatasetContract, Instances, Serverless, Serving
from lakeloop.deployment.decision import Action, decide, outcome
from lakeloop.deployment.ports import EndpointState, TrainedModel
from lakeloop.deployment.requests import config_request, model_request
from lakeloop.deployment.service import DeploymentService
from lakeloop.errors import MalformedMessageError, PermanentError, TransientError
from lakeloop.messages import Message
from tests.botocore_model import request_errors
from tests.cases import OPS
from tests.data import tiny
from tests.fakes import MemoryContracts, MemoryHosting, MemoryReports, message
from tests.metrics import counted

DAY = datetime(2026, 1, 1, tzinfo=UTC)
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"
ROLE = "arn:aws:iam::000000000000:role/r"
ENDPOINT = "lakeloop-test-tiny"
OWNER = "lakeloop-test"
JOB, NEXT_JOB = "lakeloop-test-000000000001", "lakeloop-test-000000000002"
DEV_JOB = "lakeloop-dev-000000000001"


def trained(job: str = JOB, day: int = 0) -> TrainedModel:
    return TrainedModel(
        tuning_job=job,
        status="Completed",
        training_job=f"{job}-001",
        artifact=f"s3://artifacts/{job}/model.tar.gz",
        metric="validation:auc",
        value=0.99,
        created=DAY + timedelta(days=day),
        tags={names.ENVIRONMENT_TAG: OWNER, names.DATASET_TAG: "tiny", names.COMMIT_TAG: "c1"},
    )


def state(
    status: str = "InService",
    config: str = "old",
    desired: str = "old",
    reason: str = "",
    pending: str = "",
    **tags: str,
) -> EndpointState:
    ours = {names.ENVIRONMENT_TAG: OWNER, names.DATASET_TAG: "tiny", names.DESIRED_CONFIG_TAG: desired}
    return EndpointState(ENDPOINT, status, config, reason, {**ours, **tags}, pending)


NOBODYS = EndpointState(ENDPOINT, "InService", "old", "", {})
OTHERS = EndpointState(ENDPOINT, "InService", "old", "", {names.ENVIRONMENT_TAG: "lakeloop-test-alice"})
EARLIER, LATER = DAY - timedelta(days=1), DAY + timedelta(days=1)

TABLE = {
    "none": (None, None, Action.CREATE),
    "not ours": (NOBODYS, None, Action.REFUSE),
    "another environment's": (OTHERS, EARLIER, Action.REFUSE),
    "not ours, and being deleted": (replace(NOBODYS, status="Deleting"), None, Action.REFUSE),
    "being deleted": (state(status="Deleting"), None, Action.WAIT),
    "being deleted, with our config": (state(status="Deleting", config="new", desired="new"), DAY, Action.WAIT),
    "being deleted, and newer": (state(status="Deleting"), LATER, Action.WAIT),
    "serves an older model": (state(), EARLIER, Action.UPDATE),
    "serves a model of nobody knows when": (state(), None, Action.UPDATE),
    "serves the same model otherwise": (state(), DAY, Action.UPDATE),
    "serves a newer model": (state(), LATER, Action.SKIP),
    "failed on a newer model": (state(status="Failed"), LATER, Action.SKIP),
    "serves the config": (state(config="new", desired="new"), DAY, Action.NOTHING),
    "serves the config, tags behind": (state(config="new", desired="old"), DAY, Action.TAG),
    "serves the config, tags behind, of a name before its": (state(config="new", desired="a"), DAY, Action.TAG),
    "serves the config after a failed update to another": (
        state(config="new", desired="other", reason="unhealthy"),
        DAY,
        Action.TAG,
    ),
    "is created with the config": (state(status="Creating", config="new", desired="new"), DAY, Action.NOTHING),
    "is created with another": (state(status="Creating"), None, Action.WAIT),
    "is updated to the config": (state(status="Updating", pending="new", desired="new"), DAY, Action.NOTHING),
    "is updated to the config, tags behind": (state(status="Updating", pending="new"), DAY, Action.TAG),
    "is updated to another": (state(status="Updating", pending="other"), None, Action.WAIT),
    "is updated to another, though a tag names ours": (
        state(status="Updating", pending="other", desired="new"),
        None,
        Action.WAIT,
    ),
    "is updated from the config to another": (
        state(status="Updating", config="new", pending="other", desired="new"),
        EARLIER,
        Action.WAIT,
    ),
    "leaves the config for another that is not told": (
        state(status="Updating", config="new", desired="other"),
        DAY,
        Action.WAIT,
    ),
    "is updated, and does not tell to what": (state(status="Updating", desired="new"), EARLIER, Action.WAIT),
    "rolls the config back": (state(status="RollingBack", pending="new", desired="new"), DAY, Action.WAIT),
    "rolls another back": (state(status="RollingBack", pending="other"), None, Action.WAIT),
    "rolled the config back": (state(desired="new", reason="unhealthy"), EARLIER, Action.NOTHING),
    "rolled the config back without a reason": (state(desired="new"), EARLIER, Action.NOTHING),
    "rolled another back": (state(desired="other", reason="unhealthy"), EARLIER, Action.UPDATE),
    "rolled another back, of a name before this": (state(desired="a", reason="unhealthy"), EARLIER, Action.UPDATE),
    "is worked on by AWS": (state(status="SystemUpdating"), EARLIER, Action.WAIT),
    "is worked on by AWS, with our config": (
        state(status="SystemUpdating", config="new", desired="new"),
        DAY,
        Action.NOTHING,
    ),
    "failed": (state(status="Failed", reason="no capacity"), None, Action.RECREATE),
    "failed with our config": (state(status="Failed", config="new", desired="new"), DAY, Action.RECREATE),
    "is out of service": (state(status="OutOfService"), EARLIER, Action.RECREATE),
    "serves a mix after a failed rollback": (state(status="UpdateRollbackFailed"), EARLIER, Action.WAIT),
}


@pytest.mark.parametrize(("endpoint", "deployed", "action"), TABLE.values(), ids=TABLE)
def test_what_is_done_follows_from_what_is(
    endpoint: EndpointState | None, deployed: datetime | None, action: Action
) -> None:
    assert decide(endpoint, config="new", owner=OWNER, trained=DAY, deployed=deployed).action is action


@pytest.mark.parametrize(
    ("endpoint", "why"),
    [
        (NOBODYS, f"endpoint {ENDPOINT} was not made by lakeloop: delete it or rename the dataset"),
        (
            OTHERS,
            f"endpoint {ENDPOINT} was made by the environment lakeloop-test-alice: delete it or rename the dataset",
        ),
        (state(desired="new", reason="unhealthy"), "new was tried and rolled back: unhealthy"),
        (state(desired="new"), "new was tried and rolled back: SageMaker gives no reason"),
    ],
)
def test_what_is_not_done_says_why(endpoint: EndpointState, why: str) -> None:
    assert decide(endpoint, config="new", owner=OWNER, trained=DAY, deployed=None).why == why


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
    model = model_request(ENDPOINT, trained(), serving, image=IMAGE, role_arn=ROLE)
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
    model = model_request(ENDPOINT, trained(), serving, image=IMAGE, role_arn=ROLE)
    config = config_request(ENDPOINT, "model", serving)

    assert model == {
        "ModelName": model["ModelName"],
        "PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": f"s3://artifacts/{JOB}/model.tar.gz"},
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


def service(
    hosting: MemoryHosting,
    reports: MemoryReports | None = None,
    contract: DatasetContract | None = None,
    owner: str = OWNER,
) -> DeploymentService:
    reports = reports or MemoryReports()
    reports.crash = hosting.crash
    return DeploymentService(
        contracts=MemoryContracts(contract or tiny()),
        hosting=hosting,
        reports=reports,
        name_prefix=owner,
        image=IMAGE,
        role_arn=ROLE,
    )


def tuning_event(job: str = JOB) -> Message:
    return message(
        {
            "detail-type": "SageMaker HyperParameter Tuning Job State Change",
            "source": "aws.sagemaker",
            "detail": {"HyperParameterTuningJobName": job, "HyperParameterTuningJobStatus": "Completed"},
        }
    )


def endpoint_event(name: str = ENDPOINT) -> Message:
    return message({"detail-type": "SageMaker Endpoint State Change", "detail": {"EndpointName": name}})


def test_the_best_trial_is_deployed_once_however_often_the_event_comes() -> None:
    hosting = MemoryHosting(models={JOB: trained()})

    for _ in range(3):
        service(hosting).handle(tuning_event())

    [call] = hosting.calls
    assert call == f"create {hosting.endpoints[ENDPOINT].config}"
    assert hosting.endpoints[ENDPOINT].tags[names.TUNING_JOB_TAG] == JOB


def test_an_older_job_whose_event_comes_late_does_not_replace_a_newer_model() -> None:
    hosting = MemoryHosting(models={JOB: trained(), NEXT_JOB: trained(NEXT_JOB, day=1)})
    service(hosting).handle(tuning_event(NEXT_JOB))
    newer = hosting.endpoints[ENDPOINT].config
    reports = MemoryReports()

    service(hosting, reports).handle(tuning_event(JOB))

    assert hosting.endpoints[ENDPOINT].config == newer
    assert reports.reports == {}


def test_a_busy_endpoint_is_tried_again_later() -> None:
    hosting = MemoryHosting(models={NEXT_JOB: trained(NEXT_JOB, day=1)})
    hosting.endpoints[ENDPOINT] = state(status="Updating")

    reports = MemoryReports()

    with pytest.raises(TransientError, match="cannot be updated now"):
        service(hosting, reports).handle(tuning_event(NEXT_JOB))

    report = reports.reports["tiny", "deploy_model"]
    assert (report.good, report.why) == (True, f"{ENDPOINT} cannot be updated now: the endpoint is Updating")


def test_a_failed_endpoint_is_deleted_and_made_again() -> None:
    hosting = MemoryHosting(models={JOB: trained()}, endpoints={ENDPOINT: state(status="Failed")}, slow=True)

    with pytest.raises(TransientError, match="is being deleted"):
        service(hosting).handle(tuning_event())
    with pytest.raises(TransientError, match="the endpoint is being deleted, and is made anew then"):
        service(hosting).handle(tuning_event())
    hosting.settle(ENDPOINT)
    service(hosting).handle(tuning_event())

    assert [call.split()[0] for call in hosting.calls] == ["delete", "create"]


def test_an_update_that_sagemaker_refused_is_made_later_and_told_as_what_it_is() -> None:
    hosting = MemoryHosting(models={JOB: trained(), NEXT_JOB: trained(NEXT_JOB, day=1)}, slow=True)
    reports = MemoryReports()
    service(hosting, reports).handle(tuning_event(JOB))
    hosting.settle(ENDPOINT)
    hosting.refused = [TransientError("Cannot update in-progress endpoint")]

    with pytest.raises(TransientError):
        service(hosting, reports).handle(tuning_event(NEXT_JOB))
    service(hosting, reports).handle(endpoint_event())
    assert reports.reports["tiny", "deploy_model"].good

    service(hosting, reports).handle(tuning_event(NEXT_JOB))
    hosting.settle(ENDPOINT)
    service(hosting, reports).handle(endpoint_event())

    serving = hosting.endpoints[ENDPOINT]
    assert hosting.made[serving.config][names.TUNING_JOB_TAG] == NEXT_JOB
    assert reports.reports["tiny", "deploy_model"].why == f"{serving.config} is InService"
    assert [call.split()[0] for call in hosting.calls] == ["create", "update"]


def test_a_fleet_that_rolls_back_leaves_its_reason_and_is_not_tried_again() -> None:
    hosting = MemoryHosting(models={JOB: trained(), NEXT_JOB: trained(NEXT_JOB, day=1)}, slow=True)
    reports = MemoryReports()
    service(hosting, reports).handle(tuning_event(JOB))
    hosting.settle(ENDPOINT)
    service(hosting, reports).handle(tuning_event(NEXT_JOB))
    hosting.settle(ENDPOINT, failure="did not pass the ping health check")

    service(hosting, reports).handle(endpoint_event())

    report = reports.reports["tiny", "deploy_model"]
    assert (report.good, report.job) == (False, NEXT_JOB)
    assert report.why.endswith("did not pass the ping health check")
    assert counted() == {"DeploymentFailed": 1}
    service(hosting, reports).handle(tuning_event(NEXT_JOB))
    assert [call.split()[0] for call in hosting.calls] == ["create", "update"]


def test_a_deployment_that_ends_well_is_counted_and_told_of_its_job() -> None:
    hosting, reports = MemoryHosting(models={JOB: trained()}, slow=True), MemoryReports()
    service(hosting, reports).handle(tuning_event())

    service(hosting, reports).handle(endpoint_event())
    assert counted() == {}
    hosting.settle(ENDPOINT)
    service(hosting, reports).handle(endpoint_event())

    report = reports.reports["tiny", "deploy_model"]
    assert (report.good, report.job) == (True, JOB)
    assert counted() == {"DeploymentSucceeded": 1}


def test_an_endpoint_made_by_hand_is_refused_with_what_to_do() -> None:
    case = json.loads((OPS / "endpoint-made-by-hand" / "endpoint.json").read_text())
    foreign = EndpointState(
        name=case["EndpointName"],
        status=case["EndpointStatus"],
        config=case["EndpointConfigName"],
        failure_reason="",
        tags={tag["Key"]: tag["Value"] for tag in case["Tags"]},
    )
    tags = {names.ENVIRONMENT_TAG: "lakeloop-dev", names.DATASET_TAG: "wine"}
    hosting = MemoryHosting(models={DEV_JOB: replace(trained(), tags=tags)}, endpoints={"lakeloop-dev-wine": foreign})
    reports = MemoryReports()
    deployment = service(hosting, reports, tiny(name="wine"), owner="lakeloop-dev")

    said = "endpoint lakeloop-dev-wine was not made by lakeloop: delete it or rename the dataset"
    with pytest.raises(PermanentError, match=said):
        deployment.handle(tuning_event(DEV_JOB))

    assert hosting.calls == []
    assert hosting.endpoints["lakeloop-dev-wine"] == foreign
    report = reports.reports["wine", "deploy_model"]
    assert (report.good, report.why) == (False, said)


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {names.ENVIRONMENT_TAG: "lakeloop-test-alice", names.DATASET_TAG: "tiny"},
        {names.ENVIRONMENT_TAG: OWNER},
    ],
)
def test_a_job_without_our_tags_is_ignored(tags: dict[str, str]) -> None:
    hosting = MemoryHosting(models={JOB: replace(trained(), tags=tags)})

    service(hosting).handle(tuning_event())

    assert (hosting.calls, hosting.made) == ([], {})


@pytest.mark.parametrize("job", ["lakeloop-test-alice-000000000001", "lakeloop-test-by-hand", "x-lakeloop-test-0"])
def test_a_job_of_an_environment_whose_name_begins_alike_is_not_even_asked_for(job: str) -> None:
    class Denied(MemoryHosting):
        def tuning_tags(self, tuning_job: str) -> dict[str, str]:
            raise PermanentError("not authorized")

    hosting = Denied(models={job: trained(job)})

    service(hosting).handle(tuning_event(job))

    assert (hosting.calls, hosting.made) == ([], {})


def test_the_end_of_somebody_elses_deployment_is_not_reported() -> None:
    theirs = {names.ENVIRONMENT_TAG: "lakeloop-test-alice", names.DATASET_TAG: "tiny", names.DESIRED_CONFIG_TAG: "old"}
    hosting = MemoryHosting(endpoints={ENDPOINT: replace(OTHERS, tags=theirs)})
    reports = MemoryReports()

    service(hosting, reports).handle(endpoint_event())

    assert reports.reports == {}


@pytest.mark.parametrize("status", ["Failed", "Stopped", "Completed"])
def test_a_job_without_a_model_deploys_nothing(status: str) -> None:
    without = replace(trained(), artifact="")
    hosting = MemoryHosting(models={JOB: without}, statuses={JOB: (status, "no trial succeeded")})

    service(hosting).handle(tuning_event())

    assert hosting.calls == []
    assert counted() == {"TuningWithoutModel": 1}


def test_a_job_stopped_with_a_best_model_is_deployed_with_it() -> None:
    described = json.loads((OPS / "stopped-with-a-best-model" / "describe.json").read_text())
    event = json.loads((OPS / "stopped-with-a-best-model" / "event.json").read_text())
    job, best = described["HyperParameterTuningJobName"], described["BestTrainingJob"]["TrainingJobName"]
    status = described["HyperParameterTuningJobStatus"]
    tags = {names.ENVIRONMENT_TAG: "lakeloop-dev", names.DATASET_TAG: "tiny"}
    hosting = MemoryHosting(
        models={job: replace(trained(job), training_job=best, status=status, tags=tags)}, statuses={job: (status, "")}
    )

    service(hosting, owner="lakeloop-dev").handle(message(event))

    tags = dict(hosting.endpoints["lakeloop-dev-tiny"].tags)
    assert tags[names.TRAINING_JOB_TAG] == best
    assert tags[names.TUNING_STATUS_TAG] == "Stopped"


def test_a_job_that_has_not_ended_though_an_event_says_so_is_looked_at_again() -> None:
    hosting = MemoryHosting(models={JOB: trained()}, statuses={JOB: ("InProgress", "")})

    with pytest.raises(TransientError, match="is InProgress, though an event says that it ended"):
        service(hosting).handle(tuning_event())


LARGER = Serving(serverless=Serverless(memory_mb=4096, max_concurrency=5))


def test_a_changed_serving_section_is_brought_about_with_the_model_that_serves() -> None:
    hosting = MemoryHosting(models={JOB: trained()})
    service(hosting).handle(tuning_event())
    before = hosting.endpoints[ENDPOINT]
    changed = service(hosting, contract=tiny(serving=LARGER.model_dump()))

    result = changed.serve_as_contracts_say(["tiny"])
    again = changed.serve_as_contracts_say(["tiny"])

    after = hosting.endpoints[ENDPOINT]
    assert after.config != before.config
    assert hosting.made[after.config][names.TUNING_JOB_TAG] == JOB
    assert result["tiny"].startswith(f"update {after.config}")
    assert again["tiny"] == f"{after.config} is InService"


def test_a_changed_serving_section_waits_for_a_busy_endpoint_and_follows_when_it_settles() -> None:
    hosting = MemoryHosting(models={JOB: trained()}, slow=True)
    service(hosting).handle(tuning_event())
    changed = service(hosting, contract=tiny(serving=LARGER.model_dump()))

    assert "cannot be updated now" in changed.serve_as_contracts_say(["tiny"])["tiny"]
    hosting.settle(ENDPOINT)
    changed.handle(endpoint_event())

    assert [call.split()[0] for call in hosting.calls] == ["create", "update"]


def test_serving_of_an_endpoint_that_is_not_ours_is_left_as_it_is() -> None:
    hosting = MemoryHosting(endpoints={ENDPOINT: OTHERS})

    assert service(hosting).serve_as_contracts_say(["tiny"]) == {"tiny": "no endpoint yet"}
    assert hosting.calls == []


def test_serving_that_cannot_change_says_why() -> None:
    hosting = MemoryHosting(models={JOB: trained()})

    assert service(hosting).serve_as_contracts_say(["tiny"]) == {"tiny": "no endpoint yet"}
    service(hosting).handle(tuning_event())
    hosting.models.clear()
    said = service(hosting).serve_as_contracts_say(["tiny"])["tiny"]
    assert said.endswith("is gone: the next training brings the change")


@pytest.mark.parametrize("body", [{"detail-type": "SageMaker Training Job State Change", "detail": {}}, {}, []])
def test_other_events_are_malformed(body: object) -> None:
    with pytest.raises(MalformedMessageError):
        service(MemoryHosting()).handle(message(json.dumps(body)))

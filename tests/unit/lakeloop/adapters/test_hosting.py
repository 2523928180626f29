"""Models, endpoint configs and endpoints: whole requests, and what each error of SageMaker means."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from lakeloop import names
from lakeloop.adapters.candidates import SageMakerCandidates
from lakeloop.adapters.sagemaker import SageMakerHosting
from lakeloop.deployment.ports import EndpointState, ServedConfig
from lakeloop.errors import ConflictingResourceError, PermanentError, TransientError
from tests.unit.lakeloop.adapters.stubs import ARN, Stub, stubbed
from tests.unit.lakeloop.adapters.test_tuner import NAME, arn, description

MADE = datetime(2026, 1, 1, tzinfo=UTC)
ENDPOINT, ENDPOINT_ARN = "lakeloop-dev-wine", f"{ARN}:endpoint/lakeloop-dev-wine"
TAGS = {"b": "2", "a": "1"}
SENT = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
MODEL = {"ModelName": "m", "PrimaryContainer": {"Image": "i", "ModelDataUrl": "s3://b/k"}, "ExecutionRoleArn": "r" * 20}
CONFIG = {"EndpointConfigName": "c", "ProductionVariants": [{"VariantName": "AllTraffic", "ModelName": "m"}]}
GONE = ("ValidationException", "Could not find what you asked for")


@pytest.fixture
def stub() -> Iterator[Stub]:
    with stubbed("sagemaker") as stub:
        yield stub


def hosting(stub: Stub) -> SageMakerHosting:
    return SageMakerHosting(stub.client)


def described(**more: object) -> dict[str, Any]:
    return {
        "EndpointName": ENDPOINT,
        "EndpointArn": ENDPOINT_ARN,
        "EndpointConfigName": "old",
        "EndpointStatus": "InService",
        "CreationTime": MADE,
        "LastModifiedTime": MADE,
        **more,
    }


def test_an_endpoint_is_told_with_what_an_update_is_bringing(stub: Stub) -> None:
    pending = {"EndpointConfigName": "new"}
    stub.answers(
        "describe_endpoint",
        described(EndpointStatus="Updating", FailureReason="once", PendingDeploymentSummary=pending),
        EndpointName=ENDPOINT,
    )
    stub.tags(ENDPOINT_ARN, environment="lakeloop-dev")

    assert hosting(stub).endpoint(ENDPOINT) == EndpointState(
        ENDPOINT, "Updating", "old", "once", {names.ENVIRONMENT_TAG: "lakeloop-dev"}, "new"
    )


def test_an_endpoint_that_is_gone_or_goes_while_it_is_looked_at_is_none(stub: Stub) -> None:
    stub.refuses("describe_endpoint", *GONE)
    stub.answers("describe_endpoint", described(), EndpointName=ENDPOINT)
    stub.refuses("list_tags", "ResourceNotFound")

    assert hosting(stub).endpoint(ENDPOINT) is None
    assert hosting(stub).endpoint(ENDPOINT) is None


def test_what_a_config_is_made_of_is_read_and_nothing_where_it_is_gone(stub: Stub) -> None:
    config_arn = f"{ARN}:endpoint-config/c"
    found = {**CONFIG, "EndpointConfigArn": config_arn, "CreationTime": MADE}
    stub.answers("describe_endpoint_config", found, EndpointConfigName="c")
    stub.tags(config_arn, tuning_job="job-1")
    stub.refuses("describe_endpoint_config", *GONE)

    assert hosting(stub).served("c") == ServedConfig("c", "m", {names.TUNING_JOB_TAG: "job-1"})
    assert hosting(stub).served("c") is None


def trial(value: float = 0.98) -> dict[str, Any]:
    return {
        "TrainingJobName": f"{NAME}-001",
        "TrainingJobArn": f"{ARN}:training-job/{NAME}-001",
        "CreationTime": MADE,
        "TrainingJobStatus": "Completed",
        "TunedHyperParameters": {},
        "FinalHyperParameterTuningJobObjectiveMetric": {"MetricName": "validation:auc", "Value": value},
    }


TRAINING: dict[str, Any] = {
    "TrainingJobName": f"{NAME}-001",
    "TrainingJobArn": f"{ARN}:training-job/{NAME}-001",
    "ModelArtifacts": {"S3ModelArtifacts": "s3://b/model.tar.gz"},
    "TrainingJobStatus": "Completed",
    "SecondaryStatus": "Completed",
    "AlgorithmSpecification": {"TrainingInputMode": "File"},
    "ResourceConfig": {"VolumeSizeInGB": 1},
    "StoppingCondition": {},
    "CreationTime": MADE,
}


def test_the_best_model_is_the_best_trials_also_of_a_stopped_job(stub: Stub) -> None:
    stub.answers(
        "describe_hyper_parameter_tuning_job",
        description(NAME, "Stopped", BestTrainingJob=trial()),
        HyperParameterTuningJobName=NAME,
    )
    stub.answers("describe_training_job", TRAINING, TrainingJobName=f"{NAME}-001")
    stub.tags(arn(NAME), commit="c1")

    model = SageMakerCandidates(stub.client).best_model(NAME)

    assert model is not None
    assert (model.artifact, model.status, model.value, model.training_job) == (
        *("s3://b/model.tar.gz", "Stopped", 0.98),
        f"{NAME}-001",
    )
    assert model.tags == {names.COMMIT_TAG: "c1"}


def test_a_job_without_a_best_trial_or_that_is_gone_has_no_model(stub: Stub) -> None:
    stub.answers("describe_hyper_parameter_tuning_job", description(), HyperParameterTuningJobName=NAME)
    for _ in range(3):
        stub.refuses("describe_hyper_parameter_tuning_job", "ResourceNotFound")

    assert SageMakerCandidates(stub.client).best_model(NAME) is None
    assert SageMakerCandidates(stub.client).best_model(NAME) is None
    assert SageMakerCandidates(stub.client).tuning_tags(NAME) == {}
    assert SageMakerCandidates(stub.client).tuning_created(NAME) is None


def test_an_endpoint_is_created_with_its_tags_and_updated_without(stub: Stub) -> None:
    answer = {"EndpointArn": ENDPOINT_ARN}
    stub.answers("create_endpoint", answer, EndpointName=ENDPOINT, EndpointConfigName="c", Tags=SENT)
    stub.answers("update_endpoint", answer, EndpointName=ENDPOINT, EndpointConfigName="c")
    stub.answers("describe_endpoint", described(), EndpointName=ENDPOINT)
    stub.answers("add_tags", {"Tags": SENT}, ResourceArn=ENDPOINT_ARN, Tags=SENT)

    hosting(stub).create_endpoint(ENDPOINT, "c", TAGS)
    hosting(stub).update_endpoint(ENDPOINT, "c")
    hosting(stub).tag_endpoint(ENDPOINT, TAGS)


def test_deleting_what_is_gone_is_done(stub: Stub) -> None:
    stub.answers("delete_endpoint", {}, EndpointName=ENDPOINT)
    stub.refuses("delete_endpoint", *GONE)

    hosting(stub).delete_endpoint(ENDPOINT)
    hosting(stub).delete_endpoint(ENDPOINT)


CALLS: dict[str, tuple[str, Callable[[SageMakerHosting], None]]] = {
    "create_endpoint": (ENDPOINT, lambda to: to.create_endpoint(ENDPOINT, "c", TAGS)),
    "update_endpoint": (ENDPOINT, lambda to: to.update_endpoint(ENDPOINT, "c")),
    "delete_endpoint": (ENDPOINT, lambda to: to.delete_endpoint(ENDPOINT)),
    "create_model": ("m", lambda to: to.ensure_model(MODEL, TAGS)),
    "create_endpoint_config": ("c", lambda to: to.ensure_config(CONFIG, TAGS)),
}


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        ("ResourceLimitExceeded", "The account-level service limit is 0", TransientError),
        ("ThrottlingException", "Rate exceeded", TransientError),
        ("ValidationException", 'Cannot update in-progress endpoint "arn"', TransientError),
        ("ValidationException", 'Could not find endpoint configuration "arn"', TransientError),
        ("ValidationException", "An endpoint with instances cannot be updated to a serverless one", PermanentError),
        ("AccessDeniedException", "not authorized to perform", PermanentError),
    ],
)
def test_what_passes_is_told_from_what_somebody_must_mend(
    stub: Stub, operation: str, code: str, message: str, kind: type[Exception]
) -> None:
    if operation == "delete_endpoint" and message.startswith("Could not find"):
        return
    subject, call = CALLS[operation]
    stub.refuses(operation, code, message)

    with pytest.raises(kind) as error:
        call(hosting(stub))

    assert message in str(error.value)
    assert subject in str(error.value)


def test_a_name_that_exists_by_now_is_looked_at_again_later(stub: Stub) -> None:
    stub.refuses("create_endpoint", "ValidationException", 'Cannot create already existing endpoint "arn"')

    with pytest.raises(TransientError):
        hosting(stub).create_endpoint(ENDPOINT, "c", TAGS)


EXISTS = ("ValidationException", "Cannot create already existing thing")


@pytest.mark.parametrize(("artifact", "same"), [("s3://b/k", True), ("s3://b/other", False)])
def test_a_model_of_the_name_is_the_same_or_somebodys(stub: Stub, artifact: str, same: bool) -> None:
    found = {"ModelArn": f"{ARN}:model/m", "ModelName": "m", "CreationTime": MADE}
    stub.refuses("create_model", *EXISTS, request={**MODEL, "Tags": SENT})
    stub.answers(
        "describe_model", {**found, "PrimaryContainer": {"Image": "i", "ModelDataUrl": artifact}}, ModelName="m"
    )

    if same:
        hosting(stub).ensure_model(MODEL, TAGS)
    else:
        with pytest.raises(ConflictingResourceError, match="somebody made it by hand"):
            hosting(stub).ensure_model(MODEL, TAGS)


@pytest.mark.parametrize(("model", "same"), [("m", True), ("other", False)])
def test_a_config_of_the_name_is_the_same_or_somebodys(stub: Stub, model: str, same: bool) -> None:
    variants = [{"VariantName": "AllTraffic", "ModelName": model}]
    found = {"EndpointConfigName": "c", "EndpointConfigArn": f"{ARN}:endpoint-config/c", "CreationTime": MADE}
    stub.refuses("create_endpoint_config", *EXISTS, request={**CONFIG, "Tags": SENT})
    stub.answers("describe_endpoint_config", {**found, "ProductionVariants": variants}, EndpointConfigName="c")

    if same:
        hosting(stub).ensure_config(CONFIG, TAGS)
    else:
        with pytest.raises(ConflictingResourceError, match="somebody made it by hand"):
            hosting(stub).ensure_config(CONFIG, TAGS)

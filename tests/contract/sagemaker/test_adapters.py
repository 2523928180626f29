"""The adapters of the functions on SageMaker itself, or the local one: what written-down answers cannot know."""

from collections.abc import Iterator
from typing import Any

import pytest

from lakeloop import names
from lakeloop.adapters import reaper
from lakeloop.adapters.candidates import SageMakerCandidates
from lakeloop.adapters.reaper import SageMakerReaper
from lakeloop.adapters.registry import SageMakerRegistry
from lakeloop.adapters.runtime import SageMakerEndpoints
from lakeloop.adapters.sagemaker import SageMakerHosting
from lakeloop.adapters.transforms import SageMakerTransforms
from lakeloop.adapters.tuning import SageMakerTuner
from lakeloop.deployment.decision import Action, Wanted, decide, outcome
from lakeloop.errors import ConflictingResourceError, PermanentError, TransientError
from lakeloop.registry import lineage
from lakeloop.registry.ports import Approval, Registration
from lakeloop.serving.ports import EndpointView, LiveModel
from lakeloop.training.decision import RUNNING
from lakeloop.training.failure import explained, is_quota
from tests.contract.sagemaker.cloud import Cloud, eventually
from tests.contract.sagemaker.conftest import SetFaults
from tests.contract.sagemaker.examples import IMAGE, tuning_job
from tests.contract.sagemaker.jobs import Channels, ended_transform, ended_tuning, remove_endpoint, settled


@pytest.fixture
def hosting(cloud: Cloud) -> SageMakerHosting:
    return SageMakerHosting(cloud.sagemaker)


@pytest.fixture
def tuner(cloud: Cloud) -> SageMakerTuner:
    return SageMakerTuner(cloud.sagemaker, cloud.prefix)


def tags(cloud: Cloud, dataset: str, commit: str = "c1") -> dict[str, str]:
    return {names.ENVIRONMENT_TAG: cloud.prefix, names.DATASET_TAG: dataset, names.COMMIT_TAG: commit}


def request(cloud: Cloud, channels: Channels, dataset: str, attempt: int = 1) -> dict[str, Any]:
    name = names.tuning_job(cloud.prefix, dataset, "c1", "training", str(attempt))
    limits = {"MaxNumberOfTrainingJobs": 1, "MaxParallelTrainingJobs": 1}
    return tuning_job(cloud, name, channels, ResourceLimits=limits)


def test_a_job_is_started_once_listed_and_known_by_name(
    cloud: Cloud, channels: Channels, tuner: SageMakerTuner
) -> None:
    wanted = request(cloud, channels, "once")
    name = wanted["HyperParameterTuningJobName"]

    assert tuner.start(wanted, tags(cloud, "once"))
    assert not tuner.start(wanted, tags(cloud, "once"))
    with pytest.raises(ConflictingResourceError):
        tuner.start(wanted, tags(cloud, "once", commit="c2"))

    running = tuner.run(name)
    assert running is not None
    assert running.status in RUNNING
    ended_tuning(cloud, name)
    [run] = eventually(lambda: list(tuner.runs("once")), "the job to be listed")
    assert (run.name, run.commit, run.status, run.models) == (name, "c1", "Completed", 1)
    assert run.ended is not None
    assert run.ended > run.created
    assert list(tuner.runs("another")) == []


def test_a_job_without_our_tags_is_nobodys(cloud: Cloud, channels: Channels, tuner: SageMakerTuner) -> None:
    wanted = request(cloud, channels, "by_hand")
    cloud.sagemaker.create_hyper_parameter_tuning_job(**wanted)

    assert tuner.run(wanted["HyperParameterTuningJobName"]) is None
    assert list(tuner.runs("by_hand")) == []


def test_a_quota_passes_and_a_request_that_cannot_be_is_refused(
    cloud: Cloud, channels: Channels, tuner: SageMakerTuner, set_faults: SetFaults
) -> None:
    wanted = request(cloud, channels, "quota")
    set_faults(quotas={"ml.m5.large for training job usage": 0})
    with pytest.raises(TransientError, match=r"'ml\.m5\.large for training job usage' is 0"):
        tuner.start(wanted, tags(cloud, "quota"))

    set_faults()
    wanted["TrainingJobDefinition"]["StaticHyperParameters"]["max_dept"] = "3"
    with pytest.raises(PermanentError, match="mend the dataset's contract"):
        tuner.start(wanted, tags(cloud, "quota"))


def test_quota_at_job_time_is_the_reason_of_a_job_that_was_taken(
    cloud: Cloud, channels: Channels, tuner: SageMakerTuner, set_faults: SetFaults
) -> None:
    wanted = request(cloud, channels, "spot")
    definition = wanted["TrainingJobDefinition"]
    wanted["TrainingJobDefinition"] = {
        **definition,
        "EnableManagedSpotTraining": True,
        "StoppingCondition": {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 600},
    }
    set_faults(quotas={"ml.m5.large for spot training job usage": 0})

    assert tuner.start(wanted, tags(cloud, "spot"))
    ended_tuning(cloud, wanted["HyperParameterTuningJobName"])

    reason = tuner.failure(wanted["HyperParameterTuningJobName"])
    assert is_quota(reason)
    assert "'ml.m5.large for spot training job usage' is 0" in explained(reason)


def test_a_search_learns_from_one_of_the_same_metric_and_hyperparameters_alone(
    cloud: Cloud, channels: Channels, tuner: SageMakerTuner
) -> None:
    parent, same, other = (request(cloud, channels, "warm", attempt) for attempt in (1, 2, 3))
    for warm in (same, other):
        parents = [{"HyperParameterTuningJobName": parent["HyperParameterTuningJobName"]}]
        warm["WarmStartConfig"] = {
            "ParentHyperParameterTuningJobs": parents,
            "WarmStartType": "TransferLearning",
        }
    other["TrainingJobDefinition"]["StaticHyperParameters"]["alpha"] = "1"
    tuner.start(parent, tags(cloud, "warm"))
    ended_tuning(cloud, parent["HyperParameterTuningJobName"])

    assert tuner.start(same, tags(cloud, "warm"))
    assert ended_tuning(cloud, same["HyperParameterTuningJobName"])["HyperParameterTuningJobStatus"] == "Completed"
    with pytest.raises(PermanentError, match="together be as many as those of the parent"):
        tuner.start(other, tags(cloud, "warm"))


def test_a_failed_job_has_no_model_and_a_reason(
    cloud: Cloud, channels: Channels, tuner: SageMakerTuner, set_faults: SetFaults
) -> None:
    wanted = request(cloud, channels, "failing")
    name = wanted["HyperParameterTuningJobName"]
    set_faults(failing_training_jobs=[name])
    tuner.start(wanted, tags(cloud, "failing"))
    ended_tuning(cloud, name)

    run = tuner.run(name)

    assert run is not None
    assert (run.status, run.models) == ("Failed", 0)
    assert SageMakerCandidates(cloud.sagemaker).best_model(name) is None
    assert "AlgorithmError" in tuner.failure(name)


@pytest.fixture
def deployed(cloud: Cloud, hosting: SageMakerHosting, artifact: str, other_artifact: str) -> Iterator[tuple[str, str]]:
    """Two configs of models that keep a contract each, ready to deploy to the endpoint `<prefix>-deployed`."""
    configs = []
    for number, location in enumerate((artifact, other_artifact)):
        name = f"{cloud.prefix}-deployed-{number}"
        ours = {**tags(cloud, "deployed"), names.CONTRACT_TAG: f"contract-{number}"}
        container = {"Image": IMAGE, "ModelDataUrl": location}
        hosting.ensure_model({"ModelName": name, "PrimaryContainer": container, "ExecutionRoleArn": cloud.role}, ours)
        size = {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1, "InitialVariantWeight": 1.0}
        variant = {"VariantName": "AllTraffic", "ModelName": name, **size}
        hosting.ensure_config({"EndpointConfigName": name, "ProductionVariants": [variant]}, ours)
        configs.append(name)
    yield configs[0], configs[1]
    if hosting.endpoint(f"{cloud.prefix}-deployed"):
        remove_endpoint(cloud, f"{cloud.prefix}-deployed")


def test_the_life_of_an_endpoint(cloud: Cloud, hosting: SageMakerHosting, deployed: tuple[str, str]) -> None:
    first, second = deployed
    name = f"{cloud.prefix}-deployed"
    endpoints = SageMakerEndpoints(cloud.sagemaker, cloud.runtime, str)
    assert hosting.endpoint(name) is None
    assert endpoints.view(name) is None

    hosting.create_endpoint(name, first, {**tags(cloud, "deployed"), names.DESIRED_CONFIG_TAG: first})
    with pytest.raises(TransientError):
        hosting.update_endpoint(name, second)
    settled(cloud, name)
    served = hosting.endpoint(name)
    assert served is not None
    assert outcome(served).good
    made = hosting.served(first)
    assert made is not None
    assert (made.model, made.tags[names.CONTRACT_TAG]) == (first, "contract-0")
    assert endpoints.view(name) == EndpointView(LiveModel(first, "contract-0", "c1"), endpoint=name)
    one_missing = endpoints.invoke(name, "nan,,,", "inference-1")
    assert 0 < float(one_missing.strip().strip("[]")) < 1

    hosting.update_endpoint(name, second)
    updating = hosting.endpoint(name)
    assert updating is not None
    assert (updating.status, updating.config, updating.pending) == ("Updating", first, second)
    decision = decide(updating, Wanted(second, "v2"), owner=cloud.prefix, serving="v1")
    assert decision.action is Action.TAG
    view = endpoints.view(name, fresh=True)
    assert view is not None
    assert (view.serving.version, view.successor) == (first, LiveModel(second, "contract-1", "c1"))
    hosting.tag_endpoint(name, {names.DESIRED_CONFIG_TAG: second})
    with pytest.raises(TransientError):
        hosting.delete_endpoint(name)
    settled(cloud, name)
    assert endpoints.view(name, fresh=True) == EndpointView(LiveModel(second, "contract-1", "c1"), endpoint=name)

    hosting.delete_endpoint(name)
    eventually(lambda: hosting.endpoint(name) is None, "the endpoint to be gone")
    hosting.delete_endpoint(name)
    assert endpoints.view(name, fresh=True) is None


def test_a_fleet_that_never_comes_up_is_told_as_rolled_back(
    cloud: Cloud, hosting: SageMakerHosting, deployed: tuple[str, str], set_faults: SetFaults
) -> None:
    first, second = deployed
    name = f"{cloud.prefix}-deployed"
    hosting.create_endpoint(name, first, {**tags(cloud, "deployed"), names.DESIRED_CONFIG_TAG: first})
    settled(cloud, name)
    set_faults(unhealthy_models=[second])

    hosting.update_endpoint(name, second)
    hosting.tag_endpoint(name, {names.DESIRED_CONFIG_TAG: second})
    settled(cloud, name)

    state = hosting.endpoint(name)
    assert state is not None
    assert (outcome(state).done, outcome(state).good) == (True, False)
    assert f"rolled back to {first}" in outcome(state).why
    decision = decide(state, Wanted(second, "v2"), owner=cloud.prefix, serving="v1")
    assert decision.action is Action.REJECT


def test_a_destroy_takes_what_carries_the_tag_and_stops_what_runs(
    cloud: Cloud, channels: Channels, artifact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reaper, "POLL_SECONDS", 0.1)
    environment = f"{cloud.prefix}-r"
    hosting, tuner = SageMakerHosting(cloud.sagemaker), SageMakerTuner(cloud.sagemaker, environment)
    ours = {**tags(cloud, "reaped"), names.ENVIRONMENT_TAG: environment}
    for name, owner in ((f"{environment}-ours", environment), (f"{environment}-alice-theirs", f"{environment}-alice")):
        container = {"Image": IMAGE, "ModelDataUrl": artifact}
        model = {"ModelName": name, "PrimaryContainer": container, "ExecutionRoleArn": cloud.role}
        hosting.ensure_model(model, {**ours, names.ENVIRONMENT_TAG: owner})
    wanted = request(cloud, channels, "reaped")
    wanted["HyperParameterTuningJobName"] = job = names.tuning_job(environment, "reaped", "c1", "training", "1")
    wanted["HyperParameterTuningJobConfig"]["ResourceLimits"] = {
        "MaxNumberOfTrainingJobs": 20,
        "MaxParallelTrainingJobs": 1,
    }
    tuner.start(wanted, ours)
    transform = names.transform_job(job, "model")
    rows = cloud.put(f"{cloud.prefix}/reaped/rows.csv", "\n".join(["1,0,0,0"] * 20_000).encode())
    SageMakerTransforms(cloud.sagemaker).start(
        {
            "TransformJobName": transform,
            "ModelName": f"{environment}-ours",
            "BatchStrategy": "SingleRecord",
            "TransformInput": {
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": rows}},
                "ContentType": "text/csv",
                "SplitType": "Line",
            },
            "TransformOutput": {"S3OutputPath": f"s3://{cloud.bucket}/{cloud.prefix}/reaped/"},
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        },
        ours,
    )
    version = Registration(
        group=f"{environment}-reaped",
        token=job,
        approval=Approval.REJECTED,
        why="",
        artifact=artifact,
        image=IMAGE,
        evaluation=f"s3://{cloud.bucket}/evaluation.json",
        metadata={lineage.TUNING_JOB: job},
        tags=ours,
    )
    SageMakerRegistry(cloud.sagemaker).register(version)

    reaping = SageMakerReaper(cloud.sagemaker, environment)
    assert reaping.stop_jobs() == [job, transform]
    assert reaping.reap() == [f"{environment}-ours", f"{environment}-reaped"]

    assert ended_tuning(cloud, job)["HyperParameterTuningJobStatus"] == "Stopped"
    assert ended_transform(cloud, transform)["TransformJobStatus"] == "Stopped"
    assert list(SageMakerRegistry(cloud.sagemaker).versions(f"{environment}-reaped")) == []
    assert reaping.reap() == []
    cloud.sagemaker.delete_model(ModelName=f"{environment}-alice-theirs")

"""What is recorded of a tuning job: the trials as SageMaker lists them, the rounds as their logs tell them."""

from collections.abc import Sequence
from typing import Any

import boto3
import pytest

from lakeloop import names
from lakeloop.adapters.sagemaker_calls import as_tags, tags_of
from lakeloop.adapters.trials import SageMakerJobs, points
from lakeloop.tracking.jobs import Trial
from lakeloop.tracking.ports import Point
from tests.contract.sagemaker.cloud import Cloud, eventually
from tests.contract.sagemaker.examples import tuning_job
from tests.contract.sagemaker.jobs import tune

ROUNDS = 10


@pytest.fixture(scope="module")
def jobs(cloud: Cloud) -> SageMakerJobs:
    logs = cloud.session.client("logs", endpoint_url=cloud.aws_url) if cloud.aws_url else boto3.client("logs")
    return SageMakerJobs(cloud.sagemaker, logs, cloud.prefix)


@pytest.fixture(scope="module")
def name(cloud: Cloud, channels: list[dict[str, Any]]) -> str:
    wanted = f"{cloud.prefix}-{names.digest('recorded', length=12)}"
    tags = {names.ENVIRONMENT_TAG: cloud.prefix, names.DATASET_TAG: "recorded"}
    job = tune(cloud, {**tuning_job(cloud, wanted, channels), "Tags": as_tags(tags)})
    assert job["HyperParameterTuningJobStatus"] == "Completed", job
    return wanted


def test_a_job_is_told_with_what_was_searched(jobs: SageMakerJobs, name: str) -> None:
    job = jobs.job(name)

    assert job is not None
    assert (job.objective, job.direction, job.strategy, job.most_trials) == (
        "validation:auc",
        "Maximize",
        "Bayesian",
        3,
    )
    assert job.ranges == {"eta": "0.1 to 0.5, Auto", "max_depth": "2 to 6, Auto"}
    assert job.best in {trial.name for trial in jobs.trials(job)}
    assert job.tags[names.DATASET_TAG] == "recorded"


def test_each_trial_is_told_with_all_its_rounds(jobs: SageMakerJobs, name: str) -> None:
    job = jobs.job(name)
    assert job is not None

    # CloudWatch has the last lines some moments later.
    def complete() -> Sequence[Trial] | None:
        found = jobs.trials(job)
        return found if all(len(trial.rounds) == 2 * ROUNDS for trial in found) else None

    trials = eventually(complete, "the logs", seconds=20)

    assert [trial.status for trial in trials] == ["Completed"] * 3
    for trial in trials:
        steps = [point.step for point in trial.rounds if point.metric == "validation-auc"]
        assert steps == list(range(ROUNDS))
        assert trial.rounds[-1].value == pytest.approx(trial.objective, abs=1e-5)
        assert set(trial.tuned) == {"eta", "max_depth"}
        assert trial.parameters["num_round"] == "10"
        assert trial.seconds is not None


def test_a_training_job_says_where_its_model_is_shown(cloud: Cloud, jobs: SageMakerJobs, name: str) -> None:
    job = jobs.job(name)
    assert job is not None

    jobs.link(job.best, "models:/recorded/1")
    jobs.link(job.best, "models:/recorded/1")

    arn = cloud.sagemaker.describe_training_job(TrainingJobName=job.best)["TrainingJobArn"]
    assert tags_of(cloud.sagemaker, arn)[names.CATALOG_TAG] == "models:/recorded/1"


def test_a_job_of_another_environment_is_none(cloud: Cloud, jobs: SageMakerJobs, name: str) -> None:
    other = SageMakerJobs(cloud.sagemaker, jobs._logs, "another")

    assert other.job(name) is None
    assert jobs.job(f"{cloud.prefix}-{names.digest('nobody', length=12)}") is None


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "[12]#011train-auc:0.98#011validation-auc:0.95",
            [Point("train-auc", 0.98, 12, 5), Point("validation-auc", 0.95, 12, 5)],
        ),
        ("[2026-03-01 12:00:00] [0]\ttrain-rmse:1.5e-3", [Point("train-rmse", 0.0015, 0, 5)]),
        ("[0]#011validation-ndcg@3:0.5", [Point("validation-ndcg@3", 0.5, 0, 5)]),
        ("[0]#011train-auc:nan", []),
        ("INFO: train matrix has 398 rows", []),
    ],
)
def test_a_line_of_a_log_is_a_round_or_nothing(line: str, told: list[Point]) -> None:
    assert list(points(line, 5)) == told

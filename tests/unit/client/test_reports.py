"""What start_tuning and deploy_model said of a dataset, for those who ask."""

from lakeloop.adapters.reports import S3StepReports
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment
from lakeloop.client.follow import Drop
from lakeloop.ingest.notification import LandedObject
from lakeloop.reports import StepReport
from tests.unit.client.test_loop import Lake, dataset, environment, lake

__all__ = ["dataset", "environment", "lake"]

LANDED = LandedObject(bucket="landing", key="incoming/breast_cancer/a.csv", version="v1", dataset="breast_cancer")


def say(environment: Environment, **said: object) -> StepReport:
    report = StepReport.model_validate({"dataset": "breast_cancer", "good": True, **said})
    S3StepReports(environment.s3, environment.outputs.artifacts_bucket).put(report)
    return report


def test_reports_are_those_that_were_made(environment: Environment, dataset: Dataset) -> None:
    assert dataset.reports() == []

    failed = say(environment, step="deploy_model", good=False, why="rolled back", job="job-1")

    assert dataset.reports() == [failed]


def test_rows_of_one_class_are_told_as_the_reason_why_nothing_is_trained(
    environment: Environment, dataset: Dataset, lake: Lake
) -> None:
    lake.commit("ours", Drop(LANDED, "bytes", rows=500), committed=500)
    assert dataset.why_no_tuning() == ""

    say(environment, step="start_tuning", why="only `benign` so far in train: `malignant` is needed", commit="before")
    assert dataset.why_no_tuning() == ""
    say(environment, step="start_tuning", why="only `benign` so far in train: `malignant` is needed", commit="ours")

    assert dataset.why_no_tuning() == "only `benign` so far in train: `malignant` is needed"

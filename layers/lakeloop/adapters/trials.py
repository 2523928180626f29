"""Tuning jobs with their trials, as SageMaker and the log of each trial tell of them."""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lakeloop import names
from lakeloop.adapters.sagemaker_calls import as_tags, is_missing, tags_of
from lakeloop.side_by_side import side_by_side
from lakeloop.tracking.jobs import Trial, TuningJob
from lakeloop.tracking.ports import Point
from lakeloop.tracking.runs import series

if TYPE_CHECKING:
    from mypy_boto3_logs.client import CloudWatchLogsClient
    from mypy_boto3_sagemaker.client import SageMakerClient
    from mypy_boto3_sagemaker.type_defs import (
        DescribeHyperParameterTuningJobResponseTypeDef,
        DescribeTrainingJobResponseTypeDef,
        HyperParameterTrainingJobSummaryTypeDef,
        ParameterRangesOutputTypeDef,
    )

LOG_GROUP = "/aws/sagemaker/TrainingJobs"
# SageMaker and CloudWatch Logs let an account ask some times a second.
THREADS = 2
# How the container prints a round, with tabs as CloudWatch shows them: `[12]#011train-auc:0.98#011validation-auc:0.95`.
ROUND = re.compile(r"\[(\d+)\](?=(?:#011|\t))")
VALUE = re.compile(r"(?:#011|\t)([\w@.-]+-[\w@.-]+):([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)")


class SageMakerJobs:
    """Tuning jobs of one environment."""

    def __init__(self, client: "SageMakerClient", logs: "CloudWatchLogsClient", name_prefix: str) -> None:
        self._client = client
        self._logs = logs
        self._name_prefix = name_prefix

    def job(self, name: str) -> TuningJob | None:
        if not names.is_tuning_job(self._name_prefix, name):
            return None
        try:
            found = self._client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
        except ClientError as error:
            if is_missing(error):
                return None
            raise
        tags = tags_of(self._client, found["HyperParameterTuningJobArn"])
        if tags.get(names.ENVIRONMENT_TAG) != self._name_prefix or names.DATASET_TAG not in tags:
            return None
        return _job(found, tags)

    def trials(self, job: TuningJob) -> Sequence[Trial]:
        pages = self._client.get_paginator("list_training_jobs_for_hyper_parameter_tuning_job").paginate(
            HyperParameterTuningJobName=job.name
        )
        listed = [trial for page in pages for trial in page["TrainingJobSummaries"]]
        listed.sort(key=lambda trial: (trial["CreationTime"], trial["TrainingJobName"]))
        return side_by_side(self._trial, listed, threads=THREADS)

    def link(self, trial: str, address: str) -> None:
        arn = self._client.describe_training_job(TrainingJobName=trial)["TrainingJobArn"]
        if tags_of(self._client, arn).get(names.CATALOG_TAG) != address:
            self._client.add_tags(ResourceArn=arn, Tags=as_tags({names.CATALOG_TAG: address}))

    def _trial(self, summary: "HyperParameterTrainingJobSummaryTypeDef") -> Trial:
        name = summary["TrainingJobName"]
        found = self._client.describe_training_job(TrainingJobName=name)
        reached = summary.get("FinalHyperParameterTuningJobObjectiveMetric")
        return Trial(
            name=name,
            arn=summary["TrainingJobArn"],
            status=summary["TrainingJobStatus"],
            created=summary["CreationTime"],
            started=summary.get("TrainingStartTime"),
            ended=summary.get("TrainingEndTime"),
            failure=summary.get("FailureReason", ""),
            tuned=tuple(summary["TunedHyperParameters"]),
            parameters=_parameters(found),
            objective=reached["Value"] if reached else None,
            metrics={series(metric["MetricName"]): metric["Value"] for metric in found.get("FinalMetricDataList", [])},
            seconds=found.get("TrainingTimeInSeconds"),
            billable_seconds=found.get("BillableTimeInSeconds"),
            rounds=tuple(self._rounds(name)),
        )

    def _rounds(self, trial: str) -> Iterator[Point]:
        """Of the first instance, which prints them; nothing where the log is gone."""
        prefix = f"{trial}/algo-1"
        pages = self._logs.get_paginator("filter_log_events").paginate(
            logGroupName=LOG_GROUP, logStreamNamePrefix=prefix
        )
        try:
            for page in pages:
                for event in [event for event in page["events"] if event["logStreamName"].startswith(prefix)]:
                    yield from points(event["message"], event["timestamp"])
        except self._logs.exceptions.ResourceNotFoundException:
            return


def points(line: str, at: int) -> Iterator[Point]:
    """The values of a round that a line of a training log tells."""
    for found in ROUND.finditer(line):
        for metric, value in VALUE.findall(line, found.end()):
            yield Point(metric, float(value), int(found[1]), at)


def _job(found: "DescribeHyperParameterTuningJobResponseTypeDef", tags: dict[str, str]) -> TuningJob:
    config, definition = found["HyperParameterTuningJobConfig"], found["TrainingJobDefinition"]
    objective = config["HyperParameterTuningJobObjective"]
    limits = config["ResourceLimits"]
    return TuningJob(
        name=found["HyperParameterTuningJobName"],
        arn=found["HyperParameterTuningJobArn"],
        status=found["HyperParameterTuningJobStatus"],
        created=found["CreationTime"],
        ended=found.get("HyperParameterTuningEndTime"),
        failure=found.get("FailureReason", ""),
        objective=objective["MetricName"],
        direction=objective["Type"],
        strategy=config["Strategy"],
        most_trials=limits.get("MaxNumberOfTrainingJobs", 0),
        parallel_trials=limits["MaxParallelTrainingJobs"],
        ranges=_ranges(config.get("ParameterRanges", {})),
        image=definition["AlgorithmSpecification"].get("TrainingImage", ""),
        instance=definition.get("ResourceConfig", {}).get("InstanceType", ""),
        best=found.get("BestTrainingJob", {}).get("TrainingJobName", ""),
        counts=dict(found.get("TrainingJobStatusCounters", {}).items()),  # type: ignore[arg-type]
        tags=tags,
    )


def _ranges(ranges: "ParameterRangesOutputTypeDef") -> dict[str, str]:
    limited = (*ranges.get("ContinuousParameterRanges", []), *ranges.get("IntegerParameterRanges", []))
    return {
        **{
            searched["Name"]: f"{searched['MinValue']} to {searched['MaxValue']}, {searched.get('ScalingType', 'Auto')}"
            for searched in limited
        },
        **{
            searched["Name"]: ", ".join(searched["Values"]) for searched in ranges.get("CategoricalParameterRanges", [])
        },
    }


def _parameters(found: "DescribeTrainingJobResponseTypeDef") -> dict[str, str]:
    """What the container was given, without what SageMaker adds for itself."""
    parameters = {name: value for name, value in found["HyperParameters"].items() if not name.startswith("_")}
    if instance := found.get("ResourceConfig", {}).get("InstanceType"):
        parameters["instance"] = f"{found['ResourceConfig'].get('InstanceCount', 1)} x {instance}"
    return parameters

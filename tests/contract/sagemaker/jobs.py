"""Running things to their end."""

import io
import tarfile
from typing import Any

from tests.contract.sagemaker.cloud import Cloud, eventually
from tests.contract.sagemaker.examples import IMAGE, training_job

RUNNING = ("InProgress", "Stopping")
BUSY = ("Creating", "Updating", "RollingBack", "SystemUpdating")

Channels = list[dict[str, Any]]


def ended_training(cloud: Cloud, name: str) -> dict[str, Any]:
    def ended() -> dict[str, Any] | None:
        job = cloud.sagemaker.describe_training_job(TrainingJobName=name)
        return None if job["TrainingJobStatus"] in RUNNING else dict(job)

    return eventually(ended, f"training job {name} to end")


def train(cloud: Cloud, channels: Channels, **hyperparameters: str) -> dict[str, Any]:
    """A training job that ended, however it did."""
    name = cloud.name("training")
    cloud.sagemaker.create_training_job(**training_job(cloud, name, channels, **hyperparameters))
    return ended_training(cloud, name)


def metrics(job: dict[str, Any]) -> dict[str, float]:
    return {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}


def logged(cloud: Cloud, job: str) -> str:
    """The job's log once it has come, which takes about a second."""
    logs = cloud.session.client("logs", endpoint_url=cloud.aws_url)

    group = "/aws/sagemaker/TrainingJobs"

    def found() -> str:
        try:
            streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{job}/algo-1-")["logStreams"]
        except logs.exceptions.ResourceNotFoundException:
            return ""
        names = [stream["logStreamName"] for stream in streams]
        pages = [
            logs.get_log_events(logGroupName=group, logStreamName=name, startFromHead=True)["events"] for name in names
        ]
        return "\n".join(line["message"] for page in pages for line in page)

    return eventually(found, f"the log of {job}", seconds=10)


def ended_tuning(cloud: Cloud, name: str) -> dict[str, Any]:
    def ended() -> dict[str, Any] | None:
        job = cloud.sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
        return None if job["HyperParameterTuningJobStatus"] in RUNNING else dict(job)

    return eventually(ended, f"tuning job {name} to end")


def tune(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    cloud.sagemaker.create_hyper_parameter_tuning_job(**request)
    return ended_tuning(cloud, request["HyperParameterTuningJobName"])


def trials(cloud: Cloud, tuning_job: str) -> list[dict[str, Any]]:
    pages = cloud.sagemaker.get_paginator("list_training_jobs_for_hyper_parameter_tuning_job")
    found = pages.paginate(HyperParameterTuningJobName=tuning_job)
    return [dict(trial) for page in found for trial in page["TrainingJobSummaries"]]


def ended_transform(cloud: Cloud, name: str) -> dict[str, Any]:
    def ended() -> dict[str, Any] | None:
        job = cloud.sagemaker.describe_transform_job(TransformJobName=name)
        return None if job["TransformJobStatus"] in RUNNING else dict(job)

    return eventually(ended, f"transform job {name} to end")


def members(cloud: Cloud, archive: str) -> dict[str, bytes]:
    """The files of a tar.gz in S3."""
    with tarfile.open(fileobj=io.BytesIO(cloud.get(archive))) as packed:
        contents = {member.name: packed.extractfile(member) for member in packed if member.isfile()}
        return {name: content.read() for name, content in contents.items() if content}


def packed(**files: str) -> bytes:
    """A tar.gz; `name__py="..."` becomes name.py."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(name.replace("__", "."))
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return target.getvalue()


def make_model(cloud: Cloud, artifact: str, **container: object) -> str:
    name = cloud.name("model")
    described: Any = {"Image": IMAGE, "ModelDataUrl": artifact, **container}
    cloud.sagemaker.create_model(ModelName=name, PrimaryContainer=described, ExecutionRoleArn=cloud.role)
    return name


def make_config(cloud: Cloud, model: str, variant: dict[str, Any] | None = None, **config: Any) -> str:  # noqa: ANN401
    """Two instances, unless the variant says otherwise."""
    name = cloud.name("config")
    instances = {"InstanceType": "ml.m5.large", "InitialInstanceCount": 2}
    described: Any = {"VariantName": "AllTraffic", "ModelName": model, **(instances if variant is None else variant)}
    cloud.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[described], **config)
    return name


def settled(cloud: Cloud, endpoint: str) -> dict[str, Any]:
    def idle() -> dict[str, Any] | None:
        found = cloud.sagemaker.describe_endpoint(EndpointName=endpoint)
        return None if found["EndpointStatus"] in BUSY else dict(found)

    return eventually(idle, f"endpoint {endpoint} to settle", seconds=90)


def make_endpoint(cloud: Cloud, config: str) -> str:
    name = cloud.name("endpoint")
    cloud.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
    found = settled(cloud, name)
    assert found["EndpointStatus"] == "InService", found
    return name


def remove_endpoint(cloud: Cloud, name: str) -> None:
    settled(cloud, name)
    cloud.sagemaker.delete_endpoint(EndpointName=name)


def score(cloud: Cloud, endpoint: str, body: str = "1,2,3,4", **options: Any) -> str:  # noqa: ANN401
    answer = cloud.runtime.invoke_endpoint(EndpointName=endpoint, ContentType="text/csv", Body=body, **options)
    return answer["Body"].read().decode()

"""Training jobs: what they read, what they leave, how they end."""

import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from botocore.exceptions import ClientError
from pyarrow import parquet

from tests.contract.sagemaker.cloud import Cloud, LocalServer, eventually
from tests.contract.sagemaker.examples import channel, csv, rows, training_job
from tests.contract.sagemaker.jobs import Channels, ended_training, logged, members, metrics, train


def parquet_bytes(table: np.ndarray[Any, Any]) -> bytes:
    columns = {f"c{number}": table[:, number] for number in range(table.shape[1])}
    target = io.BytesIO()
    parquet.write_table(pa.table(columns), target)
    return target.getvalue()


def libsvm(table: np.ndarray[Any, Any]) -> bytes:
    lines = (
        " ".join([f"{row[0]:g}", *(f"{number}:{value:.6g}" for number, value in enumerate(row[1:]))]) for row in table
    )
    return "\n".join(lines).encode()


def test_model_and_metrics_of_a_job_on_its_own(cloud: Cloud, channels: Channels) -> None:
    job = train(cloud, channels)

    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Completed"
    assert [each["Status"] for each in job["SecondaryStatusTransitions"]] == [
        *("Starting", "Downloading", "Training", "Uploading", "Completed")
    ]
    assert metrics(job)["validation:auc"] > 0.8
    artifact = job["ModelArtifacts"]["S3ModelArtifacts"]
    assert artifact == f"s3://{cloud.bucket}/{cloud.prefix}/out/{job['TrainingJobName']}/output/model.tar.gz"
    # Universal binary JSON, the format of XGBoost 3.
    assert members(cloud, artifact)["xgboost-model"].startswith(b"{L")


@pytest.mark.parametrize(
    ("content_type", "encode"),
    [("application/x-parquet", parquet_bytes), ("text/libsvm", libsvm), (None, libsvm)],
    ids=["parquet", "libsvm", "libsvm by default"],
)
def test_formats_give_the_model_that_csv_gives(
    cloud: Cloud, channels: Channels, content_type: str | None, encode: Callable[[np.ndarray[Any, Any]], bytes]
) -> None:
    folder = f"{cloud.prefix}/formats/{cloud.name('f')}"
    train_uri = cloud.put(f"{folder}/train/rows", encode(rows(300, seed=1)))
    validation_uri = cloud.put(f"{folder}/validation/rows", encode(rows(100, seed=2)))

    found = train(
        cloud, [channel("train", train_uri, content_type), channel("validation", validation_uri, content_type)]
    )

    assert found["TrainingJobStatus"] == "Completed", found.get("FailureReason")
    expected = metrics(train(cloud, channels))["validation:auc"]
    assert metrics(found)["validation:auc"] == pytest.approx(expected, abs=0.01)


def test_several_files_of_a_channel_are_one_data_set(cloud: Cloud, channels: Channels) -> None:
    folder = f"{cloud.prefix}/parts"
    lines = csv(300, seed=1).splitlines()
    cloud.put(f"{folder}/part-0.csv", b"\n".join(lines[:100]))
    cloud.put(f"{folder}/below/part-1.csv", b"\n".join(lines[100:]))
    cloud.put(f"{folder}/_SUCCESS", b"not data")

    found = train(cloud, [channel("train", f"s3://{cloud.bucket}/{folder}/"), channels[1]])

    assert metrics(found) == metrics(train(cloud, channels))


def test_manifest_names_the_files_where_they_lie(cloud: Cloud, channels: Channels) -> None:
    prefix = f"s3://{cloud.bucket}/{cloud.prefix}/lake/"
    lines = csv(300, seed=1).splitlines()
    cloud.put(f"{cloud.prefix}/lake/data/aa/first", b"\n".join(lines[:100]))
    cloud.put(f"{cloud.prefix}/lake/data/bb/second", b"\n".join(lines[100:]))
    cloud.put(f"{cloud.prefix}/lake/data/bb/of another commit", b"this is no data")
    manifest = cloud.put(
        f"{cloud.prefix}/train.manifest",
        json.dumps([{"prefix": prefix}, "data/aa/first", "data/bb/second"]).encode(),
    )

    found = train(cloud, [channel("train", manifest, data_type="ManifestFile"), channels[1]])

    assert metrics(found) == metrics(train(cloud, channels))


def test_fast_file_mode_reads_the_same(cloud: Cloud, channels: Channels) -> None:
    name = cloud.name("fast")
    request = training_job(cloud, name, channels)
    request["AlgorithmSpecification"]["TrainingInputMode"] = "FastFile"

    cloud.sagemaker.create_training_job(**request)

    assert metrics(ended_training(cloud, name)) == metrics(train(cloud, channels))


def test_csv_without_content_type_fails_as_in_the_container(cloud: Cloud, channels: Channels) -> None:
    untyped = [channel("train", channels[0]["DataSource"]["S3DataSource"]["S3Uri"], None), channels[1]]

    job = train(cloud, untyped)

    assert job["TrainingJobStatus"] == "Failed"
    assert "is not 'LIBSVM' format" in job["FailureReason"]


def test_header_becomes_a_row_as_in_the_container(cloud: Cloud, channels: Channels, local_server: LocalServer) -> None:
    header = cloud.put(f"{cloud.prefix}/header.csv", b"label,a,b,c,d\n" + csv(300, seed=1))

    job = train(cloud, [channel("train", header), channels[1]])

    assert job["TrainingJobStatus"] == "Completed"
    assert "Train matrix has 301 rows" in logged(cloud, job["TrainingJobName"])


def test_no_objects_under_the_prefix(cloud: Cloud, channels: Channels) -> None:
    job = train(cloud, [channel("train", f"s3://{cloud.bucket}/nothing/here/"), channels[1]])

    assert job["TrainingJobStatus"] == "Failed"
    assert "No S3 objects found under S3 URL" in job["FailureReason"]


@pytest.mark.parametrize(
    ("hyperparameters", "reason"),
    [
        ({"max_dept": "3"}, "Extraneous hyperparameter found: max_dept"),
        ({"eta": "2"}, "Hyperparameter eta: 2.0 is not in the range 0 to 1"),
        ({"objective": "multi:softprob"}, "num_class"),
        ({"objective": "reg:squarederror"}, "Metric 'auc' can only be applied"),
    ],
)
def test_hyperparameters_that_the_container_refuses(
    cloud: Cloud, channels: Channels, hyperparameters: dict[str, str], reason: str
) -> None:
    job = train(cloud, channels, **hyperparameters)

    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("AlgorithmError: ")
    assert reason in job["FailureReason"]


def test_early_stopping_rounds_keep_the_best_model(cloud: Cloud, channels: Channels) -> None:
    job = train(cloud, channels, num_round="300", early_stopping_rounds="3", eta="0.9")

    assert job["TrainingJobStatus"] == "Completed"
    boosted = members(cloud, job["ModelArtifacts"]["S3ModelArtifacts"])["xgboost-model"]
    assert b"best_iteration" in boosted


@pytest.mark.parametrize("metric", ["accuracy", "f1", "logloss"])
def test_metrics_that_the_container_adds(cloud: Cloud, channels: Channels, metric: str) -> None:
    job = train(cloud, channels, eval_metric=f"{metric},auc")

    assert 0 < metrics(job)[f"validation:{metric}"] < 1
    assert metrics(job)["validation:auc"] > 0.8


def test_stop_uploads_nothing_that_the_container_did_not_save(cloud: Cloud, channels: Channels) -> None:
    name = cloud.name("stopped")
    cloud.sagemaker.create_training_job(**training_job(cloud, name, channels, num_round="100000"))
    eventually(lambda: secondary(cloud, name) == "Training", "training to begin")

    cloud.sagemaker.stop_training_job(TrainingJobName=name)

    job = ended_training(cloud, name)
    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Stopped"
    assert not cloud.keys(f"{cloud.prefix}/out/{name}/")
    with pytest.raises(ClientError, match="in status Stopped"):
        cloud.sagemaker.stop_training_job(TrainingJobName=name)


def test_model_is_saved_on_termination_when_asked_for(cloud: Cloud, channels: Channels) -> None:
    name = cloud.name("limited")
    request = training_job(cloud, name, channels, num_round="100000", save_model_on_termination="true")
    request["StoppingCondition"] = {"MaxRuntimeInSeconds": 4}
    cloud.sagemaker.create_training_job(**request)

    job = ended_training(cloud, name)

    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")
    assert "xgboost-model" in members(cloud, job["ModelArtifacts"]["S3ModelArtifacts"])


def test_names_are_unique_whatever_their_case(cloud: Cloud, channels: Channels) -> None:
    job = train(cloud, channels)

    with pytest.raises(ClientError) as refused:
        cloud.sagemaker.create_training_job(**training_job(cloud, job["TrainingJobName"].upper(), channels))

    assert refused.value.response["Error"]["Code"] == "ResourceInUse"


def test_unknown_training_job(cloud: Cloud) -> None:
    with pytest.raises(ClientError, match="Requested resource not found") as refused:
        cloud.sagemaker.describe_training_job(TrainingJobName="nobody-made-it")

    assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_image_that_this_machine_does_not_have(cloud: Cloud, channels: Channels, local_server: LocalServer) -> None:
    name = cloud.name("image")
    request = training_job(cloud, name, channels)
    request["AlgorithmSpecification"]["TrainingImage"] = "123456789012.dkr.ecr.us-east-1.amazonaws.com/own:1"
    cloud.sagemaker.create_training_job(**request)

    job = ended_training(cloud, name)

    assert job["TrainingJobStatus"] == "Failed"
    assert "has no container for" in job["FailureReason"]


def test_output_of_the_container_reaches_cloudwatch_logs(
    cloud: Cloud, channels: Channels, local_server: LocalServer
) -> None:
    job = train(cloud, channels)

    assert "[4]#011train-auc:" in logged(cloud, job["TrainingJobName"])


def secondary(cloud: Cloud, name: str) -> str:
    return cloud.sagemaker.describe_training_job(TrainingJobName=name)["SecondaryStatus"]

"""Training jobs: what they read, what they leave, how they end."""

import io
import json
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from botocore.exceptions import ClientError
from pyarrow import parquet

from tests.contract.sagemaker.cloud import Cloud, LocalServer, eventually
from tests.contract.sagemaker.examples import algorithm, channel, csv, rows, training_job
from tests.contract.sagemaker.jobs import ended_training, members, packed, train

Channels = list[dict[str, Any]]


def metrics(job: dict[str, Any]) -> dict[str, float]:
    return {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}


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


# Script mode

SCRIPT = """
import argparse, json, os, pathlib, sys
parser = argparse.ArgumentParser()
parser.add_argument("--depth", type=int)
parser.add_argument("--train", default=os.environ["SM_CHANNEL_TRAIN"])
chosen = parser.parse_args()
files = sorted(path.name for path in pathlib.Path(chosen.train).iterdir() if path.is_file())
print("[0]\\ttrain-auc:0.5\\tvalidation-auc:0.75")
pathlib.Path(os.environ["SM_MODEL_DIR"], "model.json").write_text(
    json.dumps({"depth": chosen.depth, "files": files, "hps": json.loads(os.environ["SM_HPS"])})
)
pathlib.Path(os.environ["SM_OUTPUT_DATA_DIR"], "report.txt").write_text("done")
"""


def script_job(cloud: Cloud, name: str, channels: Channels, **hyperparameters: str) -> dict[str, Any]:
    return {**algorithm(cloud, channels), "TrainingJobName": name, "HyperParameters": hyperparameters}


def test_own_program_from_an_archive(cloud: Cloud, channels: Channels) -> None:
    name = cloud.name("script")
    source = cloud.put(f"{cloud.prefix}/code/{name}/sourcedir.tar.gz", packed(train__py=SCRIPT))
    # The SageMaker SDK writes every hyperparameter as JSON.
    submitted = {"sagemaker_program": '"train.py"', "sagemaker_submit_directory": json.dumps(source), "depth": "3"}

    cloud.sagemaker.create_training_job(**script_job(cloud, name, channels, **submitted))

    job = ended_training(cloud, name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    left = json.loads(members(cloud, job["ModelArtifacts"]["S3ModelArtifacts"])["model.json"])
    assert left == {"depth": 3, "files": ["rows.csv"], "hps": {"depth": "3"}}
    output = job["ModelArtifacts"]["S3ModelArtifacts"].replace("model.tar.gz", "output.tar.gz")
    assert members(cloud, output) == {"report.txt": b"done"}
    # The metric definitions of the built-in image hold for own programs, too.
    assert metrics(job)["validation:auc"] == 0.75


def test_own_program_from_a_channel_without_a_network(cloud: Cloud, channels: Channels) -> None:
    name = cloud.name("isolated")
    source = cloud.put(f"{cloud.prefix}/code/{name}/sourcedir.tar.gz", packed(train__py=SCRIPT))
    request = script_job(
        cloud,
        name,
        [*channels, channel("code", source, None)],
        sagemaker_program="train.py",
        sagemaker_submit_directory="/opt/ml/input/data/code/sourcedir.tar.gz",
        depth="1",
    )
    cloud.sagemaker.create_training_job(**request, EnableNetworkIsolation=True)

    assert ended_training(cloud, name)["TrainingJobStatus"] == "Completed"


def test_failure_of_an_own_program_is_explained(cloud: Cloud, channels: Channels) -> None:
    name = cloud.name("broken")
    source = cloud.put(
        f"{cloud.prefix}/code/{name}/sourcedir.tar.gz", packed(train__py="raise RuntimeError('out of ideas')")
    )
    request = script_job(
        cloud, name, channels, sagemaker_program="train.py", sagemaker_submit_directory=source, depth="1"
    )
    cloud.sagemaker.create_training_job(**request)

    job = ended_training(cloud, name)

    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("AlgorithmError: ExecuteUserScriptError:\nExitCode 1")
    assert "RuntimeError: out of ideas" in job["FailureReason"]
    assert "train.py --depth 1" in job["FailureReason"]


@pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")
def test_own_entry_point(cloud: Cloud, channels: Channels) -> None:
    name = cloud.name("entry")
    script = cloud.put(
        f"{cloud.prefix}/code/{name}/run.sh", b'cp /opt/ml/input/data/train/* /opt/ml/model/ && echo "$@"'
    )
    request = training_job(cloud, name, [*channels, channel("code", script, None)])
    request["AlgorithmSpecification"] |= {
        "ContainerEntrypoint": ["/bin/sh", "/opt/ml/input/data/code/run.sh"],
        "ContainerArguments": ["one", "two"],
    }

    cloud.sagemaker.create_training_job(**request)

    job = ended_training(cloud, name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert list(members(cloud, job["ModelArtifacts"]["S3ModelArtifacts"])) == ["rows.csv"]


@pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")
def test_container_has_its_own_opt_ml_and_no_network(
    cloud: Cloud, channels: Channels, local_server: LocalServer
) -> None:
    name = cloud.name("inside")
    look = "import os, pathlib, socket; print(os.listdir('/opt/ml')); print(socket.if_nameindex())"
    source = cloud.put(f"{cloud.prefix}/code/{name}/sourcedir.tar.gz", packed(look__py=look))
    request = script_job(
        cloud,
        name,
        [channel("code", source, None)],
        sagemaker_program="look.py",
    )
    cloud.sagemaker.create_training_job(**request, EnableNetworkIsolation=True)
    assert ended_training(cloud, name)["TrainingJobStatus"] == "Completed"

    seen = logged(cloud, name)

    assert "'input'" in seen
    assert "eth" not in seen


def secondary(cloud: Cloud, name: str) -> str:
    return cloud.sagemaker.describe_training_job(TrainingJobName=name)["SecondaryStatus"]


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

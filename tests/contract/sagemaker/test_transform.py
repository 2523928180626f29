"""Batch transform."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.sagemaker.cloud import Cloud
from tests.contract.sagemaker.jobs import ended_transform

ROWS = [f"{number},0,0,0" for number in range(-3, 4)]


def job(cloud: Cloud, model: str, source: str, name: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "TransformJobName": name,
        "ModelName": model,
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": source}},
            "ContentType": "text/csv",
            "SplitType": "Line",
        },
        "TransformOutput": {
            "S3OutputPath": f"s3://{cloud.bucket}/{cloud.prefix}/scores/{name}/",
            "Accept": "text/csv",
            "AssembleWith": "Line",
        },
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        **fields,
    }


def run(cloud: Cloud, model: str, source: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    name = cloud.name("transform")
    cloud.sagemaker.create_transform_job(**job(cloud, model, source, name, **fields))
    return ended_transform(cloud, name)


def output(cloud: Cloud, ended: dict[str, Any], file: str) -> list[str]:
    return cloud.get(f"{ended['TransformOutput']['S3OutputPath']}{file}.out").decode().splitlines()


@pytest.fixture
def source(cloud: Cloud) -> str:
    return cloud.put(f"{cloud.prefix}/batch/{cloud.name('in')}/rows.csv", "\n".join(ROWS).encode())


def test_one_score_per_row_in_order(cloud: Cloud, model: str, source: str) -> None:
    ended = run(cloud, model, source)

    assert ended["TransformJobStatus"] == "Completed", ended.get("FailureReason")
    scores = [float(line) for line in output(cloud, ended, "rows.csv")]
    assert len(scores) == len(ROWS)
    assert scores[0] < 0.5 < scores[-1]
    assert ended["TransformEndTime"] >= ended["TransformStartTime"]


def test_every_file_below_the_prefix_has_its_output(cloud: Cloud, model: str) -> None:
    folder = f"{cloud.prefix}/batch/{cloud.name('many')}"
    cloud.put(f"{folder}/a.csv", ROWS[0].encode())
    cloud.put(f"{folder}/below/b.csv", "\n".join(ROWS[:2]).encode())

    ended = run(cloud, model, f"s3://{cloud.bucket}/{folder}/")

    assert len(output(cloud, ended, "a.csv")) == 1
    assert len(output(cloud, ended, "below/b.csv")) == 2


@pytest.mark.parametrize("strategy", ["SingleRecord", "MultiRecord"])
def test_records_give_the_same_scores_alone_and_together(cloud: Cloud, model: str, source: str, strategy: str) -> None:
    ended = run(cloud, model, source, BatchStrategy=strategy)

    assert output(cloud, ended, "rows.csv") == output(cloud, run(cloud, model, source), "rows.csv")


def test_input_and_score_are_joined_and_filtered(cloud: Cloud, model: str) -> None:
    rows = [f"key-{number},{row},1" for number, row in enumerate(ROWS)]
    source = cloud.put(f"{cloud.prefix}/batch/{cloud.name('join')}/rows.csv", "\n".join(rows).encode())

    ended = run(
        cloud,
        model,
        source,
        DataProcessing={"InputFilter": "$[1:-1]", "JoinSource": "Input", "OutputFilter": "$[0,-2,-1]"},
    )

    joined = [line.split(",") for line in output(cloud, ended, "rows.csv")]
    assert [line[:2] for line in joined] == [[f"key-{number}", "1"] for number in range(len(ROWS))]
    assert all(0 < float(line[2]) < 1 for line in joined)


def test_row_that_the_model_refuses_fails_the_job(cloud: Cloud, model: str) -> None:
    source = cloud.put(f"{cloud.prefix}/batch/{cloud.name('bad')}/rows.csv", b"1,2")

    ended = run(cloud, model, source)

    assert ended["TransformJobStatus"] == "Failed"
    assert ended["FailureReason"] == "ClientError: See job logs for more information"


def test_names_models_and_jobs_that_are_not_there(cloud: Cloud, model: str, source: str) -> None:
    with pytest.raises(ClientError, match="Could not find model"):
        run(cloud, "nobody-made-it", source)
    with pytest.raises(ClientError, match="Could not find requested job with name"):
        cloud.sagemaker.describe_transform_job(TransformJobName="nobody-made-it")
    ended = run(cloud, model, source)
    with pytest.raises(ClientError) as refused:
        cloud.sagemaker.create_transform_job(**job(cloud, model, source, ended["TransformJobName"]))
    assert refused.value.response["Error"]["Code"] == "ResourceInUse"
    with pytest.raises(ClientError, match="in status Completed"):
        cloud.sagemaker.stop_transform_job(TransformJobName=ended["TransformJobName"])


def test_stopped_job(cloud: Cloud, model: str) -> None:
    rows = "\n".join(ROWS * 3000).encode()
    source, name = cloud.put(f"{cloud.prefix}/batch/{cloud.name('long')}/rows.csv", rows), cloud.name("stopped")
    cloud.sagemaker.create_transform_job(**job(cloud, model, source, name, BatchStrategy="SingleRecord"))

    cloud.sagemaker.stop_transform_job(TransformJobName=name)

    assert ended_transform(cloud, name)["TransformJobStatus"] == "Stopped"

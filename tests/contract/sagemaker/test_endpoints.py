"""Models, endpoint configs and endpoints: real containers behind the API."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.sagemaker.cloud import Cloud, eventually
from tests.contract.sagemaker.examples import IMAGE, channel
from tests.contract.sagemaker.jobs import (
    make_config,
    make_endpoint,
    make_model,
    packed,
    remove_endpoint,
    score,
    settled,
    train,
)

SERVERLESS = {"ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5}}


def failure(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    found = error.value.response["Error"]
    return str(found["Code"]), str(found["Message"])


def test_scores_as_csv_json_and_json_lines(cloud: Cloud, endpoint: str) -> None:
    body = "3,1,0,0\n-3,,0,0"

    csv = score(cloud, endpoint, body)
    as_json = json.loads(score(cloud, endpoint, body, Accept="application/json"))
    as_lines = [json.loads(line) for line in score(cloud, endpoint, body, Accept="application/jsonlines").splitlines()]

    high, low = (float(line) for line in csv.split("\n"))
    assert low < 0.5 < high
    assert as_json == {"predictions": [{"score": high}, {"score": low}]}
    assert as_lines == [{"score": high}, {"score": low}]


def test_answer_names_the_variant_and_its_type(cloud: Cloud, endpoint: str) -> None:
    answer = cloud.runtime.invoke_endpoint(EndpointName=endpoint, ContentType="text/csv", Body="1,2,3,4")

    assert answer["InvokedProductionVariant"] == "AllTraffic"
    assert answer["ContentType"].startswith("text/csv")


def test_libsvm_names_only_what_is_there(cloud: Cloud, endpoint: str) -> None:
    answer = cloud.runtime.invoke_endpoint(EndpointName=endpoint, ContentType="text/libsvm", Body="0:3 1:1")

    assert float(answer["Body"].read()) == pytest.approx(float(score(cloud, endpoint, "3,1,,")))


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({"Body": "1,2"}, 400),
        ({"Body": "one,two,three,four"}, 415),
        ({"Body": "{}", "ContentType": "application/json"}, 415),
        ({"Body": "PAR1", "ContentType": "application/x-parquet"}, 415),
        ({"Body": "1,2,3,4", "Accept": "image/png"}, 406),
    ],
)
def test_what_the_container_refuses_is_a_model_error(
    cloud: Cloud, endpoint: str, request_: dict[str, Any], status: int
) -> None:
    with pytest.raises(cloud.runtime.exceptions.ModelError) as refused:
        cloud.runtime.invoke_endpoint(**{"EndpointName": endpoint, "ContentType": "text/csv", **request_})

    response: Any = refused.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert response["OriginalStatusCode"] == status
    assert response["OriginalMessage"]
    assert endpoint in response["LogStreamArn"]


def test_unknown_endpoint_and_unknown_variant(cloud: Cloud, endpoint: str) -> None:
    for name, options in (("nobody-made-it", {}), (endpoint, {"TargetVariant": "Blue"})):
        with pytest.raises(ClientError) as refused:
            score(cloud, name, **options)
        assert failure(refused)[0] == "ValidationError"


def test_description_of_an_endpoint(cloud: Cloud, endpoint: str) -> None:
    found = cloud.sagemaker.describe_endpoint(EndpointName=endpoint)

    variant = found["ProductionVariants"][0]
    assert found["EndpointStatus"] == "InService"
    assert (variant["CurrentInstanceCount"], variant["CurrentWeight"]) == (2, 1.0)
    assert "sagemaker-xgboost:3.0-5" in variant["DeployedImages"][0]["SpecifiedImage"]
    assert endpoint in [each["EndpointName"] for each in cloud.sagemaker.list_endpoints()["Endpoints"]]


def test_names_that_are_taken(cloud: Cloud, model: str, endpoint: str) -> None:
    config = cloud.sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"]

    for create, existing in (
        (lambda: make_again(cloud, model), "Cannot create already existing model"),
        (lambda: make_config_again(cloud, model, config), "Cannot create already existing endpoint configuration"),
        (
            lambda: cloud.sagemaker.create_endpoint(EndpointName=endpoint, EndpointConfigName=config),
            "Cannot create already existing endpoint",
        ),
    ):
        with pytest.raises(ClientError) as refused:
            create()
        code, message = failure(refused)
        assert code == "ValidationException"
        assert message.startswith(existing)


def make_again(cloud: Cloud, model: str) -> None:
    found = cloud.sagemaker.describe_model(ModelName=model)
    cloud.sagemaker.create_model(
        ModelName=model, PrimaryContainer=found["PrimaryContainer"], ExecutionRoleArn=cloud.role
    )


def make_config_again(cloud: Cloud, model: str, config: str) -> None:
    variant: Any = {"VariantName": "AllTraffic", "ModelName": model, **SERVERLESS}
    cloud.sagemaker.create_endpoint_config(EndpointConfigName=config, ProductionVariants=[variant])


def test_names_that_are_not_there(cloud: Cloud, model: str) -> None:
    nobody = "nobody-made-it"
    for call, missing in (
        (lambda: cloud.sagemaker.describe_model(ModelName=nobody), "Could not find model"),
        (lambda: cloud.sagemaker.delete_model(ModelName=nobody), "Could not find model"),
        (
            lambda: cloud.sagemaker.describe_endpoint_config(EndpointConfigName=nobody),
            "Could not find endpoint configuration",
        ),
        (lambda: cloud.sagemaker.describe_endpoint(EndpointName=nobody), "Could not find endpoint"),
        (lambda: cloud.sagemaker.delete_endpoint(EndpointName=nobody), "Could not find endpoint"),
        (lambda: make_config(cloud, nobody), "Could not find model"),
        (
            lambda: cloud.sagemaker.create_endpoint(EndpointName=nobody, EndpointConfigName=nobody),
            "Could not find endpoint configuration",
        ),
    ):
        with pytest.raises(ClientError) as refused:
            call()
        code, message = failure(refused)
        assert code == "ValidationException"
        assert message.startswith(missing)


def test_busy_endpoint_can_neither_be_updated_nor_deleted(cloud: Cloud, model: str) -> None:
    config, name = make_config(cloud, model), cloud.name("busy")
    cloud.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)

    calls: list[Callable[[], object]] = [
        lambda: cloud.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=config),
        lambda: cloud.sagemaker.delete_endpoint(EndpointName=name),
    ]
    for call in calls:
        with pytest.raises(ClientError) as refused:
            call()
        code, message = failure(refused)
        assert code == "ValidationException"
        assert message.startswith("Cannot update in-progress endpoint")

    remove_endpoint(cloud, name)


@pytest.mark.parametrize(
    "content",
    [b"these bytes are no archive", packed(xgboost_model="this is no model"), None],
    ids=["not an archive", "not a model", "missing"],
)
def test_model_that_cannot_be_loaded_fails_its_endpoint(cloud: Cloud, content: bytes | None) -> None:
    key = f"{cloud.prefix}/broken/{cloud.name('artifact')}/model.tar.gz"
    if content is not None:
        cloud.put(key, content)
    config, name = make_config(cloud, make_model(cloud, f"s3://{cloud.bucket}/{key}")), cloud.name("broken")

    cloud.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)

    found = settled(cloud, name)
    assert found["EndpointStatus"] == "Failed"
    assert found["FailureReason"]
    with pytest.raises(ClientError, match="not found"):
        score(cloud, name)
    # Deleting is the only thing that can be done with it.
    with pytest.raises(ClientError):
        cloud.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=config)
    cloud.sagemaker.delete_endpoint(EndpointName=name)


def test_serverless_endpoint(cloud: Cloud, model: str) -> None:
    name = make_endpoint(cloud, make_config(cloud, model, SERVERLESS))

    variant = cloud.sagemaker.describe_endpoint(EndpointName=name)["ProductionVariants"][0]

    assert variant["CurrentServerlessConfig"] == SERVERLESS["ServerlessConfig"]
    assert "CurrentInstanceCount" not in variant
    assert float(score(cloud, name)) > 0
    remove_endpoint(cloud, name)


def test_model_without_a_network_serves(cloud: Cloud, artifact: str) -> None:
    model = cloud.name("isolated")
    container: Any = {"Image": IMAGE, "ModelDataUrl": artifact}
    cloud.sagemaker.create_model(
        ModelName=model, PrimaryContainer=container, ExecutionRoleArn=cloud.role, EnableNetworkIsolation=True
    )

    with pytest.raises(ClientError, match="not supported for serverless"):
        make_config(cloud, model, SERVERLESS)
    name = make_endpoint(cloud, make_config(cloud, model))

    assert float(score(cloud, name)) > 0
    remove_endpoint(cloud, name)


def test_probabilities_of_several_classes_come_as_a_list(cloud: Cloud) -> None:
    lines = (f"{number % 3},{number % 3},{number % 7}" for number in range(90))
    uri = cloud.put(f"{cloud.prefix}/classes/rows.csv", "\n".join(lines).encode())
    job = train(cloud, [channel("train", uri)], objective="multi:softprob", num_class="3", eval_metric="mlogloss")
    name = make_endpoint(cloud, make_config(cloud, make_model(cloud, job["ModelArtifacts"]["S3ModelArtifacts"])))

    rows = [json.loads(line) for line in score(cloud, name, "0,1\n2,1").splitlines()]

    assert [row.index(max(row)) for row in rows] == [0, 2]
    assert [sum(row) for row in rows] == pytest.approx([1, 1])
    remove_endpoint(cloud, name)


def test_variants_share_the_traffic_by_weight(cloud: Cloud, model: str, other_model: str) -> None:
    config = cloud.name("weights")
    variants: Any = [
        {"VariantName": name, "ModelName": used, "InitialVariantWeight": weight, **instances()}
        for name, used, weight in (("Mostly", model, 3.0), ("Rarely", other_model, 1.0))
    ]
    cloud.sagemaker.create_endpoint_config(EndpointConfigName=config, ProductionVariants=variants)
    name = make_endpoint(cloud, config)

    answers = [
        cloud.runtime.invoke_endpoint(EndpointName=name, ContentType="text/csv", Body="1,2,3,4") for _ in range(200)
    ]

    share = [answer["InvokedProductionVariant"] for answer in answers].count("Mostly") / 200
    assert 0.6 < share < 0.9
    assert score(cloud, name, TargetVariant="Rarely") != score(cloud, name, TargetVariant="Mostly")
    remove_endpoint(cloud, name)


def instances() -> dict[str, Any]:
    return {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1}


def test_captured_requests_and_answers(cloud: Cloud, model: str) -> None:
    destination = f"s3://{cloud.bucket}/{cloud.prefix}/captured"
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": destination,
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"]},
    }
    name = make_endpoint(cloud, make_config(cloud, model, DataCaptureConfig=capture))
    answered = score(cloud, name, "1,2,3,4", InferenceId="request-1")

    def captured() -> list[str]:
        return cloud.keys(f"{cloud.prefix}/captured/{name}/")

    key = eventually(captured, "the capture", seconds=300 if cloud.sagemaker_url is None else 10)[0]
    assert key.startswith(f"{cloud.prefix}/captured/{name}/AllTraffic/{datetime.now(UTC):%Y/%m/%d}/")
    assert key.endswith(".jsonl")
    line = json.loads(cloud.get(f"s3://{cloud.bucket}/{key}").splitlines()[0])
    assert line["captureData"]["endpointInput"] == {
        "observedContentType": "text/csv",
        "mode": "INPUT",
        "data": "1,2,3,4",
        "encoding": "CSV",
    }
    assert line["captureData"]["endpointOutput"]["data"] == answered
    assert line["eventMetadata"]["inferenceId"] == "request-1"
    assert line["eventVersion"] == "0"
    assert cloud.sagemaker.describe_endpoint(EndpointName=name)["DataCaptureConfig"]["CaptureStatus"] == "Started"
    remove_endpoint(cloud, name)

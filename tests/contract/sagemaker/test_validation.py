"""Requests that AWS refuses and botocore lets through, and the rules of the service."""

from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.contract.sagemaker.cloud import Cloud
from tests.contract.sagemaker.examples import training_job, tuning_job

Channels = list[dict[str, Any]]


def refusal(cloud: Cloud, request: dict[str, Any]) -> str:
    """Of a tuning job."""
    with pytest.raises(ClientError) as refused:
        cloud.sagemaker.create_hyper_parameter_tuning_job(**request)
    error = refused.value.response["Error"]
    assert error["Code"] == "ValidationException"
    return str(error["Message"])


def test_name_that_is_too_long(cloud: Cloud, channels: Channels) -> None:
    message = refusal(cloud, tuning_job(cloud, "x" * 33, channels))

    assert "Value 'xxx" in message
    assert (
        "at 'hyperParameterTuningJobName' failed to satisfy constraint: "
        "Member must have length less than or equal to 32" in message
    )


def test_every_broken_constraint_is_named(cloud: Cloud, channels: Channels) -> None:
    request = tuning_job(
        cloud,
        "-bad-",
        channels,
        Strategy="Guessing",
        ResourceLimits={"MaxParallelTrainingJobs": 1, "MaxRuntimeInSeconds": 5},
    )

    # botocore would check the lower limit itself.
    unchecked: Any = cloud.session.client(
        "sagemaker", endpoint_url=cloud.sagemaker_url, config=Config(parameter_validation=False)
    )
    with pytest.raises(ClientError) as refused:
        unchecked.create_hyper_parameter_tuning_job(**request)

    message = refused.value.response["Error"]["Message"]
    assert message.startswith("3 validation errors detected: ")
    assert "Member must satisfy regular expression pattern: " in message
    assert "Member must satisfy enum value set: [Bayesian, Random, Hyperband, Grid]" in message
    assert "Member must have value greater than or equal to 120" in message


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"Strategy": "Hyperband", "TrainingJobEarlyStoppingType": "Auto"}, "Hyperband"),
        ({"Strategy": "Grid"}, "categorical"),
        ({"ResourceLimits": {"MaxParallelTrainingJobs": 1}}, "MaxNumberOfTrainingJobs"),
        ({"ParameterRanges": {}}, "At least one parameter range"),
        ({"HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "validation:magic"}}, "magic"),
        ({"HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "validation:auc"}}, "Maximize"),
    ],
)
def test_rules_of_tuning(cloud: Cloud, channels: Channels, change: dict[str, Any], problem: str) -> None:
    assert problem in refusal(cloud, tuning_job(cloud, cloud.name("rule"), channels, **change))


@pytest.mark.parametrize(
    ("searched", "problem"),
    [
        ({"Name": "max_dept", "MinValue": "1", "MaxValue": "2"}, "max_dept"),
        ({"Name": "num_round", "MinValue": "1", "MaxValue": "2"}, "both static and tuned"),
        ({"Name": "eta", "MinValue": "0.5", "MaxValue": "0.1"}, "must be less than"),
        ({"Name": "eta", "MinValue": "low", "MaxValue": "high"}, "must be of type float"),
        ({"Name": "eta", "MinValue": "0", "MaxValue": "1", "ScalingType": "Logarithmic"}, "greater than 0"),
        ({"Name": "eta", "MinValue": "0", "MaxValue": "2", "ScalingType": "ReverseLogarithmic"}, "0 <= x < 1.0"),
    ],
)
def test_rules_of_ranges(cloud: Cloud, channels: Channels, searched: dict[str, str], problem: str) -> None:
    ranges = {"ContinuousParameterRanges": [searched]}

    assert problem in refusal(cloud, tuning_job(cloud, cloud.name("range"), channels, ParameterRanges=ranges))


def test_rules_of_the_built_in_image(cloud: Cloud, channels: Channels) -> None:
    def changed(**fields: object) -> str:
        request = tuning_job(cloud, cloud.name("image"), channels)
        specification = request["TrainingJobDefinition"]["AlgorithmSpecification"]
        specification.update({name: value for name, value in fields.items() if name in ALGORITHM})
        request["TrainingJobDefinition"].update({k: v for k, v in fields.items() if k not in ALGORITHM})
        return refusal(cloud, request)

    assert changed(MetricDefinitions=[{"Name": "validation:auc", "Regex": "auc=(.*)"}]) == (
        "You can't override the metric definitions for Amazon SageMaker algorithms. "
        "Please retry the request without specifying metric definitions."
    )
    assert "Pipe mode" in changed(TrainingInputMode="Pipe")
    assert "max_dept" in changed(StaticHyperParameters={"num_round": "1", "max_dept": "1"})
    assert "num_round is required" in changed(StaticHyperParameters={})
    assert "needs the channel validation" in changed(InputDataConfig=channels[:1])


ALGORITHM = ("MetricDefinitions", "TrainingInputMode")


def test_spot_needs_a_wait_at_least_as_long_as_the_run(cloud: Cloud, channels: Channels) -> None:
    request = training_job(cloud, cloud.name("spot"), channels)
    request["EnableManagedSpotTraining"] = True

    with pytest.raises(ClientError, match="MaxWaitTimeInSeconds") as refused:
        cloud.sagemaker.create_training_job(**request)

    assert refused.value.response["Error"]["Code"] == "ValidationException"


CAPTURE = {
    "InitialSamplingPercentage": 1,
    "DestinationS3Uri": "s3://bucket/",
    "CaptureOptions": [{"CaptureMode": "Input"}],
}


def serverless(memory: int) -> dict[str, Any]:
    config = {"MemorySizeInMB": memory, "MaxConcurrency": 1}
    return {"VariantName": "A", "ModelName": "model", "ServerlessConfig": config}


@pytest.mark.parametrize(
    ("variants", "config", "problem"),
    [
        ([{"VariantName": "A"}], {}, "ModelName is required"),
        ([{"VariantName": "A", "ModelName": "model"}], {}, "InstanceType and InitialInstanceCount are required"),
        ([serverless(1500)], {}, "MemorySizeInMB"),
        ([serverless(1024)], {"DataCaptureConfig": CAPTURE}, "DataCaptureConfig is not supported for serverless"),
    ],
)
def test_rules_of_endpoint_configs(cloud: Cloud, variants: list[Any], config: dict[str, Any], problem: str) -> None:
    with pytest.raises(ClientError, match=problem) as refused:
        cloud.sagemaker.create_endpoint_config(
            EndpointConfigName=cloud.name("config"), ProductionVariants=variants, **config
        )

    assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_operation_that_is_not_there_says_so(cloud: Cloud) -> None:
    if cloud.sagemaker_url is None:
        pytest.skip("AWS has them all")
    with pytest.raises(ClientError) as refused:
        cloud.sagemaker.list_clusters()

    assert refused.value.response["Error"]["Code"] == "UnknownOperationException"

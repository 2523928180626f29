"""What SageMaker is asked for."""

import json
from typing import Any

import pytest
from mypy_boto3_sagemaker.type_defs import CreateHyperParameterTuningJobRequestTypeDef

from lakeloop import names
from lakeloop.contract import DatasetContract, Range
from lakeloop.lake.ports import LakeObject
from lakeloop.training.manifest import manifest
from lakeloop.training.tuning_job import tuning_request
from tests.botocore_model import request_errors
from tests.data import breast_cancer, tiny

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"
ROLE = "arn:aws:iam::000000000000:role/r"
KEY = "arn:aws:kms:us-east-1:000000000000:key/k"


def test_a_manifest_is_a_prefix_and_the_keys_below_it() -> None:
    addresses = ["s3://lake/repo/data/abc1", "s3://lake/repo/data/abd2"]
    objects = [LakeObject(f"train/{n}.parquet", address, 1) for n, address in enumerate(addresses)]

    assert json.loads(manifest(objects)) == [{"prefix": "s3://lake/repo/data/"}, "abc1", "abd2"]
    assert json.loads(manifest(objects[:1])) == [{"prefix": "s3://lake/repo/data/"}, "abc1"]


def test_the_request_is_one_that_sagemaker_takes() -> None:
    contract = breast_cancer()
    name = names.tuning_job("lakeloop-production", contract.name, "c" * 64, "x", 3)
    request = tuning_request(
        contract,
        job_name=name,
        image=IMAGE,
        role_arn=ROLE,
        manifests={"train": "s3://a/b"},
        output_uri="s3://a/c/",
        kms_key_arn=KEY,
    )

    assert request_errors("CreateHyperParameterTuningJob", request) == ""
    assert len(name) <= 32
    definition = request["TrainingJobDefinition"]
    # SageMaker refuses metric definitions for its own image, and a spot job that waits less than it may run.
    assert "MetricDefinitions" not in definition["AlgorithmSpecification"]
    stopping = definition["StoppingCondition"]
    assert stopping["MaxWaitTimeInSeconds"] >= stopping["MaxRuntimeInSeconds"]
    [depth] = request["HyperParameterTuningJobConfig"]["ParameterRanges"]["IntegerParameterRanges"]
    assert (depth["MinValue"], depth["MaxValue"]) == ("2", "6")


def test_the_request_is_this_one() -> None:
    """Whole, because each of its lines decides what is trained on what, or what it costs."""
    contract = tiny()

    request = tuning_request(
        contract,
        job_name="job",
        image=IMAGE,
        role_arn=ROLE,
        manifests={"train": "s3://a/train.manifest", "validation": "s3://a/validation.manifest"},
        output_uri="s3://a/out/",
        kms_key_arn=KEY,
    )

    def channel(name: str) -> dict[str, object]:
        source = {
            "S3DataType": "ManifestFile",
            "S3Uri": f"s3://a/{name}.manifest",
            "S3DataDistributionType": "FullyReplicated",
        }
        return {"ChannelName": name, "ContentType": "application/x-parquet", "DataSource": {"S3DataSource": source}}

    assert request == {
        "HyperParameterTuningJobName": "job",
        "HyperParameterTuningJobConfig": {
            "Strategy": "Bayesian",
            "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "validation:auc"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 1},
            "ParameterRanges": {
                "ContinuousParameterRanges": [
                    {"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5", "ScalingType": "Auto"}
                ],
                "IntegerParameterRanges": [],
            },
            "TrainingJobEarlyStoppingType": "Off",
            "RandomSeed": 0,
        },
        "TrainingJobDefinition": {
            "StaticHyperParameters": {
                "objective": "binary:logistic",
                "eval_metric": "auc",
                "num_round": "5",
                "early_stopping_rounds": "2",
                "seed": "0",
            },
            "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            "RoleArn": ROLE,
            "InputDataConfig": [channel("train"), channel("validation")],
            "OutputDataConfig": {"S3OutputPath": "s3://a/out/", "KmsKeyId": KEY},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
            "StoppingCondition": {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 3600},
            "EnableManagedSpotTraining": True,
            "EnableNetworkIsolation": True,
            "EnableInterContainerTrafficEncryption": True,
        },
    }


@pytest.mark.parametrize(
    ("metric", "kind"), [("auc", "Maximize"), ("aucpr", "Maximize"), ("logloss", "Minimize"), ("error", "Minimize")]
)
def test_the_best_trial_is_the_highest_or_the_lowest_as_the_metric_has_it(metric: str, kind: str) -> None:
    config = request_of(with_training(metric=metric))["HyperParameterTuningJobConfig"]

    assert config["HyperParameterTuningJobObjective"] == {"Type": kind, "MetricName": f"validation:{metric}"}


@pytest.mark.parametrize(
    ("searched", "limits"),
    [
        (Range(type="integer", min=1, max=1048576), ("1", "1048576")),
        (Range(type="integer", min=-3, max=10**15), ("-3", "1000000000000000")),
        (Range(type="continuous", min=0.12345678901234, max=1), ("0.12345678901234", "1.0")),
    ],
)
def test_limits_are_sent_to_the_last_digit(searched: Range, limits: tuple[str, str]) -> None:
    contract = with_training(ranges={"max_depth": searched.model_dump()})
    ranges: Any = request_of(contract)["HyperParameterTuningJobConfig"]["ParameterRanges"]
    [sent] = ranges["IntegerParameterRanges"] + ranges["ContinuousParameterRanges"]

    assert (sent["MinValue"], sent["MaxValue"]) == limits


@pytest.mark.parametrize(("runs", "waits"), [(600, 1200), (2400, 3600), (3600, 3600)])
def test_a_spot_job_waits_no_longer_than_sagemaker_lets_one_without_checkpoints(runs: int, waits: int) -> None:
    stopping = request_of(with_training(max_trial_seconds=runs))["TrainingJobDefinition"]["StoppingCondition"]

    assert stopping == {"MaxRuntimeInSeconds": runs, "MaxWaitTimeInSeconds": waits}


def test_a_job_that_is_not_spot_runs_on_demand_and_waits_for_nothing() -> None:
    definition = request_of(with_training(spot=False, max_trial_seconds=600))["TrainingJobDefinition"]

    assert definition["EnableManagedSpotTraining"] is False
    assert definition["StoppingCondition"] == {"MaxRuntimeInSeconds": 600}


@pytest.mark.parametrize(
    ("problem", "label", "metric", "objective", "classes"),
    [
        ("multiclass", {"type": "category", "allowed": ["r", "g", "b"]}, "mlogloss", "multi:softprob", "3"),
        ("regression", {"type": "float"}, "rmse", "reg:squarederror", None),
    ],
)
def test_a_model_is_told_of_how_many_classes_where_there_are_several(
    problem: str, label: dict[str, object], metric: str, objective: str, classes: str | None
) -> None:
    columns = tiny().model_dump(mode="json")["columns"]
    columns[1] = {"name": "y", "description": "label", **label}
    training = {**tiny().training.model_dump(), "metric": metric}
    contract = tiny(problem=problem, positive_class=None, columns=columns, training=training)

    parameters = request_of(contract)["TrainingJobDefinition"]["StaticHyperParameters"]

    assert (parameters["objective"], parameters.get("num_class")) == (objective, classes)


def with_training(**changes: object) -> DatasetContract:
    return tiny(training={**tiny().training.model_dump(), **changes})


def request_of(contract: DatasetContract) -> CreateHyperParameterTuningJobRequestTypeDef:
    return tuning_request(
        contract, job_name="job", image=IMAGE, role_arn=ROLE, manifests={}, output_uri="s3://a/c/", kms_key_arn=KEY
    )

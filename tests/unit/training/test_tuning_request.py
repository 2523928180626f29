"""What SageMaker is asked for."""

import io
import json
import tarfile
from typing import Any

import pytest

from lakeloop import names
from lakeloop.contract import Range
from lakeloop.lake.ports import LakeObject
from lakeloop.local.sagemaker.tuning import rules
from lakeloop.training import script
from lakeloop.training.manifest import manifest
from lakeloop.training.tuning_job import search_digest, tuning_request
from tests.botocore_model import request_errors
from tests.data import breast_cancer, tiny
from tests.unit.training.requests import IMAGE, KEY, ROLE, job, request_of, with_training


def test_a_manifest_is_a_prefix_and_the_keys_below_it() -> None:
    addresses = ["s3://lake/repo/data/abc1", "s3://lake/repo/data/abd2"]
    objects = [LakeObject(f"train/{n}.parquet", address, 1) for n, address in enumerate(addresses)]

    assert json.loads(manifest(objects)) == [{"prefix": "s3://lake/repo/data/"}, "abc1", "abd2"]
    assert json.loads(manifest(objects[:1])) == [{"prefix": "s3://lake/repo/data/"}, "abc1"]


def test_the_request_is_one_that_sagemaker_takes() -> None:
    contract = breast_cancer()
    name = names.tuning_job("lakeloop-production", contract.name, "c" * 64, "x", "3")
    request = tuning_request(contract, job(name, {"train": "s3://a/b"}))

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

    manifests = {"train": "s3://a/train.manifest", "validation": "s3://a/validation.manifest"}
    request = tuning_request(contract, job(manifests=manifests))

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
            "OutputDataConfig": {"S3OutputPath": "s3://a/c/", "KmsKeyId": KEY},
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


GRID = {
    "eta": {"type": "categorical", "values": [0.1, 0.25]},
    "max_depth": {"type": "categorical", "values": [2, 4, 6]},
}


@pytest.mark.parametrize("strategy", ["Bayesian", "Random", "Hyperband"])
def test_the_strategy_is_the_contracts(strategy: str) -> None:
    search = request_of(with_training(strategy=strategy))["HyperParameterTuningJobConfig"]

    assert search["Strategy"] == strategy
    assert search["ResourceLimits"] == {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 1}
    hyperband = {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 5}}
    assert search.get("StrategyConfig") == (hyperband if strategy == "Hyperband" else None)


def test_a_grid_has_listed_values_and_as_many_trials_as_combinations() -> None:
    contract = with_training(strategy="Grid", ranges=GRID, parallel_trials=10)
    search = request_of(contract)["HyperParameterTuningJobConfig"]

    assert contract.training.planned_trials == 6
    assert search["ResourceLimits"] == {"MaxParallelTrainingJobs": 6}
    assert search["ParameterRanges"] == {
        "ContinuousParameterRanges": [],
        "IntegerParameterRanges": [],
        "CategoricalParameterRanges": [
            {"Name": "eta", "Values": ["0.1", "0.25"]},
            {"Name": "max_depth", "Values": ["2", "4", "6"]},
        ],
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"strategy": "Bayesian", "early_stopping": True},
        {"strategy": "Random", "spot": False},
        {"strategy": "Grid", "ranges": GRID},
        {"strategy": "Hyperband", "ranges": {**GRID, "alpha": {"type": "continuous", "min": 0, "max": 1}}},
        {"fallback_instance_types": ["ml.m5.xlarge"], "instance_count": 2},
        {"script": "print()"},
    ],
    ids=str,
)
def test_the_local_sagemaker_takes_what_a_contract_can_ask_for(changes: dict[str, object]) -> None:
    channels = {"train": "s3://a/t", "validation": "s3://a/v"}
    code = "s3://a/programs/x/sourcedir.tar.gz" if "script" in changes else ""

    rules.check(dict(request_of(with_training(**changes), manifests=channels, train_objects=2, code=code)))


def test_trials_that_fall_behind_are_ended_where_the_contract_says_so() -> None:
    search = request_of(with_training(early_stopping=True))["HyperParameterTuningJobConfig"]

    assert search["TrainingJobEarlyStoppingType"] == "Auto"


def test_a_search_learns_from_one_parent_on_other_data() -> None:
    request = request_of(tiny(), parent="earlier")

    assert request["WarmStartConfig"] == {
        "ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": "earlier"}],
        "WarmStartType": "TransferLearning",
    }


def test_only_a_search_for_the_same_metric_and_hyperparameters_can_be_learned_from() -> None:
    digest = search_digest(tiny())

    assert search_digest(with_training(trials=7, rounds=9, strategy="Random")) == digest
    assert search_digest(with_training(metric="logloss")) != digest
    assert search_digest(with_training(ranges={"alpha": {"type": "continuous", "min": 0, "max": 1}})) != digest


def test_instances_to_fall_back_to_are_tried_in_their_order() -> None:
    contract = with_training(fallback_instance_types=["ml.m5.xlarge", "ml.c5.xlarge"], volume_gb=30)
    definition = request_of(contract)["TrainingJobDefinition"]

    assert "ResourceConfig" not in definition
    assert definition["HyperParameterTuningResourceConfig"] == {
        "AllocationStrategy": "Prioritized",
        "InstanceConfigs": [
            {"InstanceType": name, "InstanceCount": 1, "VolumeSizeInGB": 30}
            for name in ("ml.m5.large", "ml.m5.xlarge", "ml.c5.xlarge")
        ],
    }


@pytest.mark.parametrize(("asked", "objects", "count"), [(3, 7, 3), (3, 2, 2), (3, 1, 1), (1, 7, 1)])
def test_several_instances_share_the_objects_of_train_and_none_is_left_without(
    asked: int, objects: int, count: int
) -> None:
    channels = {"train": "s3://a/t", "validation": "s3://a/v"}
    request = request_of(with_training(instance_count=asked), train_objects=objects, manifests=channels)
    definition: Any = request["TrainingJobDefinition"]

    assert definition["ResourceConfig"]["InstanceCount"] == count
    train, validation = (
        channel["DataSource"]["S3DataSource"]["S3DataDistributionType"] for channel in definition["InputDataConfig"]
    )
    assert (train, validation) == ("ShardedByS3Key" if count > 1 else "FullyReplicated", "FullyReplicated")


def test_a_program_of_ones_own_comes_by_a_channel_and_runs_in_the_same_container() -> None:
    request = request_of(with_training(script="print()"), code="s3://a/programs/x/sourcedir.tar.gz")
    built_in = request_of(tiny())["TrainingJobDefinition"]

    definition: Any = request["TrainingJobDefinition"]
    *channels, code = definition["InputDataConfig"]
    assert channels == built_in["InputDataConfig"]
    assert (code["ChannelName"], code["DataSource"]["S3DataSource"]["S3Uri"]) == (
        "code",
        "s3://a/programs/x/sourcedir.tar.gz",
    )
    assert definition["AlgorithmSpecification"] == built_in["AlgorithmSpecification"]
    assert definition["EnableNetworkIsolation"]
    assert definition["StaticHyperParameters"] == {
        **built_in["StaticHyperParameters"],
        "sagemaker_program": "train.py",
        "sagemaker_submit_directory": "/opt/ml/input/data/code/sourcedir.tar.gz",
    }


def test_the_same_program_is_the_same_archive() -> None:
    archive = script.packed("print()\n")

    assert archive == script.packed("print()\n")
    with tarfile.open(fileobj=io.BytesIO(archive)) as unpacked:
        assert [(entry.name, entry.mtime, entry.size) for entry in unpacked] == [("train.py", 0, 8)]

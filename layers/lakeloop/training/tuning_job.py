"""The request that starts hyperparameter tuning with the built-in XGBoost."""

from typing import TYPE_CHECKING, cast

from lakeloop.contract import DatasetContract, Problem, Range, Training
from lakeloop.contract.training import LONGEST_SPOT_WAIT

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.literals import TrainingInstanceTypeType
    from mypy_boto3_sagemaker.type_defs import (
        ChannelTypeDef,
        CreateHyperParameterTuningJobRequestTypeDef,
        HyperParameterTrainingJobDefinitionTypeDef,
        OutputDataConfigTypeDef,
        ParameterRangesTypeDef,
        StoppingConditionTypeDef,
    )

VOLUME_GB = 10
MAXIMIZED = frozenset({"auc", "aucpr"})
OBJECTIVE_OF_PROBLEM: dict[Problem, str] = {
    "binary": "binary:logistic",
    "multiclass": "multi:softprob",
    "regression": "reg:squarederror",
}
# The manifest lists the objects' physical addresses, which have no file name ending to tell the format by.
CONTENT_TYPE = "application/x-parquet"


def fingerprint(contract: DatasetContract, image: str) -> str:
    """All that makes a job on the same commit another job; what only changes serving is not in it."""
    fields = {"problem", "row_key", "label", "positive_class", "columns", "training"}
    return f"{image}\n{contract.model_dump_json(include=fields)}"


def tuning_request(
    contract: DatasetContract,
    *,
    job_name: str,
    image: str,
    role_arn: str,
    manifests: dict[str, str],
    output_uri: str,
    kms_key_arn: str,
) -> "CreateHyperParameterTuningJobRequestTypeDef":
    """`manifests` maps a channel (train, validation) to its manifest.

    Trials leave their models at `output_uri`, under the key: without one SageMaker takes that of the account, whatever
    the bucket's default. Volumes keep SageMaker's own encryption: instances with local disks refuse a key there.
    """
    training = contract.training
    return {
        "HyperParameterTuningJobName": job_name,
        "HyperParameterTuningJobConfig": {
            "Strategy": "Bayesian",
            "HyperParameterTuningJobObjective": {
                "Type": "Maximize" if contract.metric in MAXIMIZED else "Minimize",
                "MetricName": f"validation:{contract.metric}",
            },
            "ResourceLimits": {
                "MaxNumberOfTrainingJobs": training.trials,
                "MaxParallelTrainingJobs": training.parallel_trials,
            },
            "ParameterRanges": _ranges(training.ranges),
            "TrainingJobEarlyStoppingType": "Off",
            "RandomSeed": training.seed,
        },
        "TrainingJobDefinition": _definition(
            contract, image, role_arn, manifests, {"S3OutputPath": output_uri, "KmsKeyId": kms_key_arn}
        ),
    }


def _definition(
    contract: DatasetContract,
    image: str,
    role_arn: str,
    manifests: dict[str, str],
    output: "OutputDataConfigTypeDef",
) -> "HyperParameterTrainingJobDefinitionTypeDef":
    training = contract.training
    return {
        "StaticHyperParameters": _static_hyperparameters(contract),
        # MetricDefinitions must not be given: SageMaker knows those of its own image and refuses others.
        "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"},
        "RoleArn": role_arn,
        "InputDataConfig": [_channel(name, uri) for name, uri in manifests.items()],
        "OutputDataConfig": output,
        "ResourceConfig": {
            "InstanceType": cast("TrainingInstanceTypeType", training.instance_type),
            "InstanceCount": 1,
            "VolumeSizeInGB": VOLUME_GB,
        },
        "StoppingCondition": _stopping(training),
        "EnableManagedSpotTraining": training.spot,
        "EnableNetworkIsolation": True,
        "EnableInterContainerTrafficEncryption": True,
    }


def _stopping(training: Training) -> "StoppingConditionTypeDef":
    if training.spot:
        return {
            "MaxRuntimeInSeconds": training.max_trial_seconds,
            "MaxWaitTimeInSeconds": max(
                training.max_trial_seconds, min(2 * training.max_trial_seconds, LONGEST_SPOT_WAIT)
            ),
        }
    return {"MaxRuntimeInSeconds": training.max_trial_seconds}


def _channel(name: str, manifest_uri: str) -> "ChannelTypeDef":
    return {
        "ChannelName": name,
        "ContentType": CONTENT_TYPE,
        "DataSource": {
            "S3DataSource": {
                "S3DataType": "ManifestFile",
                "S3Uri": manifest_uri,
                "S3DataDistributionType": "FullyReplicated",
            }
        },
    }


def _static_hyperparameters(contract: DatasetContract) -> dict[str, str]:
    parameters = {
        "objective": OBJECTIVE_OF_PROBLEM[contract.task],
        "eval_metric": contract.metric,
        "num_round": str(contract.training.rounds),
        "early_stopping_rounds": str(contract.training.early_stopping_rounds),
        "seed": str(contract.training.seed),
    }
    if contract.problem == "multiclass":
        parameters["num_class"] = str(len(contract.classes))
    return parameters


def _ranges(ranges: dict[str, Range]) -> "ParameterRangesTypeDef":
    """SageMaker takes the limits as text, those of an integer without a decimal point or an exponent."""

    def limits(name: str, searched: Range) -> dict[str, str]:
        write = _whole if searched.type == "integer" else repr
        return {
            "Name": name,
            "MinValue": write(searched.min),
            "MaxValue": write(searched.max),
            "ScalingType": searched.scale,
        }

    chosen = {
        kind: [limits(name, searched) for name, searched in sorted(ranges.items()) if searched.type == kind]
        for kind in ("continuous", "integer")
    }
    return {"ContinuousParameterRanges": chosen["continuous"], "IntegerParameterRanges": chosen["integer"]}  # type: ignore[typeddict-item]


def _whole(limit: float) -> str:
    return str(int(limit))

"""The request that starts hyperparameter tuning with the built-in XGBoost."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from lakeloop import names
from lakeloop.contract import Choices, DatasetContract, Problem, Range, Training
from lakeloop.contract.training import LONGEST_SPOT_WAIT
from lakeloop.training import script
from lakeloop.training.volume import volume_gb

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.literals import TrainingInstanceTypeType
    from mypy_boto3_sagemaker.type_defs import (
        ChannelTypeDef,
        ContinuousParameterRangeTypeDef,
        CreateHyperParameterTuningJobRequestTypeDef,
        HyperParameterTrainingJobDefinitionTypeDef,
        HyperParameterTuningJobConfigTypeDef,
        OutputDataConfigTypeDef,
        ParameterRangesTypeDef,
        ResourceLimitsTypeDef,
        StoppingConditionTypeDef,
    )

TRAIN = "train"
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
    return f"{image}\n{contract.model_dump_json(include=fields, exclude_defaults=True)}"


def search_digest(contract: DatasetContract) -> str:
    """Of what a search and the one it learns from must have in common: SageMaker refuses other parents."""
    hyperparameters = {*static_hyperparameters(contract), *contract.training.ranges}
    return names.digest(contract.task, contract.metric, *sorted(hyperparameters), length=12)


@dataclass(frozen=True)
class Job:
    """What a tuning job is made of.

    `manifests` map a channel (train, validation) to its manifest, `data_bytes` is the size of all that they name and
    `train_objects` their number in train. `parent` is the job whose trials it learns from, `code` the archive of the
    contract's own program, `rows` map channels to manifests of the rows beside the features, and `pairs` says which
    belong together; each is empty where there is none.
    """

    name: str
    image: str
    role_arn: str
    manifests: Mapping[str, str]
    output_uri: str
    kms_key_arn: str
    data_bytes: int = 0
    train_objects: int = 1
    parent: str = ""
    code: str = ""
    rows: Mapping[str, str] = field(default_factory=dict)
    pairs: str = ""


def tuning_request(contract: DatasetContract, job: Job) -> "CreateHyperParameterTuningJobRequestTypeDef":
    """What SageMaker is asked for.

    Trials leave their models at `output_uri`, under the key: without one SageMaker takes that of the account, whatever
    the bucket's default. Volumes keep SageMaker's own encryption: instances with local disks refuse a key there.
    """
    request: CreateHyperParameterTuningJobRequestTypeDef = {
        "HyperParameterTuningJobName": job.name,
        "HyperParameterTuningJobConfig": _search(contract),
        "TrainingJobDefinition": _definition(contract, job),
    }
    if job.parent:
        request["WarmStartConfig"] = {
            "ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": job.parent}],
            # The data is another with each commit.
            "WarmStartType": "TransferLearning",
        }
    return request


def _search(contract: DatasetContract) -> "HyperParameterTuningJobConfigTypeDef":
    training = contract.training
    search: HyperParameterTuningJobConfigTypeDef = {
        "Strategy": training.strategy,
        "HyperParameterTuningJobObjective": {
            "Type": "Maximize" if contract.metric in MAXIMIZED else "Minimize",
            "MetricName": f"validation:{contract.metric}",
        },
        "ResourceLimits": _limits(training),
        "ParameterRanges": _ranges(training.ranges),
        "TrainingJobEarlyStoppingType": "Auto" if training.early_stopping else "Off",
        "RandomSeed": training.seed,
    }
    if training.strategy == "Hyperband":
        # The resource is a round of boosting: each prints the metric once.
        search["StrategyConfig"] = {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": training.rounds}}
    return search


def _limits(training: Training) -> "ResourceLimitsTypeDef":
    """Of Grid SageMaker counts the trials itself."""
    parallel = min(training.parallel_trials, training.planned_trials)
    if training.strategy == "Grid":
        return {"MaxParallelTrainingJobs": parallel}
    return {"MaxNumberOfTrainingJobs": training.trials, "MaxParallelTrainingJobs": parallel}


def _definition(contract: DatasetContract, job: Job) -> "HyperParameterTrainingJobDefinitionTypeDef":
    training = contract.training
    output: OutputDataConfigTypeDef = {"S3OutputPath": job.output_uri, "KmsKeyId": job.kms_key_arn}
    # With more instances than objects some would have nothing to learn from, and the job would fail.
    instances = min(training.instance_count, job.train_objects)
    files = {script.CODE_CHANNEL: job.code, script.PAIRS_CHANNEL: job.pairs}
    definition: HyperParameterTrainingJobDefinitionTypeDef = {
        "StaticHyperParameters": static_hyperparameters(contract),
        # MetricDefinitions must not be given: SageMaker knows those of its own image and refuses others.
        "AlgorithmSpecification": {"TrainingImage": job.image, "TrainingInputMode": "File"},
        "RoleArn": job.role_arn,
        "InputDataConfig": [
            *(_channel(name, uri, sharded=name == TRAIN and instances > 1) for name, uri in job.manifests.items()),
            *(_channel(name, uri) for name, uri in job.rows.items()),
            *(_file(name, uri) for name, uri in files.items() if uri),
        ],
        "OutputDataConfig": output,
        "StoppingCondition": _stopping(training),
        "EnableManagedSpotTraining": training.spot,
        "EnableNetworkIsolation": True,
        "EnableInterContainerTrafficEncryption": True,
    }
    _put_resources(definition, training, instances, volume_gb(training, job.data_bytes))
    return definition


def _put_resources(
    definition: "HyperParameterTrainingJobDefinitionTypeDef", training: Training, count: int, volume: int
) -> None:
    """One kind of instance, or several in the order in which they are to be tried."""
    types = cast("list[TrainingInstanceTypeType]", [training.instance_type, *training.fallback_instance_types])
    if len(types) == 1:
        definition["ResourceConfig"] = {"InstanceType": types[0], "InstanceCount": count, "VolumeSizeInGB": volume}
    else:
        definition["HyperParameterTuningResourceConfig"] = {
            "AllocationStrategy": "Prioritized",
            "InstanceConfigs": [
                {"InstanceType": each, "InstanceCount": count, "VolumeSizeInGB": volume} for each in types
            ],
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


def _channel(name: str, manifest_uri: str, *, sharded: bool = False) -> "ChannelTypeDef":
    return {
        "ChannelName": name,
        "ContentType": CONTENT_TYPE,
        "DataSource": {
            "S3DataSource": {
                "S3DataType": "ManifestFile",
                "S3Uri": manifest_uri,
                "S3DataDistributionType": "ShardedByS3Key" if sharded else "FullyReplicated",
            }
        },
    }


def _file(name: str, uri: str) -> "ChannelTypeDef":
    return {
        "ChannelName": name,
        "DataSource": {
            "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
        },
    }


def static_hyperparameters(contract: DatasetContract) -> dict[str, str]:
    """What no search changes, for the built-in XGBoost and whatever trains as it does."""
    parameters = {
        "objective": OBJECTIVE_OF_PROBLEM[contract.task],
        "eval_metric": contract.metric,
        "num_round": str(contract.training.rounds),
        "early_stopping_rounds": str(contract.training.early_stopping_rounds),
        "seed": str(contract.training.seed),
    }
    if contract.problem == "multiclass":
        parameters["num_class"] = str(len(contract.classes))
    return parameters | script.HYPERPARAMETERS if contract.training.script else parameters


def _ranges(ranges: Mapping[str, Range | Choices]) -> "ParameterRangesTypeDef":
    """SageMaker takes limits and values as text, those of an integer without a decimal point or an exponent."""

    def limits(name: str, searched: Range) -> "ContinuousParameterRangeTypeDef":
        write = _whole if searched.type == "integer" else repr
        return {
            "Name": name,
            "MinValue": write(searched.min),
            "MaxValue": write(searched.max),
            "ScalingType": searched.scale,
        }

    between = sorted((name, searched) for name, searched in ranges.items() if isinstance(searched, Range))
    listed = sorted((name, searched) for name, searched in ranges.items() if isinstance(searched, Choices))
    found: ParameterRangesTypeDef = {
        "ContinuousParameterRanges": [limits(*each) for each in between if each[1].type == "continuous"],
        "IntegerParameterRanges": [limits(*each) for each in between if each[1].type == "integer"],
    }
    if listed:
        values = [{"Name": name, "Values": [f"{value:.15g}" for value in each.values]} for name, each in listed]
        found["CategoricalParameterRanges"] = values  # type: ignore[typeddict-item]
    return found


def _whole(limit: float) -> str:
    return str(int(limit))

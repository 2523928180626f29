"""The requests that score test rows, and what a version is registered with."""

from typing import TYPE_CHECKING, cast

from lakeloop import names
from lakeloop.contract import DatasetContract
from lakeloop.contract.digest import recipe_digest
from lakeloop.deployment.ports import TrainedModel
from lakeloop.evaluation.champion import Champion
from lakeloop.registry import lineage
from lakeloop.registry.ports import Approval
from lakeloop.reports import now

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.literals import TransformInstanceTypeType
    from mypy_boto3_sagemaker.type_defs import CreateTransformJobRequestTypeDef

CSV = "text/csv"
# Families that batch transform has, of those that train; others, as ml.r5 and ml.t3, are for trials alone.
TRANSFORM_FAMILIES = frozenset(
    {
        *("c4", "c5", "c6i", "c7i", "g4dn", "g5", "g6", "g6e", "m4", "m5", "m6i", "m7i"),
        *("p2", "p3", "r6i", "r7i", "trn1"),
    }
)
# Test rows go through a model one after the other, so that any will do.
USUAL_INSTANCE = "ml.m5.large"


def transform_request(
    name: str, model: str, contract: DatasetContract, *, inputs_uri: str, output_uri: str, kms_key_arn: str
) -> "CreateTransformJobRequestTypeDef":
    """Every object below the address through the model, on an instance of the kind that trained it where there is one.

    The volume keeps SageMaker's own encryption: instances with local disks refuse a key there.
    """
    trained_on = contract.training.instance_type
    instance_type = trained_on if trained_on.split(".")[1] in TRANSFORM_FAMILIES else USUAL_INSTANCE
    return {
        "TransformJobName": name,
        "ModelName": model,
        "BatchStrategy": "MultiRecord",
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": inputs_uri}},
            "ContentType": CSV,
            "SplitType": "Line",
        },
        "TransformOutput": {
            "S3OutputPath": output_uri,
            "Accept": CSV,
            "AssembleWith": "Line",
            "KmsKeyId": kms_key_arn,
        },
        "TransformResources": {
            "InstanceType": cast("TransformInstanceTypeType", instance_type),
            "InstanceCount": 1,
        },
    }


def lineage_of(trained: TrainedModel, contract: DatasetContract, git_sha: str) -> dict[str, str]:
    """Where a model comes from, as the metadata of its version."""
    return {
        lineage.DATASET: trained.tags[names.DATASET_TAG],
        lineage.REPOSITORY: trained.tags[names.REPOSITORY_TAG],
        lineage.DATA_COMMIT: trained.tags[names.COMMIT_TAG],
        lineage.RECIPE: recipe_digest(contract),
        lineage.CONTRACT: trained.tags.get(names.CONTRACT_TAG, ""),
        lineage.CORRELATION: trained.tags.get(names.CORRELATION_TAG, ""),
        lineage.TUNING_JOB: trained.tuning_job,
        lineage.TUNING_STATUS: trained.status,
        lineage.TRAINING_JOB: trained.training_job,
        lineage.GIT_SHA: git_sha,
        lineage.METRIC: trained.metric,
        lineage.VALUE: f"{trained.value:.6g}",
    }


def decision_of(champion: Champion | None, approval: Approval, verdict: str) -> dict[str, str]:
    """What the promotion rule decided, which is another when a version is judged again."""
    return {
        lineage.RULED: approval,
        lineage.CHAMPION: champion.name if champion else lineage.NOBODY,
        lineage.VERDICT: verdict,
        lineage.DECIDED_BY: lineage.RULE,
        lineage.DECIDED_AT: now().isoformat(timespec="seconds"),
    }

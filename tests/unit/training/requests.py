"""Requests for tuning jobs, each held to SageMaker's model of one."""

from dataclasses import replace

from mypy_boto3_sagemaker.type_defs import CreateHyperParameterTuningJobRequestTypeDef

from lakeloop.contract import DatasetContract
from lakeloop.training.tuning_job import Job, tuning_request
from tests.botocore_model import request_errors
from tests.data import tiny

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"
ROLE = "arn:aws:iam::000000000000:role/r"
KEY = "arn:aws:kms:us-east-1:000000000000:key/k"


def with_training(**changes: object) -> DatasetContract:
    return tiny(training={**tiny().training.model_dump(), **changes})


def request_of(contract: DatasetContract, **facts: object) -> CreateHyperParameterTuningJobRequestTypeDef:
    request = tuning_request(contract, replace(job(), **facts))  # type: ignore[arg-type]
    assert request_errors("CreateHyperParameterTuningJob", request) == ""
    return request


def job(name: str = "job", manifests: dict[str, str] | None = None) -> Job:
    return Job(name, IMAGE, ROLE, manifests or {"train": "s3://a/b"}, "s3://a/c/", KEY)

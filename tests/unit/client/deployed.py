"""An environment that the tests of the command can use: Terraform's outputs, and emulated services behind them."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from moto import mock_aws
from mypy_boto3_s3.client import S3Client
from mypy_boto3_sqs.client import SQSClient

from lakeloop.client import dead_letters
from lakeloop.client.environment import Environment, Outputs
from lakeloop.compiler.build import compiled
from lakeloop.contract import DatasetContract

FUNCTIONS = ("transform_data", "start_tuning", "deploy_model", "predict")
CHAINS = FUNCTIONS[:3]
ACCOUNT = "123456789012"
QUEUES = f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}"


def _name(function: str) -> str:
    return f"lakeloop-test-{function.replace('_', '-')}"


OUTPUTS: dict[str, object] = {
    "name_prefix": "lakeloop-test",
    "region": "us-east-1",
    "landing_bucket": f"lakeloop-test-landing-{ACCOUNT}",
    "lake_bucket": f"lakeloop-test-lake-{ACCOUNT}",
    "artifacts_bucket": f"lakeloop-test-artifacts-{ACCOUNT}",
    "captures_bucket": f"lakeloop-test-captures-{ACCOUNT}",
    "contracts_index": f"s3://lakeloop-test-artifacts-{ACCOUNT}/contracts/index.json?versionId=v1",
    "lakefs_endpoint": "http://lakefs.internal",
    "lakefs_secret_arn": f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:lakefs",
    "api_id": "abc123",
    "api_stage": "v1",
    "api_url": "https://abc123.execute-api.us-east-1.amazonaws.com/v1/",
    "api_key_ids": {"default": "key1"},
    "datasets": ["breast_cancer"],
    "chains": {
        chain: {
            "topic_arn": f"arn:aws:sns:us-east-1:{ACCOUNT}:{_name(chain)}",
            "queue_url": f"{QUEUES}/{_name(chain)}",
            "dlq_url": f"{QUEUES}/{_name(chain)}-dlq",
            "function_name": _name(chain),
            "log_group": f"/aws/lambda/{_name(chain)}",
        }
        for chain in CHAINS
    },
    "functions": {name: {"name": _name(name), "log_group": f"/aws/lambda/{_name(name)}"} for name in FUNCTIONS},
}


@contextmanager
def emulated(monkeypatch: pytest.MonkeyPatch) -> Iterator[Environment]:
    """The environment on emulated AWS services, with its buckets and queues."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setattr(dead_letters, "LOOK_SECONDS", 0)
    with mock_aws():
        environment = Environment(Outputs.model_validate(OUTPUTS))
        outputs = environment.outputs
        for bucket in (
            outputs.landing_bucket,
            outputs.lake_bucket,
            outputs.artifacts_bucket,
            outputs.captures_bucket,
        ):
            environment.s3.create_bucket(Bucket=bucket)
            environment.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        for chain in environment.outputs.chains.values():
            make_queues(environment.sqs, chain.queue_url.rpartition("/")[2])
        yield environment


def deploy_contracts(s3: S3Client, bucket: str, *contracts: DatasetContract) -> str:
    """Write contracts and their index as Terraform does; the index object, as functions and people are told it."""
    entries = {contract.name: put_contract(s3, bucket, contract) for contract in contracts}
    stored = s3.put_object(
        Bucket=bucket, Key="contracts/index.json", Body=json.dumps({"format": 1, "contracts": entries}).encode()
    )
    return f"s3://{bucket}/contracts/index.json?versionId={stored['VersionId']}"


def put_contract(s3: S3Client, bucket: str, contract: DatasetContract) -> dict[str, str]:
    """Its entry in the index."""
    key, body = f"contracts/{contract.name}.json", compiled(contract, b"", {})
    version = s3.put_object(Bucket=bucket, Key=key, Body=body)["VersionId"]
    return {"key": key, "version_id": version, "sha256": hashlib.sha256(body).hexdigest()}


def make_queues(sqs: SQSClient, name: str) -> None:
    dlq = sqs.create_queue(QueueName=f"{name}-dlq")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=dlq, AttributeNames=["QueueArn"])["Attributes"]
    redrive = json.dumps({"deadLetterTargetArn": attributes["QueueArn"], "maxReceiveCount": 5})
    sqs.create_queue(QueueName=name, Attributes={"RedrivePolicy": redrive})


def put_letter(environment: Environment, chain: str, body: str) -> str:
    """A message in the dead-letter queue of a chain; its id."""
    url = environment.outputs.chains[chain].dlq_url
    return environment.sqs.send_message(QueueUrl=url, MessageBody=body)["MessageId"]

"""`terraform apply` makes lakeFS ready: its user, a repository per dataset, a protected main. It approves contracts."""

from typing import Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from lakeloop import names
from lakeloop.adapters.aws import CLIENT_CONFIG
from lakeloop.adapters.lakefs import LakeFS
from lakeloop.adapters.s3 import S3Approval, S3Contracts
from lakeloop.adapters.secrets import lake_credentials
from lakeloop.contract.changes import refuse_misreading
from lakeloop.observability import logger
from lakeloop.settings import BootstrapSettings

settings = BootstrapSettings.load()
credentials = lake_credentials(boto3.client("secretsmanager", config=CLIENT_CONFIG), settings.lakefs_secret_arn)
lake = LakeFS(settings.lakefs_endpoint, credentials)
s3 = boto3.client("s3", config=CLIENT_CONFIG)
approval = S3Approval(s3, settings.artifacts_bucket)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, list[str]]:
    """Every step tolerates that it was done before; repositories of datasets that are gone keep their data."""
    if event.get("tf", {}).get("action") == "delete":
        return {"repositories": []}
    if index := event.get("approve"):
        return {"approved": approve(index)}
    lake.set_up(credentials)
    repositories = [names.repository(settings.name_prefix, dataset) for dataset in sorted(event["datasets"])]
    for repository in repositories:
        lake.ensure_repository(repository, f"s3://{settings.lake_bucket}/{repository}")
    logger.info("lake is ready", extra={"repositories": repositories})
    return {"repositories": repositories}


def approve(index: str) -> list[str]:
    """Fail the apply before any function is told of contracts that misread the data on main."""
    contracts = S3Contracts(s3, index)
    new = contracts.of(contracts.names)
    refuse_misreading({name: old for name in new if (old := approval.read(name))}, new, holds_data)
    for contract in new.values():
        approval.write(contract)
    return list(new)


def holds_data(dataset: str) -> bool:
    return lake.holds_data(names.repository(settings.name_prefix, dataset))

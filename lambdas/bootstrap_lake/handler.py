"""`terraform apply` makes lakeFS ready, or says why it is not, and approves contracts."""

import time
from typing import Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from lakeloop import names
from lakeloop.adapters.aws import CLIENT_CONFIG
from lakeloop.adapters.lakefs_setup import LakeSetup
from lakeloop.adapters.s3 import S3Approval, S3Contracts
from lakeloop.adapters.secrets import lake_credentials
from lakeloop.contract.changes import refuse_misreading
from lakeloop.contract.meaning import readings_kept
from lakeloop.lake.sweep import sweep
from lakeloop.observability import logger
from lakeloop.settings import BootstrapSettings

settings = BootstrapSettings.load()
credentials = lake_credentials(boto3.client("secretsmanager", config=CLIENT_CONFIG), settings.lakefs_secret_arn)
lake = LakeSetup(settings.lakefs_endpoint, credentials)
s3 = boto3.client("s3", config=CLIENT_CONFIG)
approval = S3Approval(s3, settings.artifacts_bucket)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, list[str]]:
    """Every step tolerates that it was done before; repositories of datasets that are gone keep their data.

    On destroy nothing happens, since a replaced invocation says `delete` as well: what is lost is made anew by the
    next apply, where `force_destroy` says that data may go.
    """
    if event.get("tf", {}).get("action") == "delete":
        return {"repositories": []}
    if index := event.get("approve"):
        return {"approved": approve(index)}
    lake.set_up()
    lake.check_server()
    repositories = [names.repository(settings.name_prefix, dataset) for dataset in sorted(event["datasets"])]
    for repository in repositories:
        namespace = f"s3://{settings.lake_bucket}/{repository}"
        lake.ensure_repository(repository, namespace, replace_lost=event["force_destroy"])
        swept = sweep(lake, repository, now=time.time())
        logger.info("repository is ready", extra={"repository": repository, "swept": swept})
    return {"repositories": repositories}


def approve(index: str) -> list[str]:
    """Fail the apply before any function is told of contracts that misread the data on main."""
    contracts = S3Contracts(s3, index)
    new = contracts.of(contracts.names)
    before = {name: old for name in new if (old := approval.read(name))}
    refuse_misreading(before, new, holds_data)
    for name, contract in new.items():
        # Before the contract: who is ended in between is told the same again.
        approval.write_readings(name, readings_kept(before.get(name), contract, approval.readings(name)))
        approval.write(contract)
    return list(new)


def holds_data(dataset: str) -> bool:
    return lake.holds_data(names.repository(settings.name_prefix, dataset))

"""The account that the local cloud is: what infra/bootstrap makes once in a real one is there from the start."""

import json

import boto3

from lakeloop.local.supervisor.parts import REGION, aws_variables

API_LOGS_ROLE = f"lakeloop-api-gateway-logs-{REGION}"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "apigateway.amazonaws.com"}}
    ],
}


def prepare_account(aws_url: str) -> None:
    """Make what is missing of it."""
    variables = aws_variables(aws_url)
    session = boto3.Session(variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"], region_name=REGION)
    iam = session.client("iam", endpoint_url=aws_url)
    try:
        iam.create_role(RoleName=API_LOGS_ROLE, AssumeRolePolicyDocument=json.dumps(TRUST))
    except iam.exceptions.EntityAlreadyExistsException:
        return

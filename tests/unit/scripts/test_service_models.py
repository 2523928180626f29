"""Clients that know the called operations alone call them as whole ones do."""

import json
import re
import subprocess
import sys
from pathlib import Path

import botocore.session
import pytest

from lakeloop import project
from lakeloop.scripts.build import BOTOCORE_SERVICES, domain_modules
from lakeloop.scripts.service_models import called_methods, cut
from tests.data import ROOT

# Nothing listens there: what gets so far has been read, checked, signed and sent.
CALL = """
import sys, botocore.session
from botocore.exceptions import EndpointConnectionError
from botocore.config import Config
client = botocore.session.get_session().create_client(
    sys.argv[1], endpoint_url="http://127.0.0.1:9", config=Config(retries={"total_max_attempts": 1})
)
try:
    getattr(client, sys.argv[2])(**eval(sys.argv[3]))
except EndpointConnectionError:
    print("sent")
"""


def test_the_description_of_every_service_that_a_handler_makes_a_client_of_is_shipped() -> None:
    handlers = [file.read_text() for file in (ROOT / "lambdas").glob("*/handler.py")]
    asked = {service for text in handlers for service in re.findall(r'client\(\s*"([a-z0-9-]+)"', text)}

    assert {"s3", "sqs", "sagemaker-runtime"} <= asked <= BOTOCORE_SERVICES


@pytest.mark.parametrize(
    ("service", "method", "arguments"),
    [
        ("s3", "get_object", {"Bucket": "b", "Key": "k"}),
        ("s3", "put_object", {"Bucket": "b", "Key": "k", "Body": b"x"}),
        ("cloudwatch", "describe_alarms", {"AlarmNames": ["a"]}),
        ("secretsmanager", "get_secret_value", {"SecretId": "s"}),
        ("sagemaker", "describe_endpoint", {"EndpointName": "e"}),
        ("sagemaker-runtime", "invoke_endpoint", {"EndpointName": "e", "Body": b"1"}),
        ("sns", "publish", {"TopicArn": "arn:aws:sns:us-east-1:123456789012:t", "Message": "m"}),
        ("sqs", "change_message_visibility_batch", {"QueueUrl": "http://127.0.0.1:9/q", "Entries": []}),
        ("sts", "assume_role", {"RoleArn": "arn:aws:iam::123456789012:role/r", "RoleSessionName": "session"}),
    ],
)
def test_a_call_through_a_cut_description_is_sent(
    layers: Path, service: str, method: str, arguments: dict[str, object]
) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}

    done = subprocess.run(
        [sys.executable, "-S", "-c", CALL, service, method, repr(arguments)],
        env={"PYTHONPATH": str(layers / "runtime" / "python"), **keys},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == "sent\n", done.stderr


def test_what_is_kept_is_what_the_functions_name_and_the_shapes_of_that() -> None:
    whole = botocore.session.get_session().get_component("data_loader").load_service_model("sagemaker", "service-2")

    found = cut(whole, frozenset({"describe_endpoint"}))

    assert set(found["operations"]) == {"DescribeEndpoint"}
    assert {"DescribeEndpointInput", "DescribeEndpointOutput", "PendingDeploymentSummary"} <= set(found["shapes"])
    assert "CreateEndpointInput" not in found["shapes"]
    assert found["metadata"] == whole["metadata"]
    assert '"documentation"' not in json.dumps([found["operations"], found["shapes"]])


def test_all_that_a_paginator_or_an_adapter_names_is_among_the_calls() -> None:
    sources = [*(ROOT / "lambdas").glob("*/handler.py"), *(file for file, _ in domain_modules(project.PACKAGE))]

    called = called_methods(sources, BOTOCORE_SERVICES)

    assert {"list_tags", "list_object_versions", "invoke_endpoint", "get_secret_value", "head_bucket"} <= called
    assert "create_notebook_instance" not in called

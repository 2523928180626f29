"""Calls that several of these tests make."""

import os
import subprocess
import time
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import urllib3

from tests.contract.aws.conftest import EMULATOR_PYTHON, PACKAGES, Emulator

SCOPE = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/monitoring/aws4_request, SignedHeaders=host, Signature=0"
XMLNS = "{http://monitoring.amazonaws.com/doc/2010-08-01/}"


def usage_plan_as_sent(emulator: Emulator, plan: str) -> Any:  # noqa: ANN401 - any JSON
    """A usage plan before an SDK has read it."""
    scope = SCOPE.replace("monitoring", "apigateway")
    return urllib3.request("GET", f"{emulator.url}/usageplans/{plan}", headers={"Authorization": scope}).json()


def query(emulator: Emulator, **parameters: str) -> ElementTree.Element:
    """A call in the Query protocol, as the Terraform provider's SDK makes it; boto3 speaks JSON."""
    answer = urllib3.request(
        "POST",
        emulator.url,
        body=urlencode({"Version": "2010-08-01", **parameters}),
        headers={"Authorization": SCOPE, "Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status == 200, answer.data
    return ElementTree.fromstring(answer.data)  # noqa: S314 - the emulator's own answer


def eventually(condition: Callable[[], bool], seconds: float = 15) -> bool:
    """Whether something comes true in time."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
    return condition()


def make_queue(sqs: Any, name: str, **attributes: str) -> tuple[str, str]:  # noqa: ANN401 - a client
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return url, arn


def put_alarm(emulator: Emulator, queue: str, **changes: Any) -> str:  # noqa: ANN401 - parameters of the call
    name = f"depth-{uuid.uuid4().hex[:8]}"
    emulator.client("cloudwatch").put_metric_alarm(
        **{
            "AlarmName": name,
            "Namespace": "AWS/SQS",
            "MetricName": "ApproximateNumberOfMessagesVisible",
            "Dimensions": [{"Name": "QueueName", "Value": queue}],
            "Statistic": "Maximum",
            "Period": 10,
            "EvaluationPeriods": 1,
            "Threshold": 0,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
            **changes,
        }
    )
    return name


def alarm_state(emulator: Emulator, alarm: str) -> str:
    [described] = emulator.client("cloudwatch").describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
    value: str = described["StateValue"]
    return value


def put_in_parts(storage: Any, bucket: str, key: str, **arguments: str) -> None:  # noqa: ANN401 - a client
    upload = storage.create_multipart_upload(Bucket=bucket, Key=key, **arguments)["UploadId"]
    part = storage.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=1, Body=b"content")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    storage.complete_multipart_upload(Bucket=bucket, Key=key, UploadId=upload, MultipartUpload=parts)


def in_emulator(program: str, cwd: str) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(PACKAGES),
        "TMPDIR": cwd,
        "STATE_DIR": cwd,
        "S3_DATA_DIR": cwd,
    }
    command = [str(EMULATOR_PYTHON), "-c", program]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=True).stdout

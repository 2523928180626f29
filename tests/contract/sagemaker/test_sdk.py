"""The published SDKs as clients, each in an environment of its own: large, so not among the tests of every day."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.contract.sagemaker.cloud import ROOT, Cloud
from tests.contract.sagemaker.examples import IMAGE

pytestmark = pytest.mark.long

STEPS = {
    2: [
        "estimator",
        "attach",
        "analytics",
        "tuner",
        "tuner attach",
        "deploy",
        "transformer",
        "register",
        "script mode",
    ],
    3: ["trainer", "tuner", "endpoint"],
}


@pytest.mark.parametrize("version", STEPS)
def test_the_workflow_of_the_sdk_runs_to_its_end(
    cloud: Cloud, channels: list[dict[str, Any]], tmp_path: Path, version: int
) -> None:
    python = installed(version)
    uris = [channel["DataSource"]["S3DataSource"]["S3Uri"] for channel in channels]
    requests = cloud.put(f"{cloud.prefix}/sdk/requests.csv", b"1,2,3,4\n5,6,7,8\n")

    run = subprocess.run(
        [python, "-W", "ignore", str(Path(__file__).with_name(f"sdk_{version}.py"))],
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": str(cloud.aws_url),
            "AWS_ENDPOINT_URL_SAGEMAKER": str(cloud.sagemaker_url),
            "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": str(cloud.sagemaker_url),
            # It would simulate the role's policies, which the S3 of these tests knows nothing of.
            "SAGEMAKER_VALIDATE_ROLE": "false",
            "SAGEMAKER_USER_CONFIG_OVERRIDE": str(without_telemetry(tmp_path)),
            "BUCKET": cloud.bucket,
            "IMAGE": IMAGE,
            "ROLE": cloud.role,
            "GROUP": cloud.name("group"),
            "TRAIN": uris[0],
            "VALIDATION": uris[1],
            "REQUESTS": requests,
        },
        capture_output=True,
        text=True,
        check=False,
    )

    done = [line.removeprefix("done: ") for line in run.stdout.splitlines() if line.startswith("done: ")]
    assert (run.returncode, done) == (0, STEPS[version]), f"{run.stdout[-2000:]}\n{run.stderr[-4000:]}"


def without_telemetry(folder: Path) -> Path:
    """The SDK's own configuration file, in which it may be told to keep to itself what it does."""
    path = folder / "config.yaml"
    path.write_text(
        json.dumps({"SchemaVersion": "1.0", "SageMaker": {"PythonSDK": {"Modules": {"TelemetryOptOut": True}}}})
    )
    return path


def installed(version: int) -> Path:
    """The SDK's interpreter, made by the Makefile from its lock; our own environment stays as it is while tests run."""
    environment = Path(".local") / "venvs" / f"sagemaker{version}"
    subprocess.run(
        ["make", "--silent", "--old-file=.venv/installed", str(environment / "installed")], cwd=ROOT, check=True
    )
    return ROOT / environment / "bin" / "python"

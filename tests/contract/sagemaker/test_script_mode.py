"""Training jobs that run a program of their own instead of the built-in algorithm."""

import json
import sys
from typing import Any

import pytest

from tests.contract.sagemaker.cloud import Cloud, LocalServer
from tests.contract.sagemaker.examples import algorithm, channel, training_job
from tests.contract.sagemaker.jobs import Channels, ended_training, logged, members, metrics, packed

SCRIPT = """
import argparse, json, os, pathlib, sys
parser = argparse.ArgumentParser()
parser.add_argument("--depth", type=int)
parser.add_argument("--train", default=os.environ["SM_CHANNEL_TRAIN"])
chosen = parser.parse_args()
files = sorted(path.name for path in pathlib.Path(chosen.train).iterdir() if path.is_file())
print("[0]\\ttrain-auc:0.5\\tvalidation-auc:0.75")
pathlib.Path(os.environ["SM_MODEL_DIR"], "model.json").write_text(
    json.dumps({"depth": chosen.depth, "files": files, "hps": json.loads(os.environ["SM_HPS"])})
)
pathlib.Path(os.environ["SM_OUTPUT_DATA_DIR"], "report.txt").write_text("done")
"""


def script_job(cloud: Cloud, name: str, channels: Channels, **hyperparameters: str) -> dict[str, Any]:
    return {**algorithm(cloud, channels), "TrainingJobName": name, "HyperParameters": hyperparameters}


def test_own_program_from_an_archive(cloud: Cloud, channels: Channels) -> None:
    name = cloud.name("script")
    source = cloud.put(f"{cloud.prefix}/code/{name}/sourcedir.tar.gz", packed(train__py=SCRIPT))
    # The SageMaker SDK writes every hyperparameter as JSON.
    submitted = {"sagemaker_program": '"train.py"', "sagemaker_submit_directory": json.dumps(source), "depth": "3"}

    cloud.sagemaker.create_training_job(**script_job(cloud, name, channels, **submitted))

    job = ended_training(cloud, name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    left = json.loads(members(cloud, job["ModelArtifacts"]["S3ModelArtifacts"])["model.json"])
    assert left == {"depth": 3, "files": ["rows.csv"], "hps": {"depth": "3"}}
    output = job["ModelArtifacts"]["S3ModelArtifacts"].replace("model.tar.gz", "output.tar.gz")
    assert members(cloud, output) == {"report.txt": b"done"}
    # The metric definitions of the built-in image hold for own programs, too.
    assert metrics(job)["validation:auc"] == 0.75


def test_own_program_from_a_channel_without_a_network(cloud: Cloud, channels: Channels) -> None:
    name = cloud.name("isolated")
    source = cloud.put(f"{cloud.prefix}/code/{name}/sourcedir.tar.gz", packed(train__py=SCRIPT))
    request = script_job(
        cloud,
        name,
        [*channels, channel("code", source, None)],
        sagemaker_program="train.py",
        sagemaker_submit_directory="/opt/ml/input/data/code/sourcedir.tar.gz",
        depth="1",
    )
    cloud.sagemaker.create_training_job(**request, EnableNetworkIsolation=True)

    assert ended_training(cloud, name)["TrainingJobStatus"] == "Completed"


def test_failure_of_an_own_program_is_explained(cloud: Cloud, channels: Channels) -> None:
    name = cloud.name("broken")
    source = cloud.put(
        f"{cloud.prefix}/code/{name}/sourcedir.tar.gz", packed(train__py="raise RuntimeError('out of ideas')")
    )
    request = script_job(
        cloud, name, channels, sagemaker_program="train.py", sagemaker_submit_directory=source, depth="1"
    )
    cloud.sagemaker.create_training_job(**request)

    job = ended_training(cloud, name)

    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("AlgorithmError: ExecuteUserScriptError:\nExitCode 1")
    assert "RuntimeError: out of ideas" in job["FailureReason"]
    assert "train.py --depth 1" in job["FailureReason"]


@pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")
def test_own_entry_point(cloud: Cloud, channels: Channels) -> None:
    name = cloud.name("entry")
    script = cloud.put(
        f"{cloud.prefix}/code/{name}/run.sh", b'cp /opt/ml/input/data/train/* /opt/ml/model/ && echo "$@"'
    )
    request = training_job(cloud, name, [*channels, channel("code", script, None)])
    request["AlgorithmSpecification"] |= {
        "ContainerEntrypoint": ["/bin/sh", "/opt/ml/input/data/code/run.sh"],
        "ContainerArguments": ["one", "two"],
    }

    cloud.sagemaker.create_training_job(**request)

    job = ended_training(cloud, name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert list(members(cloud, job["ModelArtifacts"]["S3ModelArtifacts"])) == ["rows.csv"]


@pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")
def test_container_has_its_own_opt_ml_and_no_network(
    cloud: Cloud, channels: Channels, local_server: LocalServer
) -> None:
    name = cloud.name("inside")
    look = "import os, pathlib, socket; print(os.listdir('/opt/ml')); print(socket.if_nameindex())"
    source = cloud.put(f"{cloud.prefix}/code/{name}/sourcedir.tar.gz", packed(look__py=look))
    request = script_job(
        cloud,
        name,
        [channel("code", source, None)],
        sagemaker_program="look.py",
    )
    cloud.sagemaker.create_training_job(**request, EnableNetworkIsolation=True)
    assert ended_training(cloud, name)["TrainingJobStatus"] == "Completed"

    seen = logged(cloud, name)

    assert "'input'" in seen
    assert "eth" not in seen

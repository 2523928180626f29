"""A machine that forbids user namespaces: containers find their folder in ML_ROOT."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.sagemaker.cloud import Cloud, LocalServer
from tests.contract.sagemaker.conftest import local_cloud, only_local
from tests.contract.sagemaker.examples import algorithm, channel
from tests.contract.sagemaker.jobs import ended_training, make_config, make_endpoint, make_model, packed, score, train


@pytest.fixture(scope="module")
def plain(aws_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    only_local()
    folder: Path = tmp_path_factory.mktemp("plain")
    server = LocalServer(folder, aws_url, LAKELOOP_SAGEMAKER_SANDBOX="off")
    yield local_cloud(server.url, aws_url)
    server.stop()


def test_model_is_trained_and_served(plain: Cloud, channels: list[dict[str, Any]]) -> None:
    job = train(plain, channels)

    endpoint = make_endpoint(plain, make_config(plain, make_model(plain, job["ModelArtifacts"]["S3ModelArtifacts"])))

    assert 0 < float(score(plain, endpoint)) < 1


def test_own_program_finds_its_folders(plain: Cloud, channels: list[dict[str, Any]]) -> None:
    program = "import os; open(os.environ['SM_MODEL_DIR'] + '/model', 'w').write(os.environ['SM_CHANNEL_TRAIN'])"
    source = plain.put(f"{plain.prefix}/code/sourcedir.tar.gz", packed(train__py=program))
    request = {
        **algorithm(plain, [*channels, channel("code", source, None)]),
        "TrainingJobName": plain.name("own"),
        "HyperParameters": {"sagemaker_program": "train.py"},
    }

    plain.sagemaker.create_training_job(**request)

    job = ended_training(plain, request["TrainingJobName"])
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")

"""Script mode: the user's own training program in the built-in image.

https://github.com/aws/sagemaker-training-toolkit documents the hyperparameters and variables.
"""

import json
import os
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import ClientError

from lakeloop.local.sagemaker.archives import extract
from lakeloop.local.sagemaker.containers.layout import Layout
from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.objects import Objects, S3Uri
from lakeloop.local.sagemaker.training.channels import DownloadError
from lakeloop.local.sagemaker.training.folder import HOST

PROGRAM, SUBMIT_DIRECTORY = "sagemaker_program", "sagemaker_submit_directory"
CODE_CHANNEL = "code"
INSIDE = "/opt/ml"


@dataclass(frozen=True)
class Script:
    program: str
    # An S3 URI or a path in the container, of an archive or a folder; empty means the channel `code`.
    source: str


def script_of(job: Document) -> Script | None:
    """None for a job that runs the built-in algorithm."""
    given = job.get("HyperParameters", {})
    variables = job.get("Environment", {})
    program = _decoded(given.get(PROGRAM, "")) or variables.get("SAGEMAKER_PROGRAM", "")
    source = _decoded(given.get(SUBMIT_DIRECTORY, "")) or variables.get("SAGEMAKER_SUBMIT_DIRECTORY", "")
    return Script(program, source) if program else None


def fetch(script: Script, job: Document, layout: Layout, objects: Objects) -> Path:
    """The folder with the program, below the one that the container sees. Raises DownloadError when it is not there."""
    code = layout.root / "code"
    code.mkdir(exist_ok=True)
    if script.source.startswith("s3://"):
        if job.get("EnableNetworkIsolation"):
            raise DownloadError(
                f"AlgorithmError: a container without a network cannot fetch {script.source}; hand it in by a channel"
            )
        archive = layout.root.parent / "sourcedir.tar.gz"
        _download(S3Uri.parse(script.source), archive, objects)
        _extract(archive, code)
    else:
        inside = script.source or f"{INSIDE}/input/data/{CODE_CHANNEL}"
        given = layout.root / inside.removeprefix(INSIDE).lstrip("/")
        if given.is_dir() and (given / "sourcedir.tar.gz").is_file():
            given = given / "sourcedir.tar.gz"
        if given.is_file():
            _extract(given, code)
        else:
            code = given
    if not (code / script.program).is_file():
        raise DownloadError(f"AlgorithmError: {script.program} is not in {script.source or 'the channel code'}")
    return code


def command(script: Script, job: Document) -> list[str]:
    """The program with the user's hyperparameters as its arguments."""
    interpreter = ["/bin/sh"] if script.program.endswith(".sh") else [sys.executable]
    return [*interpreter, script.program, *arguments(job)]


def arguments(job: Document) -> list[str]:
    pairs = ((f"-{name}" if len(name) == 1 else f"--{name}", value) for name, value in sorted(_own(job).items()))
    return [part for name, value in pairs for part in (name, str(value))]


def variables(script: Script, job: Document, root: str, code: str) -> dict[str, str]:
    """SM_*, for a container that sees its folder as `root`."""
    own = _own(job)
    channels = [channel["ChannelName"] for channel in job.get("InputDataConfig", [])]
    resources = json.dumps({"current_host": HOST, "hosts": [HOST]})
    return {
        "SM_MODEL_DIR": f"{root}/model",
        "SM_INPUT_DIR": f"{root}/input",
        "SM_INPUT_CONFIG_DIR": f"{root}/input/config",
        "SM_OUTPUT_DIR": f"{root}/output",
        "SM_OUTPUT_DATA_DIR": f"{root}/output/data",
        "SM_CHANNELS": json.dumps(channels),
        **{f"SM_CHANNEL_{_variable(name)}": f"{root}/input/data/{name}" for name in channels},
        "SM_HPS": json.dumps(own),
        **{f"SM_HP_{_variable(name)}": str(value) for name, value in own.items()},
        "SM_USER_ARGS": json.dumps(arguments(job)),
        "SM_USER_ENTRY_POINT": script.program,
        "SM_MODULE_NAME": script.program.removesuffix(".py"),
        "SM_MODULE_DIR": script.source or code,
        "SM_HOSTS": json.dumps([HOST]),
        "SM_CURRENT_HOST": HOST,
        "SM_RESOURCE_CONFIG": resources,
        "SM_NETWORK_INTERFACE_NAME": "lo",
        "SM_NUM_CPUS": str(os.cpu_count()),
        "SM_NUM_GPUS": "0",
        "SM_LOG_LEVEL": "20",
    }


def _own(job: Document) -> Mapping[str, object]:
    """The user's hyperparameters, without those for SageMaker; the SDK writes values as JSON."""
    given = job.get("HyperParameters", {})
    return {name: _decoded(value) for name, value in given.items() if not name.startswith(("sagemaker_", "_tuning_"))}


def _decoded(value: str) -> str:
    """`"train.py"` with or without the quotes of JSON; numbers stay as they were written."""
    try:
        decoded = json.loads(value)
    except ValueError:
        return value
    return decoded if isinstance(decoded, str) else value


def _variable(name: str) -> str:
    return name.upper().replace("-", "_")


def _download(uri: S3Uri, target: Path, objects: Objects) -> None:
    try:
        objects.download(uri, target)
    except ClientError as error:
        raise DownloadError(f"AlgorithmError: {uri} cannot be fetched: {error}") from error


def _extract(archive: Path, folder: Path) -> None:
    try:
        extract(archive, folder)
    except tarfile.TarError as error:
        raise DownloadError(f"AlgorithmError: {archive.name} is not an archive: {error}") from error

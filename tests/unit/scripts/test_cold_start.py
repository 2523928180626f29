"""What a function's start costs: the work of its imports beside that of a bare client, and the bytes that are unpacked.

Work is CPU time of a fresh process, the median of several, with only the function's own layers: a busy machine moves
both sides alike. Ceilings are what was measured and a tenth; what lifts one lifts every caller's first answer.
"""

import statistics
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from lakeloop.scripts.build import build
from tests.unit.scripts.test_layers import HANDLERS, IMPORT, layers_of

BARE = "import boto3; boto3.client('sagemaker-runtime')"
TIMED = "import time\nbegan = time.process_time()\n{work}\nprint(time.process_time() - began)"
# As on AWS the whole handler, clients and all; the others ask AWS for a secret while they are imported.
WHOLE = "import sys; sys.path.insert(0, sys.argv[2]); import handler"

# Against BARE; predict was measured at 1.8 to 2.0, of which the client of the topic that it tells is 0.06.
MOST_WORK = {
    "predict": 2.2,
    "bootstrap_lake": 5.5,
    "compact": 6.0,
    "reconcile_landing": 5.5,
    "remake_features": 6.0,
    "start_tuning": 6.5,
    "transform_data": 6.0,
}
MOST_WORK_OF_OTHERS = 1.9
# Unpacked, function and layers: of those with polars, with lakeFS and with neither.
MEGABYTE = 1_000_000
MOST_BYTES = {"data": 200, "lake": 21, "runtime": 18}

SETTINGS = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "ARTIFACTS_BUCKET": "artifacts",
    "CONTRACTS_INDEX": "s3://artifacts/contracts/index.json?versionId=1",
    "CAPTURES_BUCKET": "captures",
    "CAPTURES_TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:captures",
    "CORS_ORIGINS": "[]",
    "GIT_SHA": "unknown",
    "HASHING_KEY_ARN": "",
    "NAME_PREFIX": "lakeloop-test",
    "POWERTOOLS_METRICS_NAMESPACE": "lakeloop-test",
    "POWERTOOLS_SERVICE_NAME": "predict",
}


def ratio(layers: Path, function: str, code: str, rounds: int) -> float:
    """How much more CPU time a fresh process needs for the code than for a bare client, both compiled before.

    Each round runs both, one after the other, so that what else the machine does falls on both.
    """
    pairs = [(work(layers, function, code), work(layers, function, BARE)) for _ in range(rounds + 1)][1:]
    return statistics.median(measured for measured, _ in pairs) / statistics.median(bare for _, bare in pairs)


def work(layers: Path, function: str, code: str) -> float:
    path = ":".join(str(layers / name / "python") for name in layers_of(function))
    handler = next(file for file in HANDLERS if file.parent.name == function)
    done = subprocess.run(
        [sys.executable, "-S", "-c", TIMED.format(work=code), str(handler), str(handler.parent)],
        env={**SETTINGS, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return float(done.stdout.split()[-1])


def test_predict_with_its_clients_starts_within_its_ceiling_over_a_bare_client(layers: Path) -> None:
    assert ratio(layers, "predict", WHOLE, 5) <= MOST_WORK["predict"]


@pytest.mark.long
@pytest.mark.parametrize("function", [file.parent.name for file in HANDLERS])
def test_what_a_handler_imports_stays_below_its_ceiling(layers: Path, function: str) -> None:
    assert ratio(layers, function, IMPORT, 3) <= MOST_WORK.get(function, MOST_WORK_OF_OTHERS)


@pytest.mark.parametrize("function", [file.parent.name for file in HANDLERS])
def test_what_lambda_unpacks_for_a_function_stays_below_its_ceiling(function: str) -> None:
    built = build("python3.13", "arm64")
    names = layers_of(function)
    kind = next(kind for kind in MOST_BYTES if kind in names)
    archives = [built / "functions" / f"{function}.zip", *(built / "layers" / f"{name}.zip" for name in names)]

    unpacked = sum(entry.file_size for archive in archives for entry in zipfile.ZipFile(archive).infolist())

    assert unpacked <= MOST_BYTES[kind] * MEGABYTE

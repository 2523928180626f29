"""One row and a hundred, asked of the same model in three ways, one after the other in each round.

- `direct`: InvokeEndpoint with the line of CSV that the model reads, on a connection that is kept;
- `api`: the same rows over HTTP with a key, through the emulated API Gateway and the function;
- `handler`: the function's code in this process, without the seconds in which it waits for InvokeEndpoint. It is what
  lakeloop adds; the rest of `api` is API Gateway's, Lambda's and the emulator's.

The last line is one JSON object: p50 and p99 in milliseconds, those of a hundred rows as `*_batch_*`.
"""

import argparse
import importlib.util
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import urllib3

from lakeloop import names, project
from lakeloop.adapters.runtime import RUNTIME_CONFIG
from lakeloop.cli.demo.data import DATASET, prepare
from lakeloop.client.contracts import build_contracts
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment, enter
from lakeloop.client.loop import LoopWatch
from lakeloop.client.predictions import features_of_row
from lakeloop.contract import DatasetContract
from lakeloop.local.cloud import CloudPaths, LocalCloud
from lakeloop.local.terraform.command import Terraform
from lakeloop.scripts.build import build
from lakeloop.serving.reader import RequestReader
from lakeloop.training.ports import TuningRun

BATCH = 100
ONE = "/datasets/{dataset}/predictions"

Rows = Sequence[Mapping[str, object]]


@dataclass
class Timed:
    """Milliseconds of one way to ask, by call."""

    spent: list[float] = field(default_factory=list)

    def figures(self, name: str) -> dict[str, float]:
        cuts = statistics.quantiles(self.spent, n=100)
        return {f"{name}_p50_ms": round(statistics.median(self.spent), 2), f"{name}_p99_ms": round(cuts[98], 2)}


class Direct:
    """The endpoint itself."""

    def __init__(self, environment: Environment, contract: DatasetContract) -> None:
        self._client = boto3.client("sagemaker-runtime", config=RUNTIME_CONFIG)
        self._endpoint = names.endpoint(environment.outputs.name_prefix, contract.name)
        self._reader = RequestReader(contract)

    def call(self, rows: Rows) -> Callable[[], float]:
        body = "\n".join(self._reader.csv(row)[0] for row in rows)

        def ask() -> float:
            began = time.perf_counter()
            answer = self._client.invoke_endpoint(
                EndpointName=self._endpoint, ContentType="text/csv", Accept="text/csv", Body=body
            )
            answer["Body"].read()
            return time.perf_counter() - began

        return ask


class Api:
    """The prediction API over HTTP."""

    def __init__(self, environment: Environment) -> None:
        self._url = f"{environment.api_base_url}{ONE.format(dataset=DATASET)}"
        self._headers = {"x-api-key": environment.api_key, "content-type": "application/json"}
        self._http = urllib3.PoolManager(retries=False)

    def call(self, rows: Rows) -> Callable[[], float]:
        path, body = request(rows)
        url = f"{self._url}{path}"

        def ask() -> float:
            began = time.perf_counter()
            answer = self._http.request("POST", url, body=body, headers=self._headers)
            spent = time.perf_counter() - began
            if answer.status != 200:
                sys.exit(f"the API answered {answer.status}: {answer.data.decode()}")
            return spent

        return ask


class Handler:
    """The function's code in this process, without what it waits for the endpoint."""

    def __init__(self, environment: Environment) -> None:
        # Its log goes nowhere: the logger takes what is standard output while it is made.
        self._log = Path(os.devnull).open("w")  # noqa: SIM115 as long as the process
        with redirect_stdout(self._log):
            self._module = loaded(environment)
        self._waited = 0.0
        invoke = self._module.runtime.invoke_endpoint

        def timed(**request: Any) -> Any:  # noqa: ANN401 as boto3 has it
            began = time.perf_counter()
            try:
                return invoke(**request)
            finally:
                self._waited += time.perf_counter() - began

        self._module.runtime.invoke_endpoint = timed

    def call(self, rows: Rows) -> Callable[[], float]:
        path, body = request(rows)
        event = json.loads((project.SOURCES / "lambdas" / "predict" / "events" / "request.json").read_text())
        event |= {"resource": f"{ONE}{path}", "body": body, "pathParameters": {"dataset": DATASET}}

        def ask() -> float:
            self._waited = 0.0
            with redirect_stdout(self._log):
                began = time.perf_counter()
                answer = self._module.handler(event, Context())
                spent = time.perf_counter() - began
            if answer["statusCode"] != 200:
                sys.exit(f"the handler answered {answer}")
            return spent - self._waited

        return ask


class Context:
    """What the logger asks of Lambda's context."""

    function_name = function_version = "predict"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:predict"
    aws_request_id = "bench"


def loaded(environment: Environment) -> ModuleType:
    """The handler, with the settings of the deployed function."""
    name = environment.outputs.functions["predict"].name
    found = boto3.client("lambda").get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    os.environ.update(found)
    file = project.SOURCES / "lambdas" / "predict" / "handler.py"
    spec = importlib.util.spec_from_file_location("predict_handler", file)
    if spec is None or spec.loader is None:
        sys.exit(f"{file} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def request(rows: Rows) -> tuple[str, str]:
    """The end of the path, and the body."""
    if len(rows) == 1:
        return "", json.dumps({"features": rows[0]})
    return "/batch", json.dumps({"rows": [{"features": row} for row in rows]})


def measure(environment: Environment, rows: Rows, rounds: int) -> dict[str, float]:
    """Each way once a round, so that what else the machine does falls on all of them."""
    contract = Dataset(environment, DATASET).contract
    ways: dict[str, Direct | Api | Handler] = {
        "direct": Direct(environment, contract),
        "api": Api(environment),
        "handler": Handler(environment),
    }
    figures: dict[str, float] = {}
    for kind, asked, times in (("", rows[:1], rounds), ("_batch", rows, max(rounds // 4, 20))):
        calls = {name: way.call(asked) for name, way in ways.items()}
        timed = {name: Timed() for name in ways}
        for number in range(times + 10):
            for name, ask in calls.items():
                spent = 1000 * ask()
                if number >= 10:
                    timed[name].spent.append(spent)
        for name, spent_by in timed.items():
            figures |= spent_by.figures(f"{name}{kind}")
    return figures


def deployed(cloud: LocalCloud) -> Environment:
    build_contracts()
    build(cloud.environment["TF_VAR_lambda_runtime"], cloud.environment["TF_VAR_lambda_architecture"])
    terraform = Terraform(project.INFRA, cloud.environment)
    terraform.init()
    terraform.apply()
    return Environment.current()


def served(environment: Environment, folder: Path) -> Rows:
    """Drop the demo's tables, wait for its model, and give rows that it has never seen."""
    dataset = Dataset(environment, DATASET)
    data = prepare(dataset.contract, folder)
    watch = LoopWatch(environment, dataset)
    for drop in [dataset.drop(file) for file in data.files]:
        watch.wait_for_rows(drop, print)
    tuning = watch.wait_for_tuning(dataset.commits()[0].id, print)
    if not isinstance(tuning, TuningRun):
        sys.exit(f"no tuning started: {tuning}")
    watch.wait_for_endpoint(tuning.name, print)
    rows = [features_of_row(dataset.contract, row) for row in data.held_out]
    return [rows[number % len(rows)] for number in range(BATCH)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=300)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        cloud = LocalCloud.start(CloudPaths(root=project.WORKSPACE, local=folder / "cloud"))
        try:
            enter(cloud.environment)
            environment = deployed(cloud)
            figures = measure(environment, served(environment, folder), asked.rounds)
        finally:
            cloud.stop()
    print(json.dumps(figures))


if __name__ == "__main__":
    main()

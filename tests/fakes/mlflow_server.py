"""The part of MLflow's REST API that lakeloop calls, in memory: what the contract test holds of it, it holds of MLflow.

What it does not know it refuses; limits, error codes and the immutability of parameters are MLflow's.
"""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

ROUTE = re.compile(r"/api/2\.0/mlflow/([\w/-]+)")
ARTIFACT = re.compile(r"/api/2\.0/mlflow-artifacts/artifacts/(.+)")
CONDITION = re.compile(r"(name|tags\.`([^`]+)`) = '([^']*)'")
MOST = {"metrics": 1000, "params": 100, "tags": 100}
MOST_TOGETHER = 1000
Body = dict[str, Any]


class Refused(Exception):  # noqa: N818 an answer, not an error of the server
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def missing(message: str) -> Refused:
    return Refused(404, "RESOURCE_DOES_NOT_EXIST", message)


def invalid(message: str) -> Refused:
    return Refused(400, "INVALID_PARAMETER_VALUE", message)


def taken(message: str) -> Refused:
    return Refused(400, "RESOURCE_ALREADY_EXISTS", message)


def as_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tags.items()]


def as_dict(tags: list[dict[str, str]]) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in tags}


@dataclass
class FakeRun:
    info: Body
    tags: dict[str, str]
    params: dict[str, str] = field(default_factory=dict)
    # By name, each point once.
    metrics: dict[str, set[tuple[int, int, float]]] = field(default_factory=dict)
    inputs: list[Body] = field(default_factory=list)

    def document(self) -> Body:
        latest = [
            {"key": name, "value": value, "timestamp": at, "step": step}
            for name, points in self.metrics.items()
            for step, at, value in [max(points)]
        ]
        data = {"tags": as_list(self.tags), "params": as_list(self.params), "metrics": latest}
        return {"info": self.info, "data": data, "inputs": {"dataset_inputs": self.inputs}}


@dataclass
class FakeModel:
    tags: dict[str, str]
    versions: list[Body] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)


class FakeMlflow:
    """Experiments, runs, artifacts and registered models; the call with the number `fails_at` is refused."""

    def __init__(self) -> None:
        self.experiments: dict[str, Body] = {}
        self.all_runs: dict[str, FakeRun] = {}
        self.models: dict[str, FakeModel] = {}
        self.artifacts: dict[str, bytes] = {}
        self.calls: list[str] = []
        self.fails_at = 0
        self.lock = threading.Lock()

    def answer(self, method: str, path: str, body: Body) -> Body:
        with self.lock:
            self.calls.append(f"{method} {path}")
            if len(self.calls) == self.fails_at:
                raise Refused(503, "TEMPORARILY_UNAVAILABLE", "try again")
            name = f"{method.lower()}_{path.replace('/', '_').replace('-', '_')}"
            operation: Callable[[Body], Body] | None = getattr(self, name, None)
            if operation is None:
                raise Refused(404, "ENDPOINT_NOT_FOUND", f"No API found for {method} {path}")
            return operation(body)

    def get_experiments_get_by_name(self, body: Body) -> Body:
        name = body["experiment_name"]
        if name not in self.experiments:
            raise missing(f"Could not find experiment with name '{name}'")
        return {"experiment": self.experiments[name]}

    def post_experiments_create(self, body: Body) -> Body:
        if body["name"] in self.experiments:
            raise taken(f"Experiment '{body['name']}' already exists.")
        number = str(len(self.experiments) + 1)
        described = {"experiment_id": number, "name": body["name"], "lifecycle_stage": "active", "tags": body["tags"]}
        self.experiments[body["name"]] = described
        return {"experiment_id": number}

    def post_runs_create(self, body: Body) -> Body:
        number = f"run{len(self.all_runs):04d}"
        info = {
            "run_id": number,
            "run_name": body["run_name"],
            "experiment_id": body["experiment_id"],
            "status": "RUNNING",
            "start_time": body["start_time"],
            "artifact_uri": f"mlflow-artifacts:/{body['experiment_id']}/{number}/artifacts",
        }
        self.all_runs[number] = FakeRun(info, as_dict(body["tags"]))
        return {"run": self.all_runs[number].document()}

    def post_runs_update(self, body: Body) -> Body:
        self._run(body).info.update(status=body["status"], end_time=body["end_time"])
        return {}

    def post_runs_search(self, body: Body) -> Body:
        found = [
            run
            for run in self.all_runs.values()
            if run.info["experiment_id"] in body["experiment_ids"] and fits(body["filter"], "", run.tags)
        ]
        found.sort(key=lambda run: (run.info["start_time"], run.info["run_id"]))
        start, most = int(body.get("page_token", 0)), body["max_results"]
        page: Body = {"runs": [run.document() for run in found[start : start + most]]}
        if len(found) > start + most:
            page["next_page_token"] = str(start + most)
        return page

    def post_runs_log_inputs(self, body: Body) -> Body:
        inputs = self._run(body).inputs
        inputs.extend(given for given in body["datasets"] if given not in inputs)
        return {}

    def post_runs_log_batch(self, body: Body) -> Body:
        given = {kind: body.get(kind, []) for kind in MOST}
        if any(len(given[kind]) > most for kind, most in MOST.items()):
            raise invalid("A batch logging request can contain at most 1000 metrics, 100 params, and 100 tags")
        if sum(map(len, given.values())) > MOST_TOGETHER:
            raise invalid("A batch logging request can contain at most 1000 metrics, params and tags")
        run = self._run(body)
        for key, value in as_dict(given["params"]).items():
            if run.params.setdefault(key, value) != value:
                raise invalid(f"Changing param values is not allowed. Param with key='{key}' was already logged")
        run.tags.update(as_dict(given["tags"]))
        for point in given["metrics"]:
            run.metrics.setdefault(point["key"], set()).add((point["step"], point["timestamp"], point["value"]))
        return {}

    def get_metrics_get_history(self, body: Body) -> Body:
        points = sorted(self._run(body).metrics.get(body["metric_key"], set()))
        return {
            "metrics": [
                {"key": body["metric_key"], "step": step, "timestamp": at, "value": value} for step, at, value in points
            ]
        }

    def get_registered_models_get(self, body: Body) -> Body:
        return {"registered_model": {"name": body["name"], "tags": as_list(self._model(body).tags)}}

    def post_registered_models_create(self, body: Body) -> Body:
        if body["name"] in self.models:
            raise taken(f"Registered Model (name={body['name']}) already exists.")
        self.models[body["name"]] = FakeModel(as_dict(body["tags"]))
        return {}

    def get_registered_models_alias(self, body: Body) -> Body:
        model = self._model(body)
        if body["alias"] not in model.aliases:
            raise invalid(f"Registered model alias {body['alias']} not found.")
        return {"model_version": model.versions[int(model.aliases[body["alias"]]) - 1]}

    def post_registered_models_alias(self, body: Body) -> Body:
        self._version(body)
        self._model(body).aliases[body["alias"]] = body["version"]
        return {}

    def delete_registered_models_alias(self, body: Body) -> Body:
        self._model(body).aliases.pop(body["alias"], None)
        return {}

    def post_model_versions_create(self, body: Body) -> Body:
        run = self._run(body)
        if not body["source"].startswith(run.info["artifact_uri"]):
            raise invalid(f"Invalid model version source: '{body['source']}'.")
        versions = self._model(body).versions
        made = {**body, "version": str(len(versions) + 1)}
        versions.append(made)
        return {"model_version": made}

    def get_model_versions_search(self, body: Body) -> Body:
        found = [
            version
            for name, model in self.models.items()
            for version in model.versions
            if fits(body["filter"], name, as_dict(version["tags"]))
        ]
        return {"model_versions": found[: int(body["max_results"])]}

    def get_model_versions_get(self, body: Body) -> Body:
        return {"model_version": self._version(body)}

    def patch_model_versions_update(self, body: Body) -> Body:
        self._version(body)["description"] = body["description"]
        return {}

    def post_model_versions_set_tag(self, body: Body) -> Body:
        version = self._version(body)
        version["tags"] = as_list({**as_dict(version["tags"]), body["key"]: body["value"]})
        return {}

    def _run(self, body: Body) -> FakeRun:
        if body["run_id"] not in self.all_runs:
            raise missing(f"Run with id={body['run_id']} not found")
        return self.all_runs[body["run_id"]]

    def _model(self, body: Body) -> FakeModel:
        if body["name"] not in self.models:
            raise missing(f"Registered Model with name={body['name']} not found")
        return self.models[body["name"]]

    def _version(self, body: Body) -> Body:
        versions = self._model(body).versions
        if not 0 < int(body["version"]) <= len(versions):
            raise missing(f"Model Version (name={body['name']}, version={body['version']}) not found")
        return versions[int(body["version"]) - 1]


def fits(condition: str, name: str, tags: dict[str, str]) -> bool:
    """Whether something of that name and with those tags meets a filter."""
    given = CONDITION.findall(condition)
    assert " and ".join(f"{left} = '{value}'" for left, _, value in given) == condition, condition
    return all((name if left == "name" else tags.get(tag)) == value for left, tag, value in given)


@contextmanager
def serving(fake: FakeMlflow) -> Iterator[str]:
    """The fake on a port of loopback; its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Headers and body are two writes, the second of which would wait for the client's word on the first.
        disable_nagle_algorithm = True

        def answer(self) -> None:
            url, body = urlsplit(self.path), self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if place := ARTIFACT.fullmatch(url.path):
                if self.command == "PUT":
                    fake.artifacts[place[1]] = body
                self.say(200, b"{}" if self.command == "PUT" else fake.artifacts[place[1]])
                return
            route = ROUTE.fullmatch(url.path)
            given = json.loads(body) if body else {key: values[0] for key, values in parse_qs(url.query).items()}
            try:
                found = fake.answer(self.command, route[1] if route else url.path, given)
                self.say(200, json.dumps(found).encode())
            except Refused as refused:
                said = {"error_code": refused.code, "message": str(refused)}
                self.say(refused.status, json.dumps(said).encode())

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 the names are http.server's

        def say(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()

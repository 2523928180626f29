"""What a person sees in a tracker, read from the outside."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import requests


@dataclass(frozen=True)
class SeenRun:
    """A run as the tracker shows it; points are (metric, step, milliseconds, value), each as often as it is there."""

    key: str
    name: str
    status: str
    parent: str
    started: int
    ended: int
    params: dict[str, str]
    points: list[tuple[str, int, int, float]]
    tags: dict[str, str]
    sources: list[str]


class Reader(Protocol):
    def runs(self, experiment: str) -> list[SeenRun]:
        """In the order of their keys."""

    def artifact(self, run: SeenRun, path: str) -> bytes: ...


class MlflowReader:
    def __init__(self, uri: str) -> None:
        self._uri = uri

    def runs(self, experiment: str) -> list[SeenRun]:
        found = self.get("experiments/get-by-name", experiment_name=experiment)["experiment"]
        documents = list(self._documents(found["experiment_id"]))
        keys = {run["info"]["run_id"]: tags_of(run)["lakeloop.key"] for run in documents}
        return sorted((self._seen(run, keys) for run in documents), key=lambda run: run.key)

    def artifact(self, run: SeenRun, path: str) -> bytes:
        place = run.tags["artifact_uri"].removeprefix("mlflow-artifacts:/")
        answer = requests.get(f"{self._uri}/api/2.0/mlflow-artifacts/artifacts/{place}/{path}", timeout=20)
        answer.raise_for_status()
        return answer.content

    def _documents(self, experiment_id: str) -> Iterator[dict[str, Any]]:
        wanted: Any = {"experiment_ids": [experiment_id], "filter": "", "max_results": 1000}
        answer = requests.post(f"{self._uri}/api/2.0/mlflow/runs/search", json=wanted, timeout=20)
        answer.raise_for_status()
        yield from answer.json().get("runs", [])

    def _seen(self, run: dict[str, Any], keys: dict[str, str]) -> SeenRun:
        info, tags = run["info"], tags_of(run)
        sources = [
            json.loads(given["dataset"]["source"])["uri"] for given in run.get("inputs", {}).get("dataset_inputs", [])
        ]
        return SeenRun(
            key=tags["lakeloop.key"],
            name=info["run_name"],
            status=info["status"],
            parent=keys[tags["mlflow.parentRunId"]] if "mlflow.parentRunId" in tags else "",
            started=int(info["start_time"]),
            ended=int(info["end_time"]),
            params={param["key"]: param["value"] for param in run["data"].get("params", [])},
            points=sorted(self._points(info["run_id"], run["data"].get("metrics", []))),
            tags={**tags, "artifact_uri": info["artifact_uri"]},
            sources=sources,
        )

    def _points(self, run_id: str, metrics: list[dict[str, Any]]) -> Iterator[tuple[str, int, int, float]]:
        for metric in metrics:
            history = self.get("metrics/get-history", run_id=run_id, metric_key=metric["key"])
            for point in history["metrics"]:
                yield metric["key"], int(point.get("step", 0)), int(point["timestamp"]), point["value"]

    def get(self, path: str, **query: str) -> dict[str, Any]:
        answer = requests.get(f"{self._uri}/api/2.0/mlflow/{path}", params=query, timeout=20)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


def tags_of(run: dict[str, Any]) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in run["data"].get("tags", [])}

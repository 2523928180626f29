"""Runs in MLflow, over its REST API: the package itself is 600 MB, and its smallest part imports for a second."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lakeloop.adapters.mlflow_calls import MissingError, MlflowCalls
from lakeloop.errors import ConflictingResourceError, PermanentError, TransientError
from lakeloop.side_by_side import side_by_side
from lakeloop.tracking.ports import Point, Run, milliseconds

KEY = "lakeloop.key"
GROUP = "lakeloop.tuning_job"
KIND = "lakeloop.kind"
ENVIRONMENT = "lakeloop.environment"
# What a run was last brought to.
VERSION = "lakeloop.version"
NAME = "mlflow.runName"
PARENT = "mlflow.parentRunId"
DATA_CONTEXT = "mlflow.data.context"

# https://mlflow.org/docs/latest/rest-api.html#request-limits
MOST_METRICS = 1000
MOST_PARAMS = 100
MOST_TAGS = 100
LONGEST_PARAM = 6000
LONGEST_TAG = 5000
LONGEST_DATA_DIGEST = 36
PAGE = 1000
ENDED = frozenset({"FINISHED", "FAILED", "KILLED"})


@dataclass(frozen=True)
class Known:
    """A run as MLflow has it."""

    id: str
    status: str
    artifact_uri: str
    tags: Mapping[str, str]

    @classmethod
    def of(cls, run: Mapping[str, Any]) -> "Known":
        info, tags = run["info"], run.get("data", {}).get("tags", [])
        return cls(info["run_id"], info["status"], info["artifact_uri"], {tag["key"]: tag["value"] for tag in tags})

    def is_whole(self, version: str) -> bool:
        return self.status in ENDED and self.tags.get(VERSION) == version


class MlflowTracker:
    """An experiment per dataset; runs are found by a tag before they are made."""

    def __init__(self, calls: MlflowCalls, name_prefix: str) -> None:
        self._calls = calls
        self._name_prefix = name_prefix

    def is_recorded(self, experiment: str, key: str, version: str) -> bool:
        found = self.experiment(experiment)
        known = self.runs(found, f"tags.`{KEY}` = {quoted(key)}") if found else iter(())
        return any(each.is_whole(version) for each in known)

    def record(self, experiment: str, runs: Sequence[Run]) -> None:
        id_ = self.experiment(experiment) or self._make_experiment(experiment)
        groups = sorted({run.group for run in runs})
        known = {
            each.tags[KEY]: each
            for group in groups
            for each in self.runs(id_, f"tags.`{GROUP}` = {quoted(group)}")
            if KEY in each.tags
        }
        above = [run for run in runs if not run.parent]
        for run in above:
            known[run.key] = known.get(run.key) or self._create(id_, run, known)
        below = [run for run in runs if run.parent and not _is_whole(run, known)]
        # The first alone: MLflow fails where two runs name the same new data at the same time.
        for some in (below[:1], below[1:]):
            side_by_side(lambda run: self._write(id_, run, known), some)
        for run in above:
            if not _is_whole(run, known):
                self._write(id_, run, known)

    def experiment(self, name: str) -> str | None:
        """Its id; None where it is not there yet."""
        try:
            found = self._calls.get("experiments/get-by-name", experiment_name=name)["experiment"]
        except MissingError:
            return None
        if found.get("lifecycle_stage") == "deleted":
            raise PermanentError(
                f"the experiment {name} is deleted in MLflow: restore it, or remove it for good with `mlflow gc`",
                subject=name,
            )
        tags = {tag["key"]: tag["value"] for tag in found.get("tags", [])}
        refuse_others(f"the experiment {name}", tags, self._name_prefix)
        return str(found["experiment_id"])

    def runs(self, experiment_id: str, condition: str) -> Iterator[Known]:
        token = ""
        while True:
            page = self._calls.post(
                "runs/search",
                experiment_ids=[experiment_id],
                filter=condition,
                max_results=PAGE,
                order_by=["attributes.start_time ASC", "attributes.run_id ASC"],
                **({"page_token": token} if token else {}),
            )
            yield from map(Known.of, page.get("runs", []))
            token = page.get("next_page_token", "")
            if not token:
                return

    def _make_experiment(self, name: str) -> str:
        tags = [{"key": ENVIRONMENT, "value": self._name_prefix}]
        return str(self._calls.post("experiments/create", name=name, tags=tags)["experiment_id"])

    def _create(self, experiment_id: str, run: Run, known: Mapping[str, Known]) -> Known:
        tags = {KEY: run.key, GROUP: run.group, KIND: run.kind, NAME: run.name}
        if run.parent:
            if run.parent not in known:
                raise TransientError(f"{run.parent}, above {run.key}, is not in MLflow yet", subject=run.key)
            tags[PARENT] = known[run.parent].id
        made = self._calls.post(
            "runs/create",
            experiment_id=experiment_id,
            run_name=run.name,
            start_time=milliseconds(run.started),
            tags=as_list(tags),
        )
        return Known.of(made["run"])

    def _write(self, experiment_id: str, run: Run, known: Mapping[str, Known]) -> None:
        """What says that a run is whole is written last."""
        found = known.get(run.key) or self._create(experiment_id, run, known)
        if run.data:
            self._calls.post("runs/log-inputs", run_id=found.id, datasets=[as_dataset(run)])
        for path, body in run.artifacts.items():
            self._calls.upload(found.artifact_uri, path, body)
        for part in batches(run):
            self._calls.post("runs/log-batch", run_id=found.id, **part)
        self._calls.post("runs/update", run_id=found.id, status=run.status, end_time=milliseconds(run.ended))


def _is_whole(run: Run, known: Mapping[str, Known]) -> bool:
    return run.key in known and known[run.key].is_whole(run.version)


def refuse_others(what: str, tags: Mapping[str, str], name_prefix: str) -> None:
    """Names are those of datasets, which two environments may have both."""
    owner = tags.get(ENVIRONMENT, name_prefix)
    if owner != name_prefix:
        raise ConflictingResourceError(
            f"{what} in MLflow is that of the environment {owner}: give {name_prefix} an MLflow server of its own",
            subject=what,
        )


def batches(run: Run) -> Iterator[dict[str, object]]:
    """Log-batch requests, each within MLflow's limits; the last one carries the version."""
    params = [{"key": key, "value": value[:LONGEST_PARAM]} for key, value in sorted(run.params.items())]
    tags = as_list({**run.tags, VERSION: run.version})
    metrics = list(map(as_metric, run.points))
    for start in range(MOST_PARAMS, len(params), MOST_PARAMS):
        yield {"params": params[start : start + MOST_PARAMS]}
    first = params[:MOST_PARAMS]
    # A request holds 1,000 things of all kinds.
    room = MOST_METRICS - len(first) - len(tags)
    for start in range(room, len(metrics), MOST_METRICS):
        yield {"metrics": metrics[start : start + MOST_METRICS]}
    yield {"metrics": metrics[:room], "params": first, "tags": tags[:MOST_TAGS]}


def as_metric(point: Point) -> dict[str, object]:
    return {"key": point.metric, "value": point.value, "step": point.step, "timestamp": point.at}


def as_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": str(value)[:LONGEST_TAG]} for key, value in sorted(tags.items())]


def as_dataset(run: Run) -> dict[str, object]:
    """The commit is told whole by the source: a digest has 36 characters at most."""
    assert run.data is not None  # noqa: S101 asked for where there is one
    data = run.data
    return {
        "dataset": {
            "name": data.name,
            "digest": data.digest[:LONGEST_DATA_DIGEST],
            "source_type": "lakefs",
            "source": json.dumps({"uri": data.source}),
        },
        "tags": [{"key": DATA_CONTEXT, "value": data.context}],
    }


def quoted(text: str) -> str:
    """As MLflow's filters take it; keys are names of AWS, which have no quotes."""
    return "'" + text.replace("'", "") + "'"

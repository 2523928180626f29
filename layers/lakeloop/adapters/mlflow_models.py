"""MLflow's registry of models, over its REST API.

An alias is only ever asked for by `registered-models/alias`: what searches say of aliases may be old.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from lakeloop.adapters.mlflow import ENVIRONMENT, KEY, MlflowTracker, as_list, quoted, refuse_others
from lakeloop.adapters.mlflow_calls import MissingError, MlflowCalls
from lakeloop.errors import TransientError
from lakeloop.observability import logger
from lakeloop.side_by_side import side_by_side
from lakeloop.tracking.ports import Alias, Files, Version

# Where a version's files lie among the artifacts of its run.
FOLDER = "model"


def now() -> datetime:
    return datetime.now(UTC)


class MlflowCatalog:
    """A registered model per dataset, its versions found by a tag before they are made."""

    def __init__(
        self, calls: MlflowCalls, tracker: MlflowTracker, name_prefix: str, clock: Callable[[], datetime] = now
    ) -> None:
        self._calls = calls
        self._tracker = tracker
        self._name_prefix = name_prefix
        self._clock = clock

    def number(self, model: str, key: str) -> str | None:
        condition = f"name = {quoted(model)} and tags.`{KEY}` = {quoted(key)}"
        found = self._calls.get("model-versions/search", filter=condition, max_results="10")
        numbers = sorted((version["version"] for version in found.get("model_versions", [])), key=int)
        return next(iter(numbers), None)

    def add(self, model: str, version: Version, files: Callable[[], Files]) -> str:
        if number := self.number(model, version.key):
            return number
        self._ensure_model(model)
        experiment = self._tracker.experiment(model)
        runs = self._tracker.runs(experiment, f"tags.`{KEY}` = {quoted(version.run)}") if experiment else iter(())
        run = next(runs, None)
        if run is None:
            raise TransientError(f"the run of {version.key} is not in MLflow yet", subject=version.key)
        side_by_side(lambda file: self._calls.upload(run.artifact_uri, f"{FOLDER}/{file[0]}", file[1]), files().items())
        made = self._calls.post(
            "model-versions/create",
            name=model,
            source=f"{run.artifact_uri}/{FOLDER}",
            run_id=run.id,
            description=version.description,
            tags=as_list({**version.tags, KEY: version.key}),
        )
        return str(made["model_version"]["version"])

    def describe(self, model: str, number: str, version: Version) -> None:
        found = self._calls.get("model-versions/get", name=model, version=number)["model_version"]
        if found.get("description", "") != version.description:
            self._calls.patch("model-versions/update", name=model, version=number, description=version.description)
        tags = tags_of(found)
        for tag in as_list(version.tags):
            if tags.get(tag["key"]) != tag["value"]:
                self._set_tag(model, number, tag["key"], tag["value"])

    def alias(self, model: str, alias: Alias) -> str | None:
        try:
            found = self._calls.get("registered-models/alias", name=model, alias=alias)
        except MissingError:
            return None
        return str(found["model_version"]["version"])

    def point(self, model: str, alias: Alias, number: str | None) -> None:
        before = self.alias(model, alias)
        if before == number:
            return
        at = self._clock().isoformat(timespec="seconds")
        if before:
            self._set_tag(model, before, f"lakeloop.{alias}.until", at)
        if number:
            self._set_tag(model, number, f"lakeloop.{alias}.since", at)
            self._calls.post("registered-models/alias", name=model, alias=alias, version=number)
        else:
            self._calls.delete("registered-models/alias", name=model, alias=alias)
        logger.info("alias moved", extra={"model": model, "alias": alias, "before": before, "after": number})

    def _set_tag(self, model: str, number: str, key: str, value: str) -> None:
        self._calls.post("model-versions/set-tag", name=model, version=number, key=key, value=value)

    def _ensure_model(self, name: str) -> None:
        try:
            found = self._calls.get("registered-models/get", name=name)["registered_model"]
        except MissingError:
            tags = as_list({ENVIRONMENT: self._name_prefix})
            self._calls.post("registered-models/create", name=name, tags=tags)
            return
        refuse_others(f"the model {name}", tags_of(found), self._name_prefix)


def tags_of(found: Mapping[str, Any]) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in found.get("tags", [])}

"""Deleting what trained models left behind and nobody needs any more."""

from collections.abc import Iterator

from lakeloop import names
from lakeloop.adapters.registry import SageMakerRegistry
from lakeloop.adapters.sagemaker import SageMakerModels
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment
from lakeloop.client.models import Models
from lakeloop.reports import now
from lakeloop.rollback.keeping import Pruned, Stored, kept, pruned
from lakeloop.rollback.model import PRUNED

# What S3 deletes in one call.
KEYS = 1000


class Pruning:
    """What one dataset's jobs left, with the endpoint configs that were made of their models."""

    def __init__(self, environment: Environment, dataset: Dataset) -> None:
        self._environment = environment
        self._dataset = dataset
        self._models = Models(environment, dataset)
        self._bucket = environment.outputs.artifacts_bucket

    def plan(self, previous: int) -> Pruned:
        """What may go, with so many versions left to roll back to."""
        last = self._dataset.latest_tuning()
        learning = last.commit if last else ""
        return pruned(self._models.versions, self._stored(), self._models.serving, previous, learning=learning)

    def carry_out(self, found: Pruned, previous: int) -> None:
        """Mark versions first, so that nobody rolls back to one whose artifact is about to go."""
        registry, at = SageMakerRegistry(self._environment.sagemaker), now().isoformat(timespec="seconds")
        for version in found.versions:
            registry.decide(version.arn, version.approval, version.why, {PRUNED: at})
        self._delete_configs(kept(self._models.versions, self._models.serving, previous))
        for start in range(0, len(found.objects), KEYS):
            keys = [
                {"Key": stored.uri.removeprefix(f"s3://{self._bucket}/")} for stored in found.objects[start:][:KEYS]
            ]
            self._environment.s3.delete_objects(Bucket=self._bucket, Delete={"Objects": keys, "Quiet": True})  # type: ignore[typeddict-item]

    def _stored(self) -> Iterator[Stored]:
        listing = self._environment.s3.get_paginator("list_objects_v2")
        for folder in (names.training_folder(self._dataset.name), names.evaluations_folder(self._dataset.name)):
            for page in listing.paginate(Bucket=self._bucket, Prefix=folder):
                for found in page.get("Contents", []):
                    yield Stored(f"s3://{self._bucket}/{found['Key']}", found["Size"])

    def _delete_configs(self, stay: set[str]) -> None:
        """Those of versions that do not stay, with their models."""
        sagemaker = self._environment.sagemaker
        models = SageMakerModels(sagemaker)
        endpoints = names.endpoints(self._environment.outputs.name_prefix, self._dataset.name)
        there = filter(None, map(models.endpoint, endpoints))
        in_use = {config for state in there for config in (state.config, state.pending)}
        for name in list(self._configs()):
            found = models.served(name)
            ours = found and found.tags.get(names.DATASET_TAG) == self._dataset.name
            if found is None or not ours or name in in_use or found.version in stay:
                continue
            sagemaker.delete_endpoint_config(EndpointConfigName=name)
            sagemaker.delete_model(ModelName=found.model)

    def _configs(self) -> Iterator[str]:
        prefix = f"{self._dataset.endpoint_name}-"
        for page in self._environment.sagemaker.get_paginator("list_endpoint_configs").paginate(NameContains=prefix):
            names_ = (found["EndpointConfigName"] for found in page["EndpointConfigs"])
            yield from (name for name in names_ if name.startswith(prefix))

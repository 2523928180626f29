"""Stops the jobs of one environment and deletes its endpoints, configs, models and their versions, found by tag."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lakeloop import names
from lakeloop.adapters.aws import error_code, error_message
from lakeloop.adapters.sagemaker_calls import is_missing, scaled, stop, tags_of

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.client import SageMakerClient

# An endpoint cannot be deleted while it is created or updated, which takes minutes.
POLL_SECONDS = 2
LONGEST_WAIT_SECONDS = 600


@dataclass(frozen=True)
class Reaped:
    """Names of the tuning and transform jobs that were stopped and of what was deleted."""

    stopped: list[str]
    deleted: list[str]


class SageMakerReaper:
    """Deleting tolerates "gone", so that a reaping that was cut off can be repeated."""

    def __init__(self, client: "SageMakerClient", name_prefix: str, dataset: str | None = None) -> None:
        """With a dataset, only what serves that one."""
        self._client = client
        self._name_prefix = name_prefix
        self._wanted = {names.ENVIRONMENT_TAG: name_prefix, **({names.DATASET_TAG: dataset} if dataset else {})}

    def found(self) -> list[str]:
        """The names of what there is to delete: endpoints, endpoint configs, models, groups of their versions."""
        return [*self._endpoints(), *self._configs(), *self._models(), *self._groups()]

    def reap_for_good(self, in_flight_seconds: float) -> Reaped:
        """Stop and delete until nothing is found and nobody is left to make more.

        An invocation that began before its queue was taken away may start a job or make an endpoint for as long as it
        may run, `in_flight_seconds`. Raises TimeoutError when an endpoint stays busy.
        """
        begun = time.monotonic()
        reaped = Reaped([], [])
        while True:
            alone = time.monotonic() - begun >= in_flight_seconds
            stopped, deleted = self.stop_jobs(), self.reap(begun + LONGEST_WAIT_SECONDS)
            reaped = Reaped(reaped.stopped + stopped, reaped.deleted + deleted)
            if alone and not stopped and not deleted:
                return reaped
            time.sleep(POLL_SECONDS)

    def reap(self, deadline: float | None = None) -> list[str]:
        """The names of what was deleted. Raises TimeoutError when an endpoint stays busy."""
        deadline = deadline or time.monotonic() + LONGEST_WAIT_SECONDS
        deleted = []
        for name in list(self._endpoints()):
            self._delete_when_idle(name, deadline)
            deleted.append(name)
        for name in list(self._configs()):
            self._delete(self._client.delete_endpoint_config, EndpointConfigName=name)
            deleted.append(name)
        for name in list(self._models()):
            self._delete(self._client.delete_model, ModelName=name)
            deleted.append(name)
        for name in list(self._groups()):
            self._delete_group(name)
            deleted.append(name)
        return deleted

    def stop_jobs(self) -> list[str]:
        """The names of the jobs that were running: they cost money and nobody waits for what they make."""
        return [*self.stop_tuning(), *self._stop_transforms()]

    def stop_tuning(self) -> list[str]:
        stopped = list(self._running())
        for job in stopped:
            stop(self._client.stop_hyper_parameter_tuning_job, HyperParameterTuningJobName=job)
        return stopped

    def _stop_transforms(self) -> list[str]:
        stopped = list(self._transforming())
        for job in stopped:
            stop(self._client.stop_transform_job, TransformJobName=job)
        return stopped

    def _running(self) -> Iterator[str]:
        pages = self._client.get_paginator("list_hyper_parameter_tuning_jobs").paginate(
            NameContains=self._name_prefix, StatusEquals="InProgress"
        )
        for page in pages:
            for found in page["HyperParameterTuningJobSummaries"]:
                name = found["HyperParameterTuningJobName"]
                if names.is_tuning_job(self._name_prefix, name) and self._is_ours(found["HyperParameterTuningJobArn"]):
                    yield name

    def _transforming(self) -> Iterator[str]:
        pages = self._client.get_paginator("list_transform_jobs").paginate(
            NameContains=self._name_prefix, StatusEquals="InProgress"
        )
        for page in pages:
            for found in page["TransformJobSummaries"]:
                name = found["TransformJobName"]
                if names.is_transform_job(self._name_prefix, name) and self._is_ours(found["TransformJobArn"]):
                    yield name

    def _named_like_ours(self, name: str) -> bool:
        """Lists are of names that contain the prefix; tags of those that do not begin with it may not be read."""
        return name.startswith(f"{self._name_prefix}-")

    def _endpoints(self) -> Iterator[str]:
        for page in self._client.get_paginator("list_endpoints").paginate(NameContains=self._name_prefix):
            for found in page["Endpoints"]:
                if self._named_like_ours(found["EndpointName"]) and self._is_ours(found["EndpointArn"]):
                    yield found["EndpointName"]

    def _configs(self) -> Iterator[str]:
        for page in self._client.get_paginator("list_endpoint_configs").paginate(NameContains=self._name_prefix):
            for found in page["EndpointConfigs"]:
                if self._named_like_ours(found["EndpointConfigName"]) and self._is_ours(found["EndpointConfigArn"]):
                    yield found["EndpointConfigName"]

    def _models(self) -> Iterator[str]:
        for page in self._client.get_paginator("list_models").paginate(NameContains=self._name_prefix):
            for found in page["Models"]:
                if self._named_like_ours(found["ModelName"]) and self._is_ours(found["ModelArn"]):
                    yield found["ModelName"]

    def _groups(self) -> Iterator[str]:
        pages = self._client.get_paginator("list_model_package_groups").paginate(NameContains=self._name_prefix)
        for page in pages:
            for found in page["ModelPackageGroupSummaryList"]:
                name = found["ModelPackageGroupName"]
                if self._named_like_ours(name) and self._is_ours(found["ModelPackageGroupArn"]):
                    yield name

    def _delete_group(self, name: str) -> None:
        """With its versions: a group that has some cannot be deleted."""
        pages = self._client.get_paginator("list_model_packages").paginate(ModelPackageGroupName=name)
        for version in [found["ModelPackageArn"] for page in pages for found in page["ModelPackageSummaryList"]]:
            self._delete(self._client.delete_model_package, ModelPackageName=version)
        self._delete(self._client.delete_model_package_group, ModelPackageGroupName=name)

    def _is_ours(self, arn: str) -> bool:
        return self._wanted.items() <= tags_of(self._client, arn).items()

    def _delete_when_idle(self, endpoint: str, deadline: float) -> None:
        while True:
            try:
                self._client.delete_endpoint(EndpointName=endpoint)
            except ClientError as error:
                if is_missing(error):
                    return
                if why := scaled(endpoint, error):
                    raise why from error
                if error_code(error) != "ValidationException" or time.monotonic() > deadline:
                    raise TimeoutError(f"endpoint {endpoint} cannot be deleted: {error_message(error)}") from error
            time.sleep(POLL_SECONDS)

    @staticmethod
    def _delete(call: Callable[..., object], **name: str) -> None:
        try:
            call(**name)
        except ClientError as error:
            if not is_missing(error):
                raise

"""Switching the endpoint of a dataset off, so that nobody makes it again, and on."""

import time

from lakeloop import names
from lakeloop.adapters.sagemaker import SageMakerHosting
from lakeloop.adapters.switches import Off, S3Switches
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment
from lakeloop.client.errors import AdvisedError
from lakeloop.client.models import Models
from lakeloop.errors import TransientError
from lakeloop.reconciliation.findings import Finding
from lakeloop.reconciliation.notices import notice
from lakeloop.registry.ports import Approval
from lakeloop.registry.wish import wished
from lakeloop.reports import now

DEPLOY_MODEL = "deploy_model"
# An endpoint that is being made or changed cannot be deleted, and is busy for a quarter of an hour at most.
WAIT_SECONDS = 900
POLL_SECONDS = 5


class Endpoints:
    """The endpoint of one dataset, two while one takes the other's place, and whether people want one."""

    def __init__(self, environment: Environment, dataset: Dataset) -> None:
        self._environment = environment
        self._dataset = dataset
        self._names = names.endpoints(environment.outputs.name_prefix, dataset.name)
        self._hosting = SageMakerHosting(environment.sagemaker)
        self._switches = S3Switches(environment.s3, environment.outputs.artifacts_bucket)

    def off_since(self) -> Off | None:
        """Who switched it off; None while it is on."""
        return self._switches.get(self._dataset.name)

    def exists(self) -> bool:
        return any(self._is_there(name) for name in self._names)

    def _is_there(self, name: str) -> bool:
        state = self._hosting.endpoint(name)
        if state is None:
            return False
        if not state.is_of(self._environment.outputs.name_prefix):
            raise AdvisedError(
                f"endpoint {state.name} was not made by this environment: it stays as it is",
                "delete it where it was made, or rename the dataset",
            )
        return True

    def switch_off(self, reason: str) -> None:
        """Say so first: whoever would make it again must know before it is gone."""
        at = now().isoformat(timespec="seconds")
        self._switches.off(self._dataset.name, Off(self._environment.caller, at, reason))
        for name in self._names:
            if self._is_there(name):
                self._delete(name)

    def switch_on(self) -> int | None:
        """Wake deploy_model; the version that it makes an endpoint of, None where none is approved."""
        self._switches.on(self._dataset.name)
        versions = Models(self._environment, self._dataset).versions
        wish = wished(version for version in versions if version.approval is Approval.APPROVED)
        if wish is None:
            return None
        woken = notice(
            Finding("endpoint on", "", "deploy_model", wish.arn),
            self._dataset.name,
            self._environment.outputs.name_prefix,
        )
        topic = self._environment.outputs.chains[DEPLOY_MODEL].topic_arn
        self._environment.sns.publish(TopicArn=topic, Message=woken)
        return wish.version

    def _delete(self, name: str) -> None:
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                return self._hosting.delete_endpoint(name)
            except TransientError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(POLL_SECONDS)

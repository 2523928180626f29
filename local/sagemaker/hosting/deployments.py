"""All endpoints, and what is under way with them: in threads, because it takes a while and callers do not wait."""

import logging
import shutil
import threading
from collections.abc import Callable

from lakeloop.local.sagemaker.arns import Kind
from lakeloop.local.sagemaker.backends import Backends
from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.hosting.capture import capture_summary
from lakeloop.local.sagemaker.hosting.deployment import Deployment, LiveEndpoint, retire
from lakeloop.local.sagemaker.hosting.errors import FleetError
from lakeloop.local.sagemaker.hosting.fleet import FOLDER, Fleet
from lakeloop.local.sagemaker.hosting.state import enter
from lakeloop.local.sagemaker.hosting.variants import summaries

log = logging.getLogger(__name__)
Work = Callable[[Document, LiveEndpoint], None]


class Deployments:
    """Each method but `live` returns at once; the endpoint's status tells how it goes."""

    def __init__(self, backends: Backends) -> None:
        self._backends = backends
        self._live: dict[str, LiveEndpoint] = {}
        self._closing = threading.Event()

    def live(self, endpoint: str) -> LiveEndpoint:
        return self._live.setdefault(endpoint.lower(), LiveEndpoint())

    def create(self, endpoint: str) -> None:
        self._in_background(endpoint, self._create)

    def update(self, endpoint: str) -> None:
        self._in_background(endpoint, self._update)

    def delete(self, endpoint: str) -> None:
        self._in_background(endpoint, self._delete)

    def resume(self) -> None:
        """Bring back the endpoints that an earlier server had, and go on with what it was doing."""
        # If it was killed, the folders of its containers are still there.
        shutil.rmtree(self._backends.settings.state_dir / FOLDER, ignore_errors=True)
        for endpoint in self._backends.store.all(Kind.ENDPOINT):
            name, status = endpoint["EndpointName"], endpoint["EndpointStatus"]
            if status == "Deleting":
                self.delete(name)
            elif "PendingDeploymentSummary" in endpoint:
                self._in_background(name, self._restart_and_update)
            elif status in ("Creating", "InService", "SystemUpdating"):
                if status == "InService":
                    # It cannot answer yet; on AWS an endpoint says so in this way while AWS works on it.
                    enter(self._backends, name, "SystemUpdating")
                self.create(name)

    def close(self) -> None:
        self._closing.set()
        for live in list(self._live.values()):
            if live.fleet is not None:
                live.fleet.stop()

    def _create(self, endpoint: Document, live: LiveEndpoint) -> None:
        name = endpoint["EndpointName"]
        config = self._config(endpoint["EndpointConfigName"])
        fleet = Fleet(self._backends, name, config)
        try:
            fleet.start()
        except FleetError as error:
            fleet.stop()
            enter(self._backends, name, "Failed", FailureReason=str(error))
            return
        live.serve(fleet)
        shown = summaries(config, self._backends.store)
        enter(self._backends, name, "InService", ProductionVariants=shown, DataCaptureConfig=capture_summary(config))

    def _update(self, endpoint: Document, live: LiveEndpoint) -> None:
        config = self._config(endpoint["PendingDeploymentSummary"]["EndpointConfigName"])
        Deployment(self._backends, endpoint, config, live, self._closing).run()

    def _restart_and_update(self, endpoint: Document, live: LiveEndpoint) -> None:
        fleet = Fleet(self._backends, endpoint["EndpointName"], self._config(endpoint["EndpointConfigName"]))
        fleet.start()
        live.serve(fleet)
        self._update(endpoint, live)

    def _delete(self, endpoint: Document, live: LiveEndpoint) -> None:
        live.traffic.share({})
        if live.fleet is not None:
            retire(live.fleet)
        self._live.pop(endpoint["EndpointName"].lower(), None)
        self._backends.store.remove(Kind.ENDPOINT, endpoint["EndpointName"])

    def _config(self, name: str) -> Document:
        config = self._backends.store.find(Kind.ENDPOINT_CONFIG, name)
        if config is None:
            raise FleetError(f"Could not find endpoint configuration {name}")
        return config

    def _in_background(self, endpoint: str, work: Work) -> None:
        def run() -> None:
            try:
                document = self._backends.store.find(Kind.ENDPOINT, endpoint)
                if document is not None:
                    work(document, self.live(endpoint))
            except Exception as error:  # a defect of ours must not leave the endpoint busy for good
                log.exception("work on endpoint %s failed", endpoint)
                enter(self._backends, endpoint, "Failed", FailureReason=f"Internal failure: {error}")

        threading.Thread(target=run, name=f"endpoint {endpoint}", daemon=True).start()

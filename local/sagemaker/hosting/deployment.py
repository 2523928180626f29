"""One update: a new fleet beside the old one, traffic moved in steps, and back when something is wrong."""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from botocore.exceptions import BotoCoreError, ClientError

from lakeloop.local.sagemaker.backends import Backends
from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.hosting.alarms import Alarms
from lakeloop.local.sagemaker.hosting.capture import capture_summary
from lakeloop.local.sagemaker.hosting.errors import FleetError
from lakeloop.local.sagemaker.hosting.fleet import Fleet
from lakeloop.local.sagemaker.hosting.pending import progress
from lakeloop.local.sagemaker.hosting.routing import DEFAULT_POLICY, Step, steps
from lakeloop.local.sagemaker.hosting.state import enter
from lakeloop.local.sagemaker.hosting.traffic import Traffic
from lakeloop.local.sagemaker.hosting.variants import summaries

log = logging.getLogger(__name__)
# Longer than a request may take: whoever is busy then hangs.
DRAIN_SECONDS = 70.0
ALARM_POLL_SECONDS = 0.2


class RollbackError(Exception):
    """The new fleet must not stay; the message becomes the endpoint's FailureReason."""


class ClosingError(Exception):
    """The server ends; the next one starts the update again."""


@dataclass
class LiveEndpoint:
    """What an endpoint is made of while it runs."""

    traffic: Traffic = field(default_factory=Traffic)
    fleet: Fleet | None = None

    def serve(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.traffic.share({fleet: 1.0})


class Deployment:
    def __init__(
        self, backends: Backends, endpoint: Document, config: Document, live: LiveEndpoint, closing: threading.Event
    ) -> None:
        self._backends = backends
        self._name: str = endpoint["EndpointName"]
        self._given: Document = endpoint.get("PendingDeploymentConfig", {})
        self._config = config
        self._live = live
        self._closing = closing

    def run(self) -> None:
        green = Fleet(self._backends, self._name, self._config)
        try:
            green.start()
            for step in self._steps():
                self._shift(green, step)
        except (FleetError, RollbackError) as error:
            self._roll_back(green, str(error))
        except ClosingError:
            green.stop()
        else:
            self._finish(green)

    def _steps(self) -> Sequence[Step]:
        variants = self._config["ProductionVariants"]
        instances = sum(variant.get("InitialInstanceCount", 1) for variant in variants)
        return steps(self._given.get("BlueGreenUpdatePolicy", DEFAULT_POLICY), instances)

    def _shift(self, green: Fleet, step: Step) -> None:
        """Give the new fleet its share, and watch the alarms while it bakes."""
        shares = {green: step.share}
        if self._live.fleet is not None:
            shares[self._live.fleet] = 1 - step.share
        percent = f"{step.share:.0%} of the traffic"
        progress(self._backends, self._name, "ActivatingTraffic", f"Moving {percent}", step.share)
        self._live.traffic.share(shares)
        progress(
            self._backends, self._name, "Baking", f"Baking for {step.bake_seconds:g} seconds with {percent}", step.share
        )
        self._bake(step.bake_seconds * self._backends.settings.time_scale)

    def _bake(self, seconds: float) -> None:
        names = [alarm["AlarmName"] for alarm in self._given.get("AutoRollbackConfiguration", {}).get("Alarms", [])]
        alarms = Alarms(self._backends.settings.region) if names else None
        end = time.monotonic() + seconds
        while True:
            if alarms is not None and (firing := self._firing(alarms, names)):
                raise RollbackError(f"One or more of the alarms are in ALARM state: {', '.join(firing)}")
            left = end - time.monotonic()
            if left <= 0:
                return
            if self._closing.wait(min(left, ALARM_POLL_SECONDS)):
                raise ClosingError

    def _firing(self, alarms: Alarms, names: Sequence[str]) -> list[str]:
        try:
            return alarms.firing(names)
        except (ClientError, BotoCoreError) as error:
            raise RollbackError(f"The alarms {', '.join(names)} cannot be read: {error}") from error

    def _roll_back(self, green: Fleet, reason: str) -> None:
        log.warning("update of endpoint %s to %s fails: %s", self._name, self._config["EndpointConfigName"], reason)
        enter(self._backends, self._name, "RollingBack", FailureReason=reason)
        if self._live.fleet is not None:
            self._live.serve(self._live.fleet)
        retire(green)
        # In service again, with the old config: only the reason tells that an update failed.
        enter(self._backends, self._name, "InService", PendingDeploymentSummary=None, PendingDeploymentConfig=None)

    def _finish(self, green: Fleet) -> None:
        blue = self._live.fleet
        self._live.serve(green)
        if blue is not None:
            retire(blue)
        enter(
            self._backends,
            self._name,
            "InService",
            EndpointConfigName=self._config["EndpointConfigName"],
            ProductionVariants=summaries(self._config, self._backends.store),
            DataCaptureConfig=capture_summary(self._config),
            LastDeploymentConfig=self._given or None,
            FailureReason=None,
            PendingDeploymentSummary=None,
            PendingDeploymentConfig=None,
        )


def retire(fleet: Fleet) -> None:
    """End a fleet that gets no more traffic, after the requests that it is busy with."""
    if not fleet.wait_until_idle(DRAIN_SECONDS):
        log.warning("a fleet of config %s is still busy and is ended", fleet.config["EndpointConfigName"])
    fleet.stop()

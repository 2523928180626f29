"""The containers behind one endpoint config, one per variant however many instances it has."""

import random
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from lakeloop.local.sagemaker.arns import Kind
from lakeloop.local.sagemaker.backends import Backends
from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.hosting.errors import FleetError
from lakeloop.local.sagemaker.hosting.instance import Instance
from lakeloop.local.sagemaker.logs import ENDPOINT_GROUP, Stream

# Where containers have their folders, below the state.
FOLDER = "endpoints"


@dataclass(frozen=True)
class Variant:
    name: str
    weight: float
    model: str
    instance: Instance


class Fleet:
    """Counts the requests it is busy with, so that it can be taken away without losing one."""

    def __init__(self, backends: Backends, endpoint: str, config: Document) -> None:
        self.config = config
        self._backends = backends
        self._endpoint = endpoint
        self._id = uuid.uuid4().hex[:12]
        self._variants: list[Variant] = []
        self._idle = threading.Condition()
        self._busy = 0

    def start(self) -> None:
        """Until all containers are healthy. Raises FleetError when one is not in time; `stop` is due either way."""
        for production in self.config["ProductionVariants"]:
            instance = self._instance(production)
            weight = production.get("InitialVariantWeight", 1.0)
            self._variants.append(Variant(production["VariantName"], weight, production["ModelName"], instance))
            instance.start()
        deadline = time.monotonic() + self._backends.settings.start_timeout_seconds
        for variant in self._variants:
            if not variant.instance.wait_until_healthy(deadline):
                raise FleetError(
                    f"The primary container for production variant {variant.name} did not pass the ping health check. "
                    "Please check CloudWatch logs for this endpoint."
                )

    def _instance(self, production: Document) -> Instance:
        model = self._backends.store.find(Kind.MODEL, production["ModelName"])
        if model is None:
            raise FleetError(f"Could not find model {production['ModelName']}")
        folder = self._backends.settings.state_dir / FOLDER / self._endpoint / self._id / production["VariantName"]
        stream = Stream(ENDPOINT_GROUP.format(name=self._endpoint), f"{production['VariantName']}/i-{self._id}")
        return Instance(self._backends, model, folder, stream, {})

    def variant(self, name: str | None) -> Variant | None:
        """The one of that name, or one by weight."""
        if name is not None:
            return next((variant for variant in self._variants if variant.name == name), None)
        return random.choices(self._variants, [variant.weight for variant in self._variants])[0]  # noqa: S311

    @property
    def variants(self) -> Sequence[Variant]:
        return self._variants

    def enter(self) -> None:
        with self._idle:
            self._busy += 1

    def leave(self) -> None:
        with self._idle:
            self._busy -= 1
            self._idle.notify_all()

    def wait_until_idle(self, seconds: float) -> bool:
        with self._idle:
            return self._idle.wait_for(lambda: self._busy == 0, seconds)

    def stop(self) -> None:
        for variant in self._variants:
            variant.instance.stop()

"""One instance: a model in a folder of its own, served by a container that is started again when it dies."""

import logging
import shutil
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from lakeloop.local.sagemaker.backends import Backends
from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.hosting.errors import FleetError
from lakeloop.local.sagemaker.hosting.model_data import unpack
from lakeloop.local.sagemaker.hosting.serving import ContainerAnswer, ServingProcess
from lakeloop.local.sagemaker.logs import Stream
from lakeloop.local.sagemaker.training.images import image

log = logging.getLogger(__name__)
PING_SECONDS = 0.05
RESTART_SECONDS = 0.5


class Instance:
    def __init__(
        self, backends: Backends, model: Document, folder: Path, stream: Stream, environment: Mapping[str, str]
    ) -> None:
        self._backends = backends
        self._model = model
        self._folder = folder
        self._stream = stream
        self._environment = environment
        self._serving: ServingProcess | None = None
        self._was_healthy = False
        self._stopping = threading.Event()

    def start(self) -> None:
        """Raises FleetError when the container cannot even be started."""
        container = self._model["ServedContainer"]
        used = image(container.get("Image", ""))
        if used.problem:
            raise FleetError(used.problem)
        if used.remark:
            self._log(used.remark)
        unpack(container, self._folder / "ml" / "model", self._backends.objects)
        self._launch()

    def wait_until_healthy(self, deadline: float) -> bool:
        unhealthy = any(part in self._model["ModelName"] for part in self._backends.faults.current.unhealthy_models)
        while time.monotonic() < deadline and self._serving and self._serving.alive and not unhealthy:
            if self._serving.pings():
                self._was_healthy = True
                return True
            time.sleep(PING_SECONDS)
        return False

    def invoke(self, body: bytes, headers: Mapping[str, str]) -> ContainerAnswer:
        """Raises urllib3's HTTPError when the container gives no answer."""
        assert self._serving is not None  # noqa: S101 - only healthy instances get traffic
        return self._serving.invoke(body, headers)

    def stop(self) -> None:
        self._stopping.set()
        if self._serving is not None:
            self._serving.stop(self._backends.settings.stop_grace_seconds)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _launch(self) -> None:
        container = self._model["ServedContainer"]
        self._serving = ServingProcess.launch(
            self._backends.launcher,
            self._folder / "ml",
            {**container.get("Environment", {}), **self._environment},
            network=not self._model.get("EnableNetworkIsolation"),
        )
        threading.Thread(target=self._watch, args=[self._serving], name=self._stream.name, daemon=True).start()

    def _watch(self, serving: ServingProcess) -> None:
        for line in serving.output():
            self._log(line)
        # A container that never was healthy fails its endpoint; one that dies later is replaced.
        if self._was_healthy and not self._stopping.wait(RESTART_SECONDS):
            log.warning("the container of %s died and is started again", self._stream)
            self._launch()

    def _log(self, line: str) -> None:
        self._backends.logs.write(self._stream, line)

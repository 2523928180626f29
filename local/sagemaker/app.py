"""Puts the parts together."""

from lakeloop.local.sagemaker.backends import Backends
from lakeloop.local.sagemaker.containers.launcher import Launcher
from lakeloop.local.sagemaker.events import Events
from lakeloop.local.sagemaker.faults import FaultBoard, Faults
from lakeloop.local.sagemaker.hosting.capture import Captures
from lakeloop.local.sagemaker.hosting.configs import EndpointConfigs
from lakeloop.local.sagemaker.hosting.deployments import Deployments
from lakeloop.local.sagemaker.hosting.endpoints import Endpoints
from lakeloop.local.sagemaker.hosting.invocation import Invocations
from lakeloop.local.sagemaker.hosting.metrics import EndpointMetrics
from lakeloop.local.sagemaker.hosting.models import Models
from lakeloop.local.sagemaker.http_server import HttpServer
from lakeloop.local.sagemaker.logs import Logs
from lakeloop.local.sagemaker.objects import Objects
from lakeloop.local.sagemaker.operations import ControlPlane
from lakeloop.local.sagemaker.registry.groups import ModelPackageGroups
from lakeloop.local.sagemaker.registry.packages import ModelPackages
from lakeloop.local.sagemaker.rights import Rights
from lakeloop.local.sagemaker.search import Search
from lakeloop.local.sagemaker.server import Api
from lakeloop.local.sagemaker.settings import Settings
from lakeloop.local.sagemaker.store import Store
from lakeloop.local.sagemaker.tags import Tags
from lakeloop.local.sagemaker.training.cloudwatch import TrainingMetrics
from lakeloop.local.sagemaker.training.runs import TrainingRuns
from lakeloop.local.sagemaker.training.service import Training
from lakeloop.local.sagemaker.transform.run import TransformRuns
from lakeloop.local.sagemaker.transform.service import Transform
from lakeloop.local.sagemaker.tuning.run import TuningRuns
from lakeloop.local.sagemaker.tuning.service import Tuning


class SageMaker:
    """One server with all it runs."""

    def __init__(self, settings: Settings, port: int) -> None:
        faults = FaultBoard(Faults.parse(settings.faults))
        store = Store(settings.state_dir / "sagemaker.sqlite")
        self._backends = Backends(
            settings=settings,
            store=store,
            faults=faults,
            events=Events(settings, store, faults),
            objects=Objects(settings.region),
            logs=Logs(settings.region),
            launcher=Launcher(settings.sandbox, settings.threads_per_container),
            training_metrics=TrainingMetrics(settings.region),
        )
        self._training = TrainingRuns(self._backends)
        self._tuning = TuningRuns(self._backends, self._training)
        self._transform = TransformRuns(self._backends)
        self._deployments = Deployments(self._backends)
        control = ControlPlane(
            [
                Tuning(self._backends, self._tuning),
                Training(self._backends, self._training),
                Models(self._backends),
                EndpointConfigs(self._backends),
                Endpoints(self._backends, self._deployments),
                Transform(self._backends, self._transform),
                ModelPackageGroups(self._backends),
                ModelPackages(self._backends),
                Search(self._backends),
                Tags(self._backends),
            ]
        )
        self._captures = Captures(self._backends.objects)
        self._metrics = EndpointMetrics(settings.region)
        invocations = Invocations(self._backends, self._deployments, self._captures, self._metrics)
        self._server = HttpServer(port, Api(control, invocations, faults, Rights(settings, store)))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.port}"

    def serve(self) -> None:
        """Until `stop` is called from another thread; then everything it started is ended."""
        self._backends.events.start()
        self._backends.logs.start()
        self._captures.start()
        self._metrics.start()
        self._backends.training_metrics.start()
        self._training.resume()
        self._tuning.resume()
        self._transform.resume()
        self._deployments.resume()
        self._server.serve_forever(poll_interval=0.2)
        self._tuning.close()
        self._training.close()
        self._transform.close()
        self._deployments.close()
        self._captures.close()
        self._metrics.close()
        self._backends.training_metrics.close()
        self._backends.logs.close()
        self._backends.events.close()
        self._backends.store.close()

    def stop(self) -> None:
        self._server.shutdown()

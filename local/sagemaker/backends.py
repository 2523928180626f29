"""What every service stands on."""

from dataclasses import dataclass

from lakeloop.local.sagemaker.containers.launcher import Launcher
from lakeloop.local.sagemaker.events import Events
from lakeloop.local.sagemaker.faults import FaultBoard
from lakeloop.local.sagemaker.logs import Logs
from lakeloop.local.sagemaker.objects import Objects
from lakeloop.local.sagemaker.settings import Settings
from lakeloop.local.sagemaker.store import Store
from lakeloop.local.sagemaker.training.cloudwatch import TrainingMetrics


@dataclass(frozen=True)
class Backends:
    settings: Settings
    store: Store
    faults: FaultBoard
    events: Events
    objects: Objects
    logs: Logs
    launcher: Launcher
    training_metrics: TrainingMetrics

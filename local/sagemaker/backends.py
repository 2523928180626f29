"""What every service stands on."""

from dataclasses import dataclass

from local.sagemaker.containers.launcher import Launcher
from local.sagemaker.events import Events
from local.sagemaker.faults import FaultBoard
from local.sagemaker.logs import Logs
from local.sagemaker.objects import Objects
from local.sagemaker.settings import Settings
from local.sagemaker.store import Store


@dataclass(frozen=True)
class Backends:
    settings: Settings
    store: Store
    faults: FaultBoard
    events: Events
    objects: Objects
    logs: Logs
    launcher: Launcher

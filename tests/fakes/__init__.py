"""The domain's ports in memory, with the semantics of the real things and a crash on request."""

from tests.fakes.captures import MemoryCaptures, MemoryCaptureTopic, MemoryKeys
from tests.fakes.crash import Crash, CrashError
from tests.fakes.evaluation import MemoryCandidates, MemoryTransforms
from tests.fakes.feedback import MemoryLabels
from tests.fakes.ingest import (
    MemoryAnnouncer,
    MemoryArtifacts,
    MemoryContracts,
    MemoryLanding,
    MemoryListing,
    MemoryOutcomes,
    MemoryPublisher,
)
from tests.fakes.lake import LakeFooters, LakeLabels, MemoryLake, Tree
from tests.fakes.queues import MemoryFailureLog, MemoryMarks, MemoryQueue, message, notification, turns
from tests.fakes.reconciliation import MemoryAnswers
from tests.fakes.registry import MemoryRegistry
from tests.fakes.serving import (
    MemoryEndpoints,
    MemoryHosting,
    MemoryModelContracts,
    MemoryPlacements,
    MemorySwitches,
    MemoryWatch,
)
from tests.fakes.training import MemoryLease, MemoryLeases, MemoryReadings, MemoryReports, MemoryTuner

__all__ = [
    "Crash",
    "CrashError",
    "LakeFooters",
    "LakeLabels",
    "MemoryAnnouncer",
    "MemoryAnswers",
    "MemoryArtifacts",
    "MemoryCandidates",
    "MemoryCaptureTopic",
    "MemoryCaptures",
    "MemoryContracts",
    "MemoryEndpoints",
    "MemoryFailureLog",
    "MemoryHosting",
    "MemoryKeys",
    "MemoryLabels",
    "MemoryLake",
    "MemoryLanding",
    "MemoryLease",
    "MemoryLeases",
    "MemoryListing",
    "MemoryMarks",
    "MemoryModelContracts",
    "MemoryOutcomes",
    "MemoryPlacements",
    "MemoryPublisher",
    "MemoryQueue",
    "MemoryReadings",
    "MemoryRegistry",
    "MemoryReports",
    "MemorySwitches",
    "MemoryTransforms",
    "MemoryTuner",
    "MemoryWatch",
    "Tree",
    "message",
    "notification",
    "turns",
]

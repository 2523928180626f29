"""How tests are spread over workers, file by file and those of one cloud together, and the record of the long ones."""

import os

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from tests.long import LongTests

# What Terraform sets for each function: without it metrics are refused.
os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "lakeloop-test")

# A busy machine is no fault of what is tested.
settings.register_profile("however slow", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("however slow")

SHARE_THE_CLOUD = "tests/e2e/"


class CloudOnOneWorker(LoadFileScheduling):  # type: ignore[misc] # xdist has no types
    def _split_scope(self, nodeid: str) -> str:
        return SHARE_THE_CLOUD if nodeid.startswith(SHARE_THE_CLOUD) else str(super()._split_scope(nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> CloudOnOneWorker:
    return CloudOnOneWorker(config, log)


def pytest_configure(config: pytest.Config) -> None:
    # Workers report to the process that started them, which keeps the record.
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(LongTests())

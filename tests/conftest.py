"""How tests are spread over workers: file by file, and those that share the local cloud all on one, in order."""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

SHARE_THE_CLOUD = "tests/e2e/"


class CloudOnOneWorker(LoadFileScheduling):  # type: ignore[misc] # xdist has no types
    def _split_scope(self, nodeid: str) -> str:
        return SHARE_THE_CLOUD if nodeid.startswith(SHARE_THE_CLOUD) else str(super()._split_scope(nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> CloudOnOneWorker:
    return CloudOnOneWorker(config, log)

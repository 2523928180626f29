"""Unit tests reach no cloud, also when one of the session runs or the shell points to one."""

import os
from collections.abc import Iterator

import pytest

from lakeloop.observability import metrics


@pytest.fixture(autouse=True)
def no_cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def no_metrics_left() -> Iterator[None]:
    """In Lambda each invocation sends its metrics; a test throws them away."""
    yield
    metrics.clear_metrics()

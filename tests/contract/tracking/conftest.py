"""Trackers to test: MLflow's fake at once, the real server among the long tests."""

from collections.abc import Iterator

import pytest

from tests.contract.tracking.servers import RealMlflow, real_mlflow
from tests.fakes.mlflow_server import FakeMlflow, serving

REAL = pytest.param("mlflow", marks=pytest.mark.long)


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealMlflow]:
    with real_mlflow(tmp_path_factory.mktemp("mlflow")) as server:
        yield server


@pytest.fixture
def fake() -> FakeMlflow:
    return FakeMlflow()


@pytest.fixture(params=["fake", REAL])
def mlflow_uri(request: pytest.FixtureRequest, fake: FakeMlflow) -> Iterator[str]:
    if request.param == "mlflow":
        yield request.getfixturevalue("real").uri
        return
    with serving(fake) as uri:
        yield uri

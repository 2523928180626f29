"""An emulator as the launcher starts it, one for the whole folder; or AWS itself.

With LAKELOOP_TEST_AWS=1 and credentials in the environment, the tests marked `on_aws` run against AWS, the others not.
"""

import io
import os
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
import urllib3

from lakeloop.local.aws.settings import Settings
from lakeloop.local.supervisor.loopback import free_port

ROOT = Path(__file__).parents[3]
# The only folder of ours that the emulator's interpreter imports from.
PACKAGES = ROOT / "layers"
EMULATOR_PYTHON = ROOT / ".local" / "venvs" / "emulator" / "bin" / "python"
EVENTS_TOKEN = "token-of-the-test"


@dataclass
class Emulator:
    url: str
    state_dir: Path
    process: subprocess.Popen[bytes]
    log: Path

    def client(self, service: str) -> Any:  # noqa: ANN401 - one of many clients
        session = boto3.Session("test", "test", region_name="us-east-1")
        return session.client(service, endpoint_url=self.url)  # type: ignore[call-overload]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)


def start_emulator(state_dir: Path, **environment: str) -> Emulator:
    log = state_dir / "emulator.log"
    state_dir.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            [EMULATOR_PYTHON, "-m", "lakeloop.local.aws", "--port", "0", "--state-dir", str(state_dir)],
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(PACKAGES),
                "LAKELOOP_EVENTS_TOKEN": EVENTS_TOKEN,
                **environment,
            },
            stdout=output,
            stderr=output,
        )
    url = wait_until_healthy(log, process)
    return Emulator(url, state_dir, process, log)


def wait_until_healthy(log: Path, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        started = [line for line in log.read_text().splitlines() if line.startswith("AWS emulator on ")]
        if started:
            url = started[-1].split()[3].rstrip(",")
            if answers(url):
                return url
        time.sleep(0.05)
    process.kill()
    raise AssertionError(f"the emulator did not come up:\n{log.read_text()}")


def answers(url: str) -> bool:
    try:
        urllib3.request("GET", f"{url}/_ministack/health", timeout=2, retries=False)
    except urllib3.exceptions.HTTPError:
        return False
    return True


class Aws(Emulator):
    """AWS in the place of the emulator, for calls that mean the same on both."""

    def __init__(self) -> None:
        """There is no process, and no folder."""

    def client(self, service: str) -> Any:  # noqa: ANN401 - one of many clients
        return boto3.Session().client(service)  # type: ignore[call-overload]


ON_AWS = os.environ.get("LAKELOOP_TEST_AWS") == "1"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "on_aws: means the same on AWS, and runs there with LAKELOOP_TEST_AWS=1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if ON_AWS and Path(__file__).parent in item.path.parents and not item.get_closest_marker("on_aws"):
            item.add_marker(pytest.mark.skip(reason="speaks of the emulator"))


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    if ON_AWS:
        yield Aws()
        return
    running = start_emulator(
        tmp_path_factory.mktemp("aws"),
        AWS_ENDPOINT_URL_SAGEMAKER="http://127.0.0.1:1",
        AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME="http://127.0.0.1:1",
        DEVELOPERS_SECRET="must not reach a handler",
    )
    yield running
    running.stop()


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """ministack without a launcher, in the environment that the launcher gives it."""
    state = tmp_path_factory.mktemp("bare")
    port = free_port()
    settings = Settings.read(port, state, None, {"PATH": os.environ["PATH"]})
    settings.scratch_dir.mkdir()
    log = state / "emulator.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [EMULATOR_PYTHON.with_name("ministack")],
            env=settings.emulator_environment() | {"PERSIST_STATE": "0", "S3_PERSIST": "0"},
            stdout=output,
            stderr=output,
        )
    emulator = Emulator(f"http://127.0.0.1:{port}", state, process, log)
    deadline = time.monotonic() + 20
    while not answers(emulator.url):
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
    yield emulator
    emulator.stop()


def archive(**files: str) -> bytes:
    """A zip of `name__py="..."` as name.py, `/` written as `__SLASH__`."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as target:
        for name, text in files.items():
            target.writestr(name.replace("__SLASH__", "/").replace("__py", ".py"), text)
    return content.getvalue()


def make_function(functions: Any, name: str, source: str, **configuration: object) -> None:  # noqa: ANN401 - a client
    """A function of one file."""
    made = {"Runtime": "python3.11", "Role": "arn:aws:iam::000000000000:role/handler", **configuration}
    code = {"ZipFile": archive(handler__py=source)}
    functions.create_function(FunctionName=name, Handler="handler.handler", Code=code, **made)


Deploy = Callable[..., str]


@pytest.fixture
def deploy(emulator: Emulator, request: pytest.FixtureRequest) -> Iterator[Deploy]:
    """Create a function from its source; the functions of a test go with it."""
    functions = emulator.client("lambda")
    made: list[str] = []

    def create(source: str, **configuration: object) -> str:
        name = f"{request.node.name[:50]}-{len(made)}".replace("[", "-").replace("]", "")
        configuration = {"Timeout": 10, **configuration}
        make_function(functions, name, source, **configuration)
        made.append(name)
        return name

    yield create
    for name in made:
        functions.delete_function(FunctionName=name)

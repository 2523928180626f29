"""The parts of the local cloud: how each is started, and how one sees that it is up."""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from lakeloop.local.errors import LocalCloudError
from lakeloop.local.layout import CloudPaths
from lakeloop.local.supervisor.locked import EMULATOR, MLFLOW
from lakeloop.local.supervisor.loopback import Ports
from lakeloop.local.supervisor.record import Memory

REGION = "us-east-1"
# The root credentials of the emulator; it listens on loopback only.
AWS_KEY = "test"

LAKEFS_VARIABLES = ("LAKEFS_ENDPOINT", "LAKEFS_ACCESS_KEY_ID", "LAKEFS_SECRET_ACCESS_KEY")


@dataclass(frozen=True)
class LakeKeys:
    """The key pair of the lakeFS administrator."""

    access_key_id: str
    secret_access_key: str


@dataclass(frozen=True)
class Part:
    """One server. `command` is None for one that runs elsewhere and is only used."""

    name: str
    url: str
    health_path: str
    port: int = 0
    command: tuple[str, ...] | None = None
    environment: Mapping[str, str] | None = None
    start_seconds: int = 60

    @property
    def health_url(self) -> str:
        return self.url + self.health_path


class Blueprint:
    """The parts for one choice of ports, keys and switches, and how they find each other."""

    def __init__(self, paths: CloudPaths, ports: Ports, memory: Memory, events_token: str, iam_enforced: bool) -> None:
        self._paths = paths
        self._ports = ports
        self._memory = memory
        self._events_token = events_token
        self._iam_enforced = iam_enforced
        self.aws_url = f"http://127.0.0.1:{ports.aws}"
        self.sagemaker_url = f"http://127.0.0.1:{ports.sagemaker}"

    def aws(self) -> Part:
        environment = {
            **system_environment(),
            "LAKELOOP_EVENTS_TOKEN": self._events_token,
            "AWS_ENDPOINT_URL_SAGEMAKER": self.sagemaker_url,
            "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": self.sagemaker_url,
            "AUTH": "true" if self._iam_enforced else "false",
            # Its 64 threads would keep an arena of freed upload buffers each.
            "MALLOC_ARENA_MAX": "2",
            "MALLOC_MMAP_THRESHOLD_": "131072",
        }
        interpreter = str(EMULATOR.python(self._paths))
        extra = ("--interpreters-dir", str(self._paths.interpreters))
        command = self._command("aws", self._ports.aws, interpreter, *extra)
        return Part("aws", self.aws_url, "/_ministack/health", self._ports.aws, command, environment)

    def sagemaker(self) -> Part:
        environment = {
            **self._aws_client_environment(),
            "LAKELOOP_EVENTS_URL": f"{self.aws_url}/_lakeloop/events",
            "LAKELOOP_EVENTS_TOKEN": self._events_token,
            "LAKELOOP_RIGHTS_URL": f"{self.aws_url}/_lakeloop/rights" if self._iam_enforced else "",
        }
        command = self._command("sagemaker", self._ports.sagemaker)
        return Part("sagemaker", self.sagemaker_url, "/_health", self._ports.sagemaker, command, environment)

    def lakefs(self) -> Part:
        """A server named by LAKEFS_ENDPOINT, else the real one if it is installed, else the stand-in."""
        if endpoint := os.environ.get("LAKEFS_ENDPOINT"):
            return Part("lakefs", endpoint.rstrip("/"), "/_health")
        url = f"http://127.0.0.1:{self._ports.lakefs}"
        if binary := shutil.which("lakefs"):
            environment = self._real_lakefs_environment()
            wrapped = (sys.executable, "-m", "lakeloop.local.supervisor.child", binary, "run")
            return Part("lakefs", url, "/_health", self._ports.lakefs, wrapped, environment)
        command = self._command("lakefs", self._ports.lakefs)
        environment = {
            **self._aws_client_environment(),
            "LAKELOOP_LAKEFS_ACCESS_KEY_ID": self.lake_keys().access_key_id,
            "LAKELOOP_LAKEFS_SECRET_ACCESS_KEY": self.lake_keys().secret_access_key,
        }
        return Part("lakefs", url, "/_health", self._ports.lakefs, command, environment)

    def mlflow(self) -> Part:
        """The published server, on SQLite, which hands artifacts on to a folder beside it."""
        url = f"http://127.0.0.1:{self._ports.mlflow}"
        command = self._command("mlflow", self._ports.mlflow, str(MLFLOW.python(self._paths)))
        # It reads its migrations and imports itself twice before it listens.
        return Part("mlflow", url, "/health", self._ports.mlflow, command, system_environment(), start_seconds=180)

    def lake_keys(self) -> LakeKeys:
        if "LAKEFS_ENDPOINT" not in os.environ:
            return LakeKeys(self._memory.lakefs_access_key_id, self._memory.lakefs_secret_access_key)
        missing = [name for name in LAKEFS_VARIABLES if not os.environ.get(name)]
        if missing:
            raise LocalCloudError(
                f"LAKEFS_ENDPOINT names a lakeFS server, but {' and '.join(missing)} is not set.",
                "Set the key pair of its administrator, or unset LAKEFS_ENDPOINT to use the stand-in.",
            )
        return LakeKeys(os.environ["LAKEFS_ACCESS_KEY_ID"], os.environ["LAKEFS_SECRET_ACCESS_KEY"])

    def _command(self, name: str, port: int, python: str = sys.executable, *extra: str) -> tuple[str, ...]:
        state = str(self._paths.state / name)
        return (python, "-m", f"lakeloop.local.{name}", "--port", str(port), "--state-dir", state, *extra)

    def _aws_client_environment(self) -> dict[str, str]:
        return {**system_environment(), **aws_variables(self.aws_url)}

    def _real_lakefs_environment(self) -> dict[str, str]:
        """Settings of lakeFS 1.86 for one machine: its own key-value store, objects in the emulator."""
        data = self._paths.state / "lakefs-server"
        secret = self._memory.lakefs_secret_access_key
        return {
            **system_environment(),
            "LAKEFS_LISTEN_ADDRESS": f"127.0.0.1:{self._ports.lakefs}",
            "LAKEFS_DATABASE_TYPE": "local",
            "LAKEFS_DATABASE_LOCAL_PATH": str(data / "metadata"),
            "LAKEFS_COMMITTED_LOCAL_CACHE_DIR": str(data / "cache"),
            "LAKEFS_AUTH_ENCRYPT_SECRET_KEY": secret,
            "LAKEFS_BLOCKSTORE_SIGNING_SECRET_KEY": secret,
            "LAKEFS_BLOCKSTORE_TYPE": "s3",
            "LAKEFS_BLOCKSTORE_S3_ENDPOINT": self.aws_url,
            "LAKEFS_BLOCKSTORE_S3_REGION": REGION,
            "LAKEFS_BLOCKSTORE_S3_FORCE_PATH_STYLE": "true",
            "LAKEFS_BLOCKSTORE_S3_DISCOVER_BUCKET_REGION": "false",
            "LAKEFS_BLOCKSTORE_S3_CREDENTIALS_ACCESS_KEY_ID": AWS_KEY,
            "LAKEFS_BLOCKSTORE_S3_CREDENTIALS_SECRET_ACCESS_KEY": AWS_KEY,
            # Off by default; without it merges into one branch starve each other.
            "LAKEFS_GRAVELER_BRANCH_OWNERSHIP_ENABLED": "true",
            "LAKEFS_STATS_ENABLED": "false",
            "LAKEFS_EMAIL_SUBSCRIPTION_ENABLED": "false",
            "LAKEFS_SECURITY_CHECK_LATEST_VERSION": "false",
        }


def system_environment() -> dict[str, str]:
    """What a part needs of the shell; its AWS credentials, profiles and proxies stay out."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
    # A log that is followed should show a line when it is written.
    return {"PYTHONUNBUFFERED": "1", **{name: os.environ[name] for name in kept if name in os.environ}}


def aws_variables(aws_url: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": aws_url,
        "AWS_ACCESS_KEY_ID": AWS_KEY,
        "AWS_SECRET_ACCESS_KEY": AWS_KEY,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
    }

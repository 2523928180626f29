"""What the launcher was asked for, and the only environment that ministack and the handlers get to see."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

REGION = "us-east-1"
ACCOUNT = "000000000000"
# The root credentials of the emulator (ministack's convention), valid for loopback only.
ACCESS_KEY = "test"

EVENTS_TOKEN_VARIABLE = "LAKELOOP_EVENTS_TOKEN"  # noqa: S105 - the name of a variable
SAGEMAKER_VARIABLES = ("AWS_ENDPOINT_URL_SAGEMAKER", "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME")


@dataclass(frozen=True)
class Settings:
    """One emulator: its port, its folder, and what is handed to handlers."""

    port: int
    state_dir: Path
    events_token: str
    iam_enforced: bool
    search_path: str
    sagemaker_endpoints: Mapping[str, str]
    interpreters_dir: Path

    @classmethod
    def read(
        cls, port: int, state_dir: Path, interpreters_dir: Path | None, environment: Mapping[str, str]
    ) -> "Settings":
        return cls(
            port=port,
            state_dir=state_dir,
            events_token=environment.get(EVENTS_TOKEN_VARIABLE, ""),
            iam_enforced=environment.get("AUTH", "").lower() == "true",
            search_path=environment.get("PATH", "/usr/local/bin:/usr/bin:/bin"),
            sagemaker_endpoints={name: environment[name] for name in SAGEMAKER_VARIABLES if name in environment},
            interpreters_dir=interpreters_dir or state_dir / "interpreters",
        )

    @property
    def scratch_dir(self) -> Path:
        return self.state_dir / "tmp"

    def emulator_environment(self) -> dict[str, str]:
        """Everything ministack reads at import; nothing of the developer's shell but the search path."""
        return {
            "PATH": self.search_path,
            "LANG": "C.UTF-8",
            "HOME": str(self.state_dir),
            "TMPDIR": str(self.scratch_dir),
            "AUTH": "true" if self.iam_enforced else "false",
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": ACCESS_KEY,
            "AWS_DEFAULT_REGION": REGION,
            "MINISTACK_REGION": REGION,
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            # Handed out in queue URLs: an address, because "localhost" may mean ::1, where nothing listens.
            "MINISTACK_HOST": "127.0.0.1",
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self.state_dir / "services"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self.state_dir / "s3"),
        }

    def handler_environment(self) -> dict[str, str]:
        """What every handler process starts with, as the Lambda runtime would give it; no trace of this machine."""
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            # botocore would call <route>.127.0.0.1 otherwise, for the operations that carry a host prefix.
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
            **self.sagemaker_endpoints,
        }

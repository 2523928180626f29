"""Everything that can be set, from the environment."""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lakeloop.local.sagemaker.arns import Arns

PREFIX = "LAKELOOP_SAGEMAKER_"


@dataclass(frozen=True)
class Settings:
    """`LAKELOOP_SAGEMAKER_<FIELD>` sets a field of a number or a text; the rest follows from the AWS environment."""

    state_dir: Path
    region: str = "us-east-1"
    account: str = "000000000000"
    events_url: str = ""
    events_token: str = ""
    # Whom to ask whether a caller may make a call; nobody is asked where IAM is not enforced.
    rights_url: str = ""
    # AWS may deliver an event more than once; a consumer that cannot bear it should fail here.
    event_copies: int = 2
    event_delay_seconds: float = 0.0
    # Bake times and other waits of deployments: a minute on AWS takes a second here.
    time_scale: float = 1 / 60
    # AWS gives a training container 120 s between SIGTERM and SIGKILL.
    stop_grace_seconds: float = 10.0
    # How long the containers of a new fleet may take to answer /ping.
    start_timeout_seconds: float = 60.0
    # "auto": a mount namespace with a literal /opt/ml where the machine allows it; "off": a folder named by ML_ROOT.
    sandbox: str = "auto"
    # Trials of one tuning job run side by side, so each gets one thread.
    threads_per_container: int = 1
    # What goes wrong from the start, as JSON: see faults.py.
    faults: str = "{}"

    @property
    def arns(self) -> Arns:
        return Arns(self.region, self.account)

    @classmethod
    def read(cls, state_dir: Path, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Raises ValueError naming the variable that cannot be used."""
        chosen: dict[str, Any] = {
            "region": environment.get("AWS_REGION", cls.region),
            "events_url": environment.get("LAKELOOP_EVENTS_URL", ""),
            "events_token": environment.get("LAKELOOP_EVENTS_TOKEN", ""),
            "rights_url": environment.get("LAKELOOP_RIGHTS_URL", ""),
        }
        for name, default in asdict(cls(state_dir)).items():
            text = environment.get(PREFIX + name.upper())
            if text is None or name == "state_dir":
                continue
            try:
                chosen[name] = type(default)(text)
            except ValueError as error:
                raise ValueError(f"{PREFIX}{name.upper()} must be a {type(default).__name__}: {error}") from error
        return cls(state_dir=state_dir.resolve(), **chosen)

"""Terraform as the tests run it: offline, without an account, its working files outside the repository."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lakeloop.local.layout import CloudPaths
from lakeloop.local.terraform.providers import find_provider

ROOT = Path(__file__).resolve().parents[2]
INFRA = ROOT / "infra"
# The provider starts anew for each run of `terraform test`.
TIMEOUT_SECONDS = 300


@dataclass(frozen=True)
class Terraform:
    """The binary with an environment in which it finds the provider and keeps its working files elsewhere."""

    environment: dict[str, str]

    @classmethod
    def prepared(cls, folder: Path) -> "Terraform":
        provider = find_provider(CloudPaths(local=folder), os.environ)
        shell = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_"))}
        own = {
            "TF_CLI_CONFIG_FILE": str(provider.cli_configuration),
            "TF_DATA_DIR": str(folder / "data"),
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
        }
        return cls({**shell, **own})

    def run(self, *arguments: str, folder: Path = INFRA) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["terraform", f"-chdir={folder}", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )

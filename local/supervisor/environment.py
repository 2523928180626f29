"""The variables that point boto3, Terraform and the command line at a running local cloud."""

import json
import os
import platform
import shlex
import subprocess
import sys
from pathlib import Path

from lakeloop.local.layout import CloudPaths
from lakeloop.local.supervisor.parts import LakeKeys, aws_variables
from lakeloop.local.supervisor.record import write_private
from lakeloop.local.terraform.providers import ProviderSource

# The subcommands that read or write the state; the local cloud's lies below .local, not beside infra/.
STATEFUL_COMMANDS = ("plan", "apply", "destroy", "refresh", "output", "import", "state_list", "state_show", "state_rm")


def cloud_environment(
    paths: CloudPaths,
    *,
    aws_url: str,
    sagemaker_url: str,
    lakefs_url: str,
    lake_keys: LakeKeys,
    provider: ProviderSource,
    mlflow_url: str | None = None,
) -> dict[str, str]:
    # MLflow's own client reads the first, Terraform the second.
    tracking = {"MLFLOW_TRACKING_URI": mlflow_url, "TF_VAR_mlflow_tracking_uri": mlflow_url} if mlflow_url else {}
    return {
        **aws_variables(aws_url),
        "AWS_ENDPOINT_URL_SAGEMAKER": sagemaker_url,
        "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": sagemaker_url,
        # A profile or a metadata service of the developer's has no say here.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        **without_proxy(),
        **tracking,
        **terraform_variables(paths, lakefs_url, lake_keys, provider),
    }


def terraform_variables(paths: CloudPaths, lakefs_url: str, keys: LakeKeys, provider: ProviderSource) -> dict[str, str]:
    state = shlex.quote(str(paths.terraform_state))
    credentials = {"access_key_id": keys.access_key_id, "secret_access_key": keys.secret_access_key}
    return {
        "TF_CLI_CONFIG_FILE": str(provider.cli_configuration),
        "TF_DATA_DIR": str(paths.terraform / "data"),
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "CHECKPOINT_DISABLE": "1",
        **{f"TF_CLI_ARGS_{command}": f"-state={state}" for command in STATEFUL_COMMANDS},
        "TF_VAR_environment": "local",
        "TF_VAR_force_destroy": "true",
        "TF_VAR_lakefs_endpoint": lakefs_url,
        "TF_VAR_lakefs_credentials": json.dumps(credentials),
        "TF_VAR_lakefs_credentials_version": "1",
        "TF_VAR_lambda_runtime": f"python{sys.version_info.major}.{sys.version_info.minor}",
        "TF_VAR_lambda_architecture": machine_architecture(),
        "TF_VAR_git_sha": git_sha(paths.root),
        # infra/ may lie elsewhere than what the user writes: in the installed wheel.
        "TF_VAR_contracts_directory": str(paths.contracts),
        "TF_VAR_compiled_contracts_directory": str(paths.compiled_contracts),
    }


def machine_architecture() -> str:
    """This machine's processor, by Lambda's name for it."""
    return "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"


def without_proxy() -> dict[str, str]:
    """The developer's exceptions from the proxy, and loopback."""
    existing = os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or ""
    hosts = [*filter(None, existing.split(",")), "127.0.0.1", "localhost"]
    return dict.fromkeys(("NO_PROXY", "no_proxy"), ",".join(dict.fromkeys(hosts)))


def git_sha(root: Path) -> str:
    answer = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, check=False)
    return answer.stdout.strip() if answer.returncode == 0 else "unknown"


def write_env_file(path: Path, environment: dict[str, str]) -> None:
    """Something to `source`, for a shell that should talk to the local cloud."""
    lines = [f"export {name}={shlex.quote(value)}\n" for name, value in sorted(environment.items())]
    write_private(path, "".join(lines))

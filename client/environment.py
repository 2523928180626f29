"""What is deployed and how to reach it, from Terraform's outputs: the same on AWS and on the local cloud."""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from pydantic import BaseModel, ConfigDict, ValidationError

from lakeloop import project
from lakeloop.adapters.aws import CLIENT_CONFIG
from lakeloop.adapters.lakefs import LakeFS
from lakeloop.adapters.placements import S3Placements
from lakeloop.adapters.s3 import S3Contracts
from lakeloop.adapters.secrets import lake_credentials
from lakeloop.client import local_cloud
from lakeloop.client.api_keys import ApiKeys
from lakeloop.client.errors import AdvisedError, MistakenNameError, NotDeployedError

if TYPE_CHECKING:
    from mypy_boto3_lambda.client import LambdaClient
    from mypy_boto3_logs.client import CloudWatchLogsClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sagemaker.client import SageMakerClient
    from mypy_boto3_sagemaker_runtime.client import SageMakerRuntimeClient
    from mypy_boto3_sns.client import SNSClient
    from mypy_boto3_sqs.client import SQSClient

NOTHING = "nothing is deployed yet"
NOTHING_DEPLOYED = "run `lakeloop apply` for the local cloud; for AWS, `terraform init` and `terraform apply` in infra/"
# What Terraform says where `terraform init` has not run: no provider, no backend.
NOT_INITIALIZED = re.compile(
    "Required plugins are not installed|Inconsistent dependency lock file|initialization required"
)
# The folder of the Terraform root whose outputs are meant: an environment of several, or a root that calls infra/.
NAMED_ROOT = "LAKELOOP_INFRA"
INSTALL_TERRAFORM = "https://developer.hashicorp.com/terraform/install"


class Function(BaseModel):
    """A deployed function and where it logs."""

    name: str
    log_group: str


class Chain(BaseModel):
    """One topic -> queue -> function of the loop, with its dead-letter queue."""

    topic_arn: str
    queue_url: str
    dlq_url: str
    function_name: str
    log_group: str


class Outputs(BaseModel):
    """Terraform's outputs, as far as the command needs them."""

    model_config = ConfigDict(extra="ignore")

    name_prefix: str
    region: str
    landing_bucket: str
    lake_bucket: str
    artifacts_bucket: str
    captures_bucket: str = ""
    """Empty where an earlier release was applied."""
    contracts_index: str
    lakefs_endpoint: str
    lakefs_secret_arn: str
    mlflow_tracking_uri: str | None = None
    api_id: str
    api_stage: str
    api_url: str
    api_key_ids: dict[str, str]
    datasets: tuple[str, ...]
    chains: dict[str, Chain]
    functions: dict[str, Function]


class Environment:
    """One deployed environment; where its AWS is, and with which credentials, the process environment says."""

    def __init__(self, outputs: Outputs) -> None:
        self.outputs = outputs
        self._session = boto3.Session(region_name=outputs.region)

    @classmethod
    def load(cls) -> "Environment":
        """The environment that LAKELOOP_INFRA names, else the local cloud when one runs, else the one on AWS."""
        if named := os.environ.get(NAMED_ROOT):
            return cls(read_outputs(Path(named)))
        if cloud := local_cloud.running():
            if not local_cloud.applied():
                raise NotDeployedError(NOTHING, "run `lakeloop apply`")
            enter(cloud.environment)
        return cls.current()

    @classmethod
    def current(cls) -> "Environment":
        """The environment that the process environment points to."""
        return cls(read_outputs(project.INFRA))

    @cached_property
    def s3(self) -> "S3Client":
        return self._session.client("s3", config=CLIENT_CONFIG)

    @cached_property
    def sqs(self) -> "SQSClient":
        return self._session.client("sqs", config=CLIENT_CONFIG)

    @cached_property
    def caller(self) -> str:
        """Who asks, as AWS knows them."""
        return str(self._session.client("sts", config=CLIENT_CONFIG).get_caller_identity()["Arn"])

    @cached_property
    def sns(self) -> "SNSClient":
        return self._session.client("sns", config=CLIENT_CONFIG)

    @cached_property
    def lambda_(self) -> "LambdaClient":
        return self._session.client("lambda", config=CLIENT_CONFIG)

    @cached_property
    def logs(self) -> "CloudWatchLogsClient":
        return self._session.client("logs", config=CLIENT_CONFIG)

    @cached_property
    def sagemaker(self) -> "SageMakerClient":
        return self._session.client("sagemaker", config=CLIENT_CONFIG)

    @cached_property
    def sagemaker_runtime(self) -> "SageMakerRuntimeClient":
        return self._session.client("sagemaker-runtime", config=CLIENT_CONFIG)

    @cached_property
    def lake(self) -> LakeFS:
        # Somebody waits for the answer.
        return self.lake_within(5)

    def lake_within(self, seconds: float) -> LakeFS:
        """The lake, each call of which has so much time with all its tries."""
        secrets_manager = self._session.client("secretsmanager", config=CLIENT_CONFIG)
        credentials = lake_credentials(secrets_manager, self.outputs.lakefs_secret_arn)
        return LakeFS(self.outputs.lakefs_endpoint, credentials, budget_seconds=seconds)

    @cached_property
    def placements(self) -> S3Placements:
        """Which of a dataset's endpoints answers."""
        return S3Placements(self.s3, self.outputs.artifacts_bucket, self.outputs.name_prefix)

    @cached_property
    def contracts(self) -> S3Contracts:
        """The contracts as deployed, which may be older than the files of this checkout."""
        return S3Contracts(self.s3, self.outputs.contracts_index)

    @property
    def api_base_url(self) -> str:
        return api_base_url(self.outputs, os.environ.get("AWS_ENDPOINT_URL"))

    @cached_property
    def api_keys(self) -> ApiKeys:
        return ApiKeys(self._session.client("apigateway", config=CLIENT_CONFIG), self.outputs.api_key_ids)

    @cached_property
    def api_key(self) -> str:
        """Any that is enabled."""
        return self.api_keys.value()

    def require_dataset(self, name: str) -> str:
        if name not in self.outputs.datasets:
            known = ", ".join(self.outputs.datasets)
            nearest = get_close_matches(name, self.outputs.datasets, 1)
            meant = f"did you mean {nearest[0]}? " if nearest else ""
            raise MistakenNameError(
                f"no dataset is called {name!r}",
                f"{meant}name one that is deployed: {known}; "
                f"for a new one add datasets/{name}.yaml and run `lakeloop apply`, on AWS `terraform apply`",
            )
        return name


def api_base_url(outputs: Outputs, emulator: str | None) -> str:
    """API Gateway's own URL, or the path under which an emulated API Gateway serves the same stage."""
    if emulator:
        return f"{emulator.rstrip('/')}/_aws/execute-api/{outputs.api_id}/{outputs.api_stage}"
    return outputs.api_url.rstrip("/")


def enter(variables: Mapping[str, str]) -> None:
    """Have this process, and what it starts, speak to the cloud of these variables and to no other."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(variables)


def read_outputs(infra: Path) -> Outputs:
    """`terraform output`, from the state that the process environment points to."""
    command = ["terraform", f"-chdir={infra}", "output", "-json", "-no-color"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise AdvisedError("terraform is not on the PATH", f"install Terraform: {INSTALL_TERRAFORM}") from error
    if done.returncode:
        said = next((line for line in done.stderr.splitlines() if line.startswith("Error:")), done.stderr.strip())
        if NOT_INITIALIZED.search(said):
            raise NotDeployedError(NOTHING, NOTHING_DEPLOYED)
        raise AdvisedError(f"Terraform does not know what is deployed: {said}", NOTHING_DEPLOYED)
    return parse_outputs(done.stdout)


def parse_outputs(text: str) -> Outputs:
    values = {name: output["value"] for name, output in json.loads(text).items()}
    if not values:
        raise NotDeployedError(NOTHING, NOTHING_DEPLOYED)
    try:
        return Outputs.model_validate(values)
    except ValidationError as error:
        wrong = ", ".join(sorted({str(problem["loc"][0]) for problem in error.errors()}))
        raise NotDeployedError(
            f"not all is deployed that this version of lakeloop asks for: {wrong}",
            "an apply is running, was cut off, or was of another version: wait for it, or run `lakeloop apply` "
            "(on AWS, `terraform apply` in infra/)",
        ) from error

"""The kinds of resources and how they are named."""

from dataclasses import dataclass
from enum import StrEnum

from lakeloop.local.sagemaker.errors import invalid


class Kind(StrEnum):
    """Each spelled as in its ARN."""

    TUNING_JOB = "hyper-parameter-tuning-job"
    TRAINING_JOB = "training-job"
    MODEL = "model"
    ENDPOINT_CONFIG = "endpoint-config"
    ENDPOINT = "endpoint"
    MODEL_PACKAGE_GROUP = "model-package-group"
    MODEL_PACKAGE = "model-package"
    TRANSFORM_JOB = "transform-job"


@dataclass(frozen=True)
class Arns:
    region: str
    account: str

    def of(self, kind: Kind, name: str) -> str:
        # SageMaker keeps the case of a name in the resource and lowers it in the ARN.
        return f"{self._prefix}{kind}/{name.lower()}"

    def parse(self, arn: str) -> tuple[Kind, str]:
        """The kind and the (lower case) name that an ARN stands for."""
        kind, _, name = arn.removeprefix(self._prefix).partition("/")
        if not arn.startswith(self._prefix) or kind not in list(Kind) or not name:
            raise invalid(f"Invalid ARN {arn}: no resource of the local SageMaker has one like it")
        return Kind(kind), name

    @property
    def _prefix(self) -> str:
        return f"arn:aws:sagemaker:{self.region}:{self.account}:"

"""Credentials, kept out of environment and logs."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import ClientError
from pydantic import BaseModel, SecretStr, ValidationError

from lakeloop.adapters.aws import error_code
from lakeloop.errors import TransientError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager.client import SecretsManagerClient

Held = TypeVar("Held", bound=BaseModel)


class LakeCredentials(BaseModel):
    """The one key pair of an open-source lakeFS server."""

    access_key_id: str
    secret_access_key: SecretStr


class BasicCredentials(BaseModel):
    """Of a server with basic authentication."""

    username: str
    password: SecretStr


def lake_credentials(client: "SecretsManagerClient", secret_arn: str) -> Callable[[], LakeCredentials]:
    """How the key pair is read: once at the start, and again when lakeFS refuses it, for it may have been rotated."""
    return lambda: _read(client, secret_arn, "the lakeFS key pair", LakeCredentials)


def mlflow_credentials(client: "SecretsManagerClient", secret_arn: str) -> Callable[[], BasicCredentials | None]:
    """How name and password are read, which is whenever MLflow refuses a call; None for a server that needs none."""
    return lambda: _read(client, secret_arn, "MLflow's user", BasicCredentials) if secret_arn else None


def _read(client: "SecretsManagerClient", secret_arn: str, what: str, shape: type[Held]) -> Held:
    try:
        secret = client.get_secret_value(SecretId=secret_arn)["SecretString"]
    except ClientError as error:
        raise TransientError(
            f"{what} cannot be read from {secret_arn}: {error_code(error)}. "
            "Look at the secret and at the function's right to read it"
        ) from error
    try:
        return shape.model_validate_json(secret)
    except ValidationError:
        # The error's own text shows what the secret holds.
        names = " and ".join(shape.model_fields)
        raise TransientError(f"the secret {secret_arn} must hold JSON with {names}: write it anew") from None

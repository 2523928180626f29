"""Credentials, kept out of environment and logs."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from pydantic import BaseModel, SecretStr, ValidationError

from lakeloop.adapters.aws import error_code
from lakeloop.errors import TransientError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager.client import SecretsManagerClient


class LakeCredentials(BaseModel):
    """The one key pair of an open-source lakeFS server."""

    access_key_id: str
    secret_access_key: SecretStr


def lake_credentials(client: "SecretsManagerClient", secret_arn: str) -> Callable[[], LakeCredentials]:
    """How the key pair is read: once at the start, and again when lakeFS refuses it, for it may have been rotated."""

    def read() -> LakeCredentials:
        try:
            secret = client.get_secret_value(SecretId=secret_arn)["SecretString"]
        except ClientError as error:
            raise TransientError(
                f"the lakeFS key pair cannot be read from {secret_arn}: {error_code(error)}. "
                "Look at the secret and at the function's right to read it"
            ) from error
        try:
            return LakeCredentials.model_validate_json(secret)
        except ValidationError:
            # The error's own text shows what the secret holds.
            raise TransientError(
                f"the secret {secret_arn} must hold JSON with access_key_id and secret_access_key: write it anew"
            ) from None

    return read

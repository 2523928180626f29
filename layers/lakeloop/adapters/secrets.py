"""Credentials, read once per cold start and kept out of environment and logs."""

from typing import TYPE_CHECKING

from pydantic import BaseModel, SecretStr

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager.client import SecretsManagerClient


class LakeCredentials(BaseModel):
    """The one key pair of an open-source lakeFS server."""

    access_key_id: str
    secret_access_key: SecretStr


def lake_credentials(client: "SecretsManagerClient", secret_arn: str) -> LakeCredentials:
    secret = client.get_secret_value(SecretId=secret_arn)["SecretString"]
    return LakeCredentials.model_validate_json(secret)

"""The contracts that models were trained with, kept beside them."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from lakeloop import names
from lakeloop.adapters.aws import error_code
from lakeloop.contract import DatasetContract
from lakeloop.errors import ModelFailedError, TransientError

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


class S3ModelContracts:
    """They are named by their content, so one read is enough."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket
        self._read: dict[str, DatasetContract] = {}

    def get(self, digest: str) -> DatasetContract:
        if digest not in self._read:
            self._read[digest] = DatasetContract.model_validate_json(self._body(digest))
        return self._read[digest]

    def _body(self, digest: str) -> bytes:
        try:
            return self._client.get_object(Bucket=self._bucket, Key=names.model_contract_key(digest))["Body"].read()
        except ClientError as error:
            if error_code(error) == "NoSuchKey":
                raise ModelFailedError("the contract that the model was trained with is gone: train again") from error
            raise TransientError(f"contract {digest} cannot be read: {error}") from error
        except BotoCoreError as error:
            raise TransientError(f"contract {digest} cannot be read: {error}") from error

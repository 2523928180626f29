"""A secret's name stays taken until its deletion is due."""

import uuid

import pytest
from botocore.exceptions import ClientError

from tests.contract.aws.conftest import Emulator


@pytest.mark.on_aws
def test_secret_scheduled_for_deletion_keeps_its_name(emulator: Emulator) -> None:
    """What the case secret-scheduled-for-deletion rests on."""
    secrets = emulator.client("secretsmanager")
    name = f"keys-{uuid.uuid4().hex[:8]}"
    secrets.create_secret(Name=name, SecretString="first")
    secrets.delete_secret(SecretId=name, RecoveryWindowInDays=7)

    with pytest.raises(ClientError) as error:
        secrets.create_secret(Name=name, SecretString="second")

    assert error.value.response["Error"]["Code"] == "InvalidRequestException"
    assert "scheduled for deletion" in str(error.value)
    secrets.restore_secret(SecretId=name)
    secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    secrets.create_secret(Name=name, SecretString="third")

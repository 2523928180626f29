"""A service that is not there is refused at once, and with a sentence."""

import time

import psutil
import pytest
from botocore.exceptions import ClientError

from tests.contract.aws.conftest import Emulator


def memory_mb(emulator: Emulator) -> float:
    return psutil.Process(emulator.process.pid).memory_info().rss / 1e6


@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        ("xray", "get_groups", {}),
        ("application-autoscaling", "describe_scalable_targets", {"ServiceNamespace": "sagemaker"}),
        ("redshift", "describe_clusters", {}),
    ],
)
def test_an_unknown_service_is_refused_quickly_and_named(
    emulator: Emulator, service: str, operation: str, arguments: dict[str, str]
) -> None:
    client = emulator.client(service)
    before, started = memory_mb(emulator), time.monotonic()

    with pytest.raises(ClientError) as refusal:
        getattr(client, operation)(**arguments)

    assert time.monotonic() - started < 1
    assert memory_mb(emulator) - before < 30
    assert refusal.value.response["Error"]["Code"] == "UnknownOperationException"
    assert service in str(refusal.value)


def test_sagemaker_is_not_here_and_the_refusal_says_where(emulator: Emulator) -> None:
    with pytest.raises(ClientError, match="AWS_ENDPOINT_URL_SAGEMAKER"):
        emulator.client("sagemaker").list_endpoints()

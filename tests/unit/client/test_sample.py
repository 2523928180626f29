"""The sample row: whatever the contract asks for, it is a request that the API takes."""

import json

import pytest

from lakeloop.client.sample import middle, sample_features
from lakeloop.contract import DatasetContract
from tests.data import breast_cancer, tiny
from tests.unit.serving.asking import csv_of


@pytest.mark.parametrize("contract", [breast_cancer(), tiny()], ids=lambda contract: contract.name)
def test_the_function_that_judges_requests_accepts_the_sample(contract: DatasetContract) -> None:
    body = json.dumps({"features": sample_features(contract)})

    assert csv_of(body, contract)


@pytest.mark.parametrize(("low", "high", "value"), [(0, 10, 5), (3, None, 3), (None, -2, -2), (None, None, 1)], ids=str)
def test_a_number_lies_within_whatever_limits_there_are(low: float | None, high: float | None, value: float) -> None:
    assert middle(low, high) == value

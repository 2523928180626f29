"""The disk of a training instance, by the size of the data."""

import json

import pytest

from lakeloop.training.volume import does_not_fit, grown, volume_gb
from tests.cases import OPS
from tests.data import tiny
from tests.unit.training.requests import request_of, with_training


def test_training_data_of_12_gb_has_a_volume_that_holds_it() -> None:
    """ops/training-data-of-12-gb."""
    entries = json.loads((OPS / "training-data-of-12-gb" / "objects.json").read_text())
    data_bytes = sum(entry["size_bytes"] for entry in entries)

    definition = request_of(tiny(), data_bytes=data_bytes)["TrainingJobDefinition"]

    assert definition["ResourceConfig"]["VolumeSizeInGB"] == 23 > data_bytes / 2**30
    assert grown(tiny().training, data_bytes) == "11.2 GB of data on a volume of 23 GB"
    assert does_not_fit(tiny().training, data_bytes) == ""


@pytest.mark.parametrize(
    ("volume_gb", "data_bytes", "said"),
    [
        (12, 12 * 2**30, ""),
        (12, 12 * 2**30 + 1, "12.0 GB of data do not fit on training.volume_gb: 12. Leave it out, or write 25"),
        (None, 8192 * 2**30, ""),
        (None, 8192 * 2**30 + 1, "8,192.0 GB of data do not fit on the largest volume, which has 16,384 GB: keep less"),
    ],
)
def test_a_job_whose_data_does_not_fit_is_refused(volume_gb: int | None, data_bytes: int, said: str) -> None:
    refused = does_not_fit(with_training(volume_gb=volume_gb).training, data_bytes)

    assert refused.startswith(said)
    assert bool(refused) == bool(said)


@pytest.mark.parametrize(("data_bytes", "size"), [(0, 10), (5 * 2**30, 10), (5 * 2**30 + 1, 11)])
def test_a_volume_is_twice_the_data_and_10_gb_at_least(data_bytes: int, size: int) -> None:
    assert volume_gb(tiny().training, data_bytes) == size
    assert bool(grown(tiny().training, data_bytes)) == (size > 10)

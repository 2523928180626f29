"""A prediction that was kept, found by its inference id."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from lakeloop.adapters.captures import S3Captures
from lakeloop.adapters.feedback import S3Labels
from lakeloop.capture import ids
from lakeloop.capture.keys import captures_folder
from lakeloop.capture.record import Capture
from lakeloop.client.environment import Environment
from lakeloop.client.errors import AdvisedError
from lakeloop.client.predicted import predicted
from lakeloop.feedback.label import Label
from tests.data import breast_cancer
from tests.unit.capture.world import capture, milliseconds
from tests.unit.client.deployed import deploy_contracts, emulated

DATASET = "breast_cancer"
SCOPE = ids.scope("lakeloop-test", DATASET)
AT = datetime.now(UTC).replace(minute=30, second=0, microsecond=0) - timedelta(days=2)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Environment]:
    with emulated(monkeypatch) as environment:
        index = deploy_contracts(environment.s3, environment.outputs.artifacts_bucket, breast_cancer())
        monkeypatch.setattr(environment, "outputs", environment.outputs.model_copy(update={"contracts_index": index}))
        yield environment


def keep(environment: Environment, at: datetime = AT, inference_id: str = "") -> Capture:
    made = inference_id or ids.make(SCOPE, kept=True, milliseconds=milliseconds(at))
    told = capture(made, at, dataset=DATASET)
    key = f"{captures_folder(DATASET, at)}{milliseconds(at)}.parquet"
    S3Captures(environment.s3, environment.outputs.captures_bucket).write(key, [told])
    return told


def label(environment: Environment, told: Capture, value: str, minutes: int) -> None:
    moment = AT + timedelta(minutes=minutes)
    said = Label(dataset=DATASET, inference_id=told.inference_id, label=value, event_time=moment, arrived=moment)
    S3Labels(environment.s3, environment.outputs.captures_bucket).put(said)


def test_it_comes_with_the_last_label_and_the_file_that_both_are_a_row_of(environment: Environment) -> None:
    told, other = keep(environment), keep(environment, AT + timedelta(seconds=5))
    label(environment, told, '"benign"', 20)
    label(environment, told, '"malignant"', 10)
    label(environment, other, '"malignant"', 30)

    [found] = predicted(environment, told.inference_id)

    assert (found.capture, found.label) == (told, '"benign"')
    assert found.window.endswith(f"/incoming/{DATASET}/feedback/{AT:%Y-%m-%dT%H}.parquet")


def test_an_id_of_the_callers_own_is_looked_for_as_long_as_labels_count(environment: Environment) -> None:
    keep(environment, inference_id="order-7")
    keep(environment, AT - timedelta(days=40), inference_id="order-6")

    [found] = predicted(environment, "order-7")

    assert (found.capture.inference_id, found.label) == ("order-7", "")
    assert list(predicted(environment, "order-6")) == []


def test_one_that_was_not_kept_is_told_from_one_that_nobody_was_given(environment: Environment) -> None:
    at = milliseconds(AT)

    with pytest.raises(AdvisedError, match="of breast_cancer was answered and not kept"):
        list(predicted(environment, ids.make(SCOPE, kept=False, milliseconds=at)))
    assert list(predicted(environment, ids.make("else/tiny", kept=True, milliseconds=at))) == []

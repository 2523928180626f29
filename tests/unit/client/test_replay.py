"""Landed files are told to the chains of the loop, ten a call."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Chain
from lakeloop.client.errors import AdvisedError
from lakeloop.client.packs import Packs
from lakeloop.client.replay import Landing
from lakeloop.ingest.notification import LandedObject, landed_objects
from lakeloop.ingest.replay import Replayed
from lakeloop.messages import Compact, ReconcileLanding
from tests.fakes import message
from tests.unit.client.deployed import emulated

FILES = [
    Replayed(LandedObject("landing", f"incoming/breast_cancer/{n}.csv", "v1", "breast_cancer"), "not on main")
    for n in range(12)
]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Landing, Stubber, list[dict[str, Any]]]]:
    """A landing whose SNS takes what the stub says; with what was sent."""
    sent: list[dict[str, Any]] = []
    with emulated(monkeypatch) as environment:
        for name in ("replay_landing", "reconcile_landing"):
            chain = Chain(topic_arn=f"arn:{name}", queue_url="", dlq_url="", function_name="", log_group="")
            environment.outputs.chains[name] = chain
        environment.sns.meta.events.register("provide-client-params.sns", lambda params, **_: sent.append(params))
        with Stubber(environment.sns) as stubber:
            yield Landing(environment, Dataset(environment, "breast_cancer")), stubber, sent


def test_compact_is_asked_for_one_dataset_however_few_its_packs(monkeypatch: pytest.MonkeyPatch) -> None:
    with emulated(monkeypatch) as environment:
        chain = Chain(topic_arn="arn:compact", queue_url="", dlq_url="", function_name="", log_group="")
        environment.outputs.chains["compact"] = chain
        message = Compact(dataset="breast_cancer", fewest=2).model_dump_json()
        with Stubber(environment.sns) as stubber:
            stubber.add_response("publish", {"MessageId": "1"}, {"TopicArn": "arn:compact", "Message": message})

            Packs(environment, Dataset(environment, "breast_cancer")).compact()


def test_files_are_told_to_the_chain_of_replays_ten_a_call(
    told: tuple[Landing, Stubber, list[dict[str, Any]]],
) -> None:
    landing, stubber, sent = told
    for _ in range(2):
        stubber.add_response("publish_batch", {}, {"TopicArn": "arn:replay_landing", "PublishBatchRequestEntries": ANY})

    assert list(landing.replay(FILES)) == [10, 12]

    entries = [entry for call in sent for entry in call["PublishBatchRequestEntries"]]
    objects = [landed for entry in entries for landed in landed_objects(message(entry["Message"]))]
    assert objects == [file.landed for file in FILES]


def test_what_sns_does_not_take_is_told(told: tuple[Landing, Stubber, list[dict[str, Any]]]) -> None:
    landing, stubber, _ = told
    refused = {"Id": "0", "Code": "InternalError", "Message": "try later", "SenderFault": False}
    stubber.add_response("publish_batch", {"Failed": [refused]})

    with pytest.raises(AdvisedError, match="1 of 10 files: try later"):
        list(landing.replay(FILES))


def test_reconcile_landing_is_asked_to_look_at_one_dataset(
    told: tuple[Landing, Stubber, list[dict[str, Any]]],
) -> None:
    landing, stubber, sent = told
    stubber.add_response("publish", {"MessageId": "1"})

    landing.reconcile()

    assert ReconcileLanding.parse(sent[0]["Message"]).dataset == "breast_cancer"

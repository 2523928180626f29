"""A person asks for a job: on which commit, with whose name, and what is refused."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from lakeloop.client.asking import ask_for_training
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment
from lakeloop.client.errors import MistakenNameError
from lakeloop.contract import DatasetContract
from lakeloop.lake.ports import LakeCommit
from lakeloop.messages import TrainingAsked
from tests.data import breast_cancer
from tests.unit.client.deployed import emulated

HEAD, EARLIER = "a" * 64, "b" * 64


class Lake:
    """Main and a commit before."""

    def head(self, _repository: str) -> str:
        return HEAD

    def commit_at(self, _repository: str, ref: str) -> LakeCommit:
        return LakeCommit({"main": HEAD, "bbbb": EARLIER}[ref], {})


@dataclass
class World:
    environment: Environment
    dataset: Dataset
    sent: list[dict[str, Any]] = field(default_factory=list)

    def messages(self) -> list[TrainingAsked]:
        return [TrainingAsked.parse(call["Message"]) for call in self.sent]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with emulated(monkeypatch) as environment:
        monkeypatch.setattr(Environment, "lake", Lake())
        dataset = Dataset(environment, "breast_cancer")
        monkeypatch.setattr(Dataset, "contract", breast_cancer())
        found = World(environment, dataset)
        environment.sns.meta.events.register("provide-client-params.sns", lambda params, **_: found.sent.append(params))
        with Stubber(environment.sns) as stubber:
            for _ in range(2):
                stubber.add_response("publish", {"MessageId": "1"}, {"TopicArn": ANY, "Message": ANY})
            yield found


@pytest.mark.parametrize(
    ("at", "commit", "is_head"), [("", HEAD, True), ("main", HEAD, True), ("bbbb", EARLIER, False)]
)
def test_the_ask_names_commit_reason_and_who_asks(world: World, at: str, commit: str, is_head: bool) -> None:
    asked = ask_for_training(world.environment, world.dataset, at, "new features")

    assert (asked.commit, asked.is_head) == (commit, is_head)
    [sent] = world.messages()
    assert (sent.reason, sent.dataset, sent.repository, sent.commit, sent.why) == (
        "person",
        "breast_cancer",
        "lakeloop-test-breast-cancer",
        commit if at else "",
        "new features",
    )
    assert sent.who.startswith("arn:aws:")
    assert world.sent[0]["TopicArn"].endswith("lakeloop-test-start-tuning")


def test_two_asks_are_two_jobs(world: World) -> None:
    for _ in range(2):
        ask_for_training(world.environment, world.dataset)

    first, second = world.messages()
    assert first.id != second.id


def test_a_dataset_that_nothing_is_learned_from_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    unlearned = {**breast_cancer().model_dump(mode="json"), "problem": None, "label": None, "positive_class": None}
    monkeypatch.setattr(Dataset, "contract", DatasetContract.model_validate(unlearned))

    with pytest.raises(MistakenNameError, match="nothing is learned from breast_cancer"):
        ask_for_training(world.environment, world.dataset)
    assert world.sent == []

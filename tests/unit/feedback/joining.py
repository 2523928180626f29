"""Captures, labels and a lake in memory, with the join between them."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import polars as pl

from lakeloop.capture.record import Capture
from lakeloop.contract import DatasetContract
from lakeloop.feedback.join import JoinService
from lakeloop.feedback.label import Label
from lakeloop.feedback.ports import JoinState
from lakeloop.messages import JoinFeedback
from tests.data import tiny
from tests.fakes import MemoryCaptures, MemoryContracts, MemoryLabels, MemoryPublisher, message, notification
from tests.lake_content import rows_on_main
from tests.unit.capture.world import AT, capture
from tests.world import World

NOW = AT + timedelta(days=1)


@dataclass
class States:
    kept: dict[str, JoinState] = field(default_factory=dict)

    def get(self, dataset: str) -> JoinState:
        return self.kept.get(dataset, JoinState()).model_copy(deep=True)

    def put(self, dataset: str, state: JoinState) -> None:
        self.kept[dataset] = state.model_copy(deep=True)


class Loop:
    """Captures, labels and a lake, with the join between them."""

    def __init__(self, contract: DatasetContract) -> None:
        self.world = World(contract)
        self.contract = contract
        self.windows, self.labels, self.states = MemoryCaptures(self.world.crash), MemoryLabels(), States()
        self.publisher: MemoryPublisher[JoinFeedback] = MemoryPublisher(self.world.crash)
        self.dropped: list[str] = []

    def label(self, inference_id: str, label: object, at: datetime = NOW) -> None:
        self.labels.put(
            Label(
                dataset=self.contract.name,
                inference_id=inference_id,
                label=json.dumps(label),
                event_time=at,
                arrived=NOW,
            )
        )

    def labelled(self, at: datetime = AT, text: str = "") -> Capture:
        """A prediction and its label."""
        told = capture(at=at, input=text or asked("a", 1))
        self.windows.add(told)
        self.label(told.inference_id, "yes")
        return told

    def join(self, now: datetime = NOW, seconds: float = 900) -> None:
        """Join, and have what is dropped taken in."""
        service = JoinService(
            contracts=MemoryContracts(self.contract),
            captures=self.windows,
            labels=self.labels,
            states=self.states,
            landing=self,
            publisher=self.publisher,
            name_prefix="lakeloop-test",
            clock=lambda: now,
        )
        service.handle(message(JoinFeedback(dataset=self.contract.name).model_dump_json()), lambda: seconds)

    def put(self, key: str, body: bytes) -> None:
        self.dropped.append(key)
        told = notification(key, self.world.landing.drop(key, body))
        assert self.world.service.handle([message(told, f"m{len(self.dropped)}")]) == {}

    def main(self) -> pl.DataFrame:
        return rows_on_main(self.world.lake)


def upserted(**changes: object) -> DatasetContract:
    return tiny(delivery="upsert", quality={"max_rejected_fraction": 0.0, "min_rows": 100}, **changes)


def asked(key: str, number: float) -> str:
    return json.dumps({"id": key, "f": number, "i": None, "c": "a", "t": True})

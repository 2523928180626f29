"""Labels, from the HTTP request to the HTTP answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from lakeloop.contract import DatasetContract
from lakeloop.contract.ports import DeployedContracts
from lakeloop.feedback.label import Label, folder_of, reader_of_labels
from lakeloop.feedback.ports import Labels
from lakeloop.feedback.request import ToldLabel, told_labels
from lakeloop.feedback.verdict import Refusal, Verdict, refused_id
from lakeloop.observability import metrics
from lakeloop.reports import now
from lakeloop.serving.answer import Answer, refusal
from lakeloop.serving.datasets import learned
from lakeloop.serving.request import FieldProblem, json_text
from lakeloop.side_by_side import side_by_side
from lakeloop.values import RefusedValueError

# Each label is two calls.
THREADS = 16
INVALID = "the label does not fit the contract of the dataset"


class FeedbackService:
    """The work of `record_feedback`: each label is told what became of it, and what is told twice changes nothing."""

    def __init__(
        self, *, contracts: DeployedContracts, labels: Labels, name_prefix: str, clock: Callable[[], datetime] = now
    ) -> None:
        self._contracts = contracts
        self._labels = labels
        self._name_prefix = name_prefix
        self._clock = clock

    def handle(self, dataset: str, body: str, caller: str = "") -> Answer:
        try:
            return self._answered(dataset, body, caller)
        except Exception as error:  # noqa: BLE001 whatever happens, the caller is answered in the API's form
            return refusal(error, dataset)

    def _answered(self, dataset: str, body: str, caller: str) -> Answer:
        contract = learned(self._contracts, dataset)
        told, several = told_labels(body)
        others = [name for name in self._contracts.names if name != dataset]
        judge = Judge(self._labels, contract, Asked(self._name_prefix, others, self._clock(), caller))
        # Of labels for one id the earlier in the request is the earlier; those of other ids need not wait for them.
        by_id: dict[str, list[int]] = {}
        for place, one in enumerate(told):
            by_id.setdefault(one.inference_id, []).append(place)

        def judged(places: list[int]) -> list[tuple[int, Verdict | Refusal]]:
            return [(place, judge.of(told[place])) for place in places]

        verdicts = dict(chain.from_iterable(side_by_side(judged, by_id.values(), THREADS)))
        answered = [verdicts[place] for place in range(len(told))]
        refused = sum(isinstance(one, Refusal) for one in answered)
        metrics.add_metric(name="LabelsRecorded", unit="Count", value=len(answered) - refused)
        metrics.add_metric(name="LabelsRefused", unit="Count", value=refused)
        if several:
            counts = {"dataset": dataset, "taken": len(answered) - refused, "refused": refused}
            return Answer(200, {**counts, "labels": [one.body for one in answered]})
        [only] = answered
        return Answer(only.status if isinstance(only, Refusal) else 200, {"dataset": dataset, **only.body})


@dataclass(frozen=True)
class Asked:
    """What the labels of one request have in common; `others` are the other datasets."""

    name_prefix: str
    others: list[str]
    arrived: datetime
    caller: str


class Judge:
    """Takes or refuses the labels of one request."""

    def __init__(self, labels: Labels, contract: DatasetContract, asked: Asked) -> None:
        self._labels = labels
        self._contract = contract
        self._asked = asked
        self._reader = reader_of_labels(contract)

    def of(self, told: ToldLabel) -> Verdict | Refusal:
        problems = [*told.problems, *self._problems_of_label(told.label)]
        if problems:
            return Refusal(told.inference_id, 400, "invalid_request", INVALID, tuple(problems))
        asked = self._asked
        refused = refused_id(asked.name_prefix, self._contract, asked.others, told.inference_id, asked.arrived)
        return refused or self._taken(told)

    def _problems_of_label(self, label: object) -> list[FieldProblem]:
        try:
            self._reader.json(label)
        except RefusedValueError as error:
            expected = "missing" if label is None else f"expected {error.rule}"
            return [FieldProblem("label", expected)]
        return []

    def _taken(self, told: ToldLabel) -> Verdict:
        arrived = self._asked.arrived
        label = Label(
            dataset=self._contract.name,
            inference_id=told.inference_id,
            label=json_text(told.label),
            # A clock that goes wrong must not win for ever.
            event_time=min(told.event_time or arrived, arrived),
            arrived=arrived,
            label_source=told.label_source,
            caller=self._asked.caller,
        )
        known = list(self._labels.keys(folder_of(label.dataset, label.inference_id)))
        if label.key in known:
            return Verdict(told.inference_id, "known already" if label.key == known[-1] else "older, kept the newer")
        self._labels.put(label)
        return Verdict(told.inference_id, "older, kept the newer" if known and known[-1] > label.key else "recorded")

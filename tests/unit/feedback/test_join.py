"""Predictions and their labels become rows on main, whatever the order in which both come."""

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import polars as pl
import pytest

from lakeloop import names
from lakeloop.capture import ids
from lakeloop.capture.record import Capture
from lakeloop.compiler.warnings import warned
from lakeloop.contract import DatasetContract
from lakeloop.feedback.join import JoinService
from lakeloop.feedback.label import Label
from lakeloop.feedback.ports import JoinState
from lakeloop.feedback.rows import join
from lakeloop.messages import JoinFeedback
from tests.cases import PLAN
from tests.data import tiny, tiny_csv
from tests.fakes import MemoryContracts, MemoryLabels, MemoryPublisher, message, notification
from tests.lake_content import rows_on_main
from tests.unit.capture.world import AT, SCOPE, capture, milliseconds
from tests.unit.serving.asking import with_columns
from tests.world import World

NOW = AT + timedelta(days=1)
Predicted = tuple[datetime, str, float, str]
Rows = set[tuple[str, float, str]]


@dataclass
class Windows:
    """Captures by object, as the chain lays them."""

    kept: dict[str, list[Capture]] = field(default_factory=dict)

    def add(self, *captures: Capture) -> None:
        for one in captures:
            key = names.capture_key(one.dataset, one.predicted_at, [str(len(self.kept))])
            self.kept[key] = [one]

    def objects(self, dataset: str, since: datetime, until: datetime) -> Iterator[str]:
        first, last = names.captures_folder(dataset, since), names.captures_folder(dataset, until)
        yield from (key for key in sorted(self.kept) if first <= key.rpartition("/")[0] + "/" <= last)

    def read(self, key: str) -> list[Capture]:
        return self.kept[key]


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
        self.windows, self.labels, self.states = Windows(), MemoryLabels(), States()
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


def test_late_label_of_an_old_window() -> None:
    windows = json.loads((PLAN / "late-label-of-an-old-window" / "windows.json").read_text())
    contract = upserted(capture={"join_days": 60})
    made = {
        name: capture(
            at=datetime.fromisoformat(one["predicted"]).replace(tzinfo=UTC),
            input=asked(str(one["key"]), one["income"] / 1000),
        )
        for name, one in windows.items()
    }
    loop = Loop(contract)
    loop.windows.add(*made.values())

    for name in sorted(windows, key=lambda name: windows[name]["label_arrived"]):
        loop.label(made[name].inference_id, windows[name]["label"])
        loop.join()

    assert [key.rpartition("/")[2] for key in loop.dropped] == ["2026-11-10T00.parquet", "2026-11-01T00.parquet"]
    assert loop.main().select("id", "f", "y").rows() == [("7", 2.0, "no")]


def test_sensitive_column_is_a_feature() -> None:
    assert (PLAN / "sensitive-column-is-a-feature" / "expected.md").exists()
    contract = with_columns(c={"sensitive": True, "feature": True})
    hashed = capture(input='{"id":"k1","f":1.5,"i":7,"c":"hmac-sha256:00ff","t":true}')

    joined = join(contract, [hashed], {hashed.inference_id: '"yes"'})

    assert joined.rows == []
    assert joined.skipped == {"`c` is sensitive, so predictions are kept without it": 1}
    assert any("`c` is sensitive" in said for path, said in warned(contract) if path == ("capture",))
    assert not [said for path, said in warned(tiny()) if path == ("capture",)]


def test_what_is_joined_again_is_dropped_only_where_it_changed() -> None:
    loop = Loop(upserted())
    first, second = (capture(input=asked(key, 1)) for key in ("a", "b"))
    loop.windows.add(first, second)
    loop.label(first.inference_id, "yes")

    loop.join()
    loop.join()
    loop.label(second.inference_id, "no")
    loop.join()
    loop.label(second.inference_id, "no", NOW - timedelta(hours=1))
    loop.join()

    assert len(loop.dropped) == 2
    assert sorted(loop.main().select("id", "y").rows()) == [("a", "yes"), ("b", "no")]


def test_a_label_that_comes_before_its_prediction_is_written_is_joined_when_it_is() -> None:
    loop = Loop(upserted())
    late = capture(input=asked("a", 1))
    loop.label(late.inference_id, "yes")

    loop.join()
    loop.windows.add(late)
    loop.join()

    assert loop.main()["id"].to_list() == ["a"]


def test_a_row_says_where_it_comes_from_and_is_as_old_as_its_prediction() -> None:
    loop = Loop(upserted())
    loop.labelled()

    loop.join()

    [source], [landed] = loop.main()["_source"].to_list(), loop.main()["_landed"].to_list()
    assert source.endswith("/incoming/tiny/feedback/2026-11-26T10.parquet")
    assert landed == AT.replace(minute=0)


def test_rows_of_predictions_do_not_end_the_alarm_that_waits_for_a_delivery(capsys: pytest.CaptureFixture[str]) -> None:
    loop = Loop(upserted())
    loop.labelled()

    loop.join()

    assert loop.main().height == 1
    assert "FilesTaken" not in capsys.readouterr().out


def test_a_request_without_the_key_makes_a_row_under_its_inference_id() -> None:
    loop = Loop(upserted())
    told = loop.labelled(text='{"f":1.5,"c":"a"}')

    loop.join()

    assert loop.main()["id"].to_list() == [f"inference:{told.inference_id}"]


@pytest.mark.parametrize(
    ("inputs", "label", "reason"),
    [
        (['{"id":"a","f":1}', '{"id":"a","f":2}'], '"yes"', "the inference id was given to several inputs"),
        (['{"id":"a","f":99}'], '"yes"', "today's contract refuses the `f`"),
        (['{"id":"a"}'], '"yes"', "the request held no `f`"),
        (['{"id":"a","f":1}'], '"maybe"', "the label does not fit today's contract"),
    ],
)
def test_what_makes_no_row_is_counted_with_its_reason(inputs: list[str], label: str, reason: str) -> None:
    captures = [capture("order-7", AT + timedelta(seconds=number), input=text) for number, text in enumerate(inputs)]

    joined = join(tiny(), captures, {"order-7": label})

    assert (joined.rows, joined.skipped) == ([], {reason: 1})


def test_of_one_key_the_latest_prediction_makes_the_row_and_the_others_are_counted() -> None:
    captures = [
        capture(f"order-{number}", AT + timedelta(seconds=number), input=json.dumps({"id": "a", "f": number}))
        for number in (2, 0, 1)
    ]

    joined = join(tiny(), captures, dict.fromkeys(("order-0", "order-1", "order-2"), '"yes"'))

    assert [row["f"] for row in joined.rows] == [2]
    assert joined.skipped == {"a later prediction of the same key": 2}


def test_a_request_that_was_sent_again_is_one_row() -> None:
    captures = [capture("order-7", AT + timedelta(seconds=number)) for number in range(3)]

    assert len(join(tiny(), captures, {"order-7": '"yes"'}).rows) == 1


def test_the_rest_is_asked_for_where_time_runs_out() -> None:
    loop = Loop(upserted())
    loop.labelled()

    loop.join(seconds=10)

    assert [one.dataset for one in loop.publisher.published] == ["tiny"]
    assert loop.dropped == []


def test_a_label_that_came_in_the_last_minute_is_joined_by_the_next_run() -> None:
    loop = Loop(upserted())
    loop.labelled()

    loop.join(AT + timedelta(days=loop.contract.capture.join_days, hours=1))

    assert loop.main()["id"].to_list() == ["a"]


def test_each_label_is_read_once_however_many_hours_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = Loop(upserted())
    for hours in range(20):
        loop.labelled(AT - timedelta(hours=hours), asked(f"k{hours}", 1))
    read = Mock(wraps=ids.read)
    monkeypatch.setattr(ids, "read", read)

    loop.join()

    assert len(loop.dropped) == read.call_count == 20


def test_a_label_of_an_answer_that_came_in_the_next_hour_is_joined() -> None:
    loop = Loop(upserted())
    end = AT.replace(minute=59, second=30)
    told = capture(ids.make(SCOPE, kept=True, milliseconds=milliseconds(end)), at=end + timedelta(seconds=45))
    loop.windows.add(told)
    loop.label(told.inference_id, "yes")

    loop.join()

    assert loop.main()["id"].to_list() == ["k1"]


def test_what_is_known_of_windows_that_no_label_counts_for_any_longer_is_forgotten() -> None:
    loop = Loop(upserted())
    loop.labelled()
    loop.join()
    later = AT + timedelta(days=60)
    loop.labelled(later)

    loop.join(later)

    state = loop.states.get("tiny")
    assert list(state.made_of) == list(state.files) == [later.strftime(names.WINDOW_HOUR)]


def test_a_file_that_anybody_drops_beside_them_is_read_as_any_other() -> None:
    world = World(tiny())

    assert world.service.handle([world.drop("feedback/mine.csv", tiny_csv("k1,yes,1,,,"))]) == {}

    assert rows_on_main(world.lake)["id"].to_list() == ["k1"]


def truth(
    predictions: list[tuple[datetime, str, float, str]], labels: Mapping[str, list[tuple[datetime, str]]]
) -> Rows:
    """Of each key the latest prediction that has a label, with the label of the latest event: by brute force."""
    found: dict[str, tuple[datetime, float, str]] = {}
    for at, key, number, id_ in predictions:
        if labels.get(id_):
            label = max(labels[id_])[1]
            if key not in found or at > found[key][0]:
                found[key] = (at, number, label)
    return {(key, number, label) for key, (_, number, label) in found.items()}


@pytest.mark.parametrize("seed", range(4))
def test_whatever_the_order_main_holds_the_truth(seed: int) -> None:
    drawn = random.Random(seed)  # noqa: S311 no secret is drawn
    loop = Loop(upserted())
    predictions = [
        (AT - timedelta(minutes=drawn.randrange(60 * 30), seconds=number), f"k{drawn.randrange(12)}", number / 10)
        for number in range(40)
    ]
    captures = [capture(at=at, input=asked(key, number)) for at, key, number in predictions]
    labels: dict[str, list[tuple[datetime, str]]] = {}
    steps: list[tuple[str, object]] = [("capture", one) for one in captures]
    for one in captures:
        for _ in range(drawn.choice((0, 1, 1, 2))):
            told = (NOW - timedelta(minutes=drawn.randrange(1000)), drawn.choice(("yes", "no")))
            if told[0] not in {at for at, _ in labels.get(one.inference_id, [])}:
                labels.setdefault(one.inference_id, []).append(told)
                steps += [("label", (one.inference_id, *told))] * drawn.choice((1, 2))
    steps += [("join", None)] * 4
    drawn.shuffle(steps)

    for kind, what in [*steps, ("join", None)]:
        if isinstance(what, Capture):
            loop.windows.add(what)
        elif isinstance(what, tuple):
            loop.label(what[0], what[2], what[1])
        elif kind == "join":
            loop.join()

    expected = truth([(*one, made.inference_id) for one, made in zip(predictions, captures, strict=True)], labels)
    assert set(loop.main().select("id", "f", "y").rows()) == expected
    assert loop.main().height == len(expected)

"""Predictions and their labels become rows on main, whatever the order in which both come."""

import json
import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import pytest

from lakeloop import names
from lakeloop.capture import ids
from lakeloop.capture.record import Capture
from tests.cases import PLAN
from tests.data import tiny, tiny_csv
from tests.lake_content import rows_on_main
from tests.unit.capture.world import AT, SCOPE, capture, milliseconds
from tests.unit.feedback.joining import NOW, Loop, asked, upserted
from tests.world import World

Rows = set[tuple[str, float, str]]


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

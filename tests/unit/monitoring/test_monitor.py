"""The watch over predictions: what it says, and that it says the same however it was woken."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from lakeloop.errors import TransientError
from lakeloop.feedback.label import LEAST_CONFIDENT
from lakeloop.messages import WatchPredictions
from lakeloop.monitoring.window import Verdict
from tests.fakes import message
from tests.unit.monitoring.watching import LIMITS, MORNING, Scene, watched_table

PER_FEATURE = {"FeatureDrift", "FeatureMissing"}
NAMES = PER_FEATURE | {"InputsDrift", "AnswersDecay", "LabelledShare", "LabelDelay"}
# Of a look: fewer would mean that a scene has nothing to see.
FEWEST_CALLS = 15


def drifted() -> Scene:
    """Two hours of inputs that are not like those the model learned from, whose labels came back as rows."""
    scene = Scene()
    for hour in (0, 1):
        scene.predict(hour, shift=3.0)
        scene.come_back(hour)
    return scene


def test_predictions_like_the_rows_that_were_learned_are_ok() -> None:
    scene = Scene()
    scene.predict(0)

    state = scene.look(1)

    [judged] = state.windows
    assert (judged.window.verdict, judged.window.rows) == (Verdict.OK, 120)
    assert {finding.name for finding in judged.window.findings} >= {"f", "i", "c"}
    assert scene.trainer.published == []
    assert scene.said.startswith("ok: ")


def test_drift_is_named_and_asks_for_training_once_in_its_episode() -> None:
    scene = drifted()

    states = [scene.look(hour) for hour in (1, 2, 2)]
    scene.predict(2, shift=3.0)
    states.append(scene.look(3))

    assert states[0].windows[-1].window.drifted == ("f",)
    assert [state.episode is not None for state in states] == [False, True, True, True]
    [asked] = scene.trainer.published
    assert (asked.reason, asked.dataset, asked.repository) == ("drift", "tiny", "lakeloop-test-tiny")
    assert states[-1].episode
    assert states[-1].episode.begun == MORNING
    assert scene.said.startswith("drift: inputs drift: training is asked for; f: PSI ")
    assert not scene.world.reports.reports["tiny", "monitor"].good


def test_fewer_predictions_than_a_window_has_wait_for_more() -> None:
    scene = Scene()
    scene.predict(0, rows=60, shift=3.0)
    first = scene.look(1)
    said = scene.said
    scene.predict(1, rows=60, shift=3.0)

    second = scene.look(2)

    assert (first.windows, first.tally.rows, said) == ([], 60, "insufficient data: 60 predictions, 100 are needed")
    assert [(judged.begun, judged.ended) for judged in second.windows] == [(MORNING, MORNING + timedelta(hours=2))]


def test_a_model_of_few_rows_has_no_verdict() -> None:
    scene = Scene(rows=60)
    scene.predict(0, shift=3.0)

    assert scene.look(1).windows[0].window.verdict is Verdict.FEW_REFERENCE
    assert scene.said.startswith("insufficient reference: ")


def test_a_season_is_spanned_by_each_window() -> None:
    scene = Scene(watched_table(monitor={**LIMITS, "season": "3h"}))
    for hour in range(3):
        scene.predict(hour)

    assert scene.look(2).windows == []
    [judged] = scene.look(3).windows
    assert judged.window.rows == 360


def test_an_hour_is_counted_when_it_is_over_and_what_came_late_with_the_next() -> None:
    scene = Scene()
    scene.predict(1, rows=30)
    assert scene.look(1).tally.rows == 0
    assert scene.look(2).tally.rows == 30
    scene.predict(0, rows=30, name="late")

    assert scene.look(3).tally.rows == 60


def test_a_prediction_that_was_told_twice_counts_once() -> None:
    scene = Scene()
    told = scene.predict(0, rows=70)
    scene.captures.add(*told[:50], *told[:5], name="again")

    assert scene.look(1).tally.rows == 70


def test_answers_of_another_model_and_sensitive_columns_do_not_count() -> None:
    scene = Scene()
    scene.predict(0)
    scene.serve("model-2", "job-2")
    today = watched_table(
        columns=[
            {**column.model_dump(exclude_defaults=True), **({"sensitive": True} if column.name == "f" else {})}
            for column in scene.contract.columns
        ]
    )
    scene.predict(0, rows=110, shift=3.0)

    [judged] = scene.look(1, today).windows

    assert judged.window.rows == 110
    assert "f" not in {finding.name for finding in judged.window.findings}


def test_another_model_begins_anew_and_drift_of_its_inputs_asks_again() -> None:
    scene = drifted()
    scene.look(2)
    scene.serve("model-2", "job-2")

    begun = scene.look(2)
    scene.predict(2, shift=3.0)
    scene.predict(3, shift=3.0)
    scene.come_back(3)
    again = scene.look(4)

    assert (begun.model, begun.windows, begun.episode) == ("model-2", [], None)
    assert again.episode
    assert again.episode.model == "model-2"
    assert len(scene.trainer.published) == 2


def test_drift_without_labels_is_an_alarm_and_asks_when_they_come() -> None:
    scene = Scene()
    scene.predict(3, shift=3.0)
    scene.predict(4, shift=3.0)
    scene.come_back(1)
    scene.look(5)
    said = scene.said

    assert scene.trainer.published == []
    scene.come_back(4)
    scene.look(6)

    assert said.startswith("drift without labels: inputs drift: no labelled row has come since 2026-11-26 03:00")
    assert len(scene.trainer.published) == 1


def test_a_contract_that_wants_an_alarm_alone_has_no_job() -> None:
    scene = drifted()

    scene.look(2, watched_table(monitor={**LIMITS, "on_drift": "alarm"}))

    assert scene.trainer.published == []
    assert scene.said.startswith("drift: inputs drift: an alarm alone, by contract; ")


def test_what_cools_down_is_asked_for_afterwards() -> None:
    scene = drifted()
    cooling = watched_table(retrain={"min_new_rows": 3, "cool_down": "6h"})
    scene.look(2, cooling)
    assert scene.trainer.published == []
    assert "asks for training after 2026-11-26 08:20 UTC, by retrain.cool_down" in scene.said

    scene.look(9, cooling)

    assert len(scene.trainer.published) == 1


def test_answers_that_are_worse_than_promised_ask_once() -> None:
    scene = Scene()
    answered = scene.predict(0)
    scene.come_back(0)
    scene.label(answered, wrong=0.5)

    states = [scene.look(hour) for hour in (1, 2)]

    assert states[0].quality
    assert states[0].quality.decayed
    assert states[0].hours["2026-11-26T00"].labelled == 120
    assert states[0].hours["2026-11-26T00"].delay == 3600
    assert [asked.why for asked in scene.trainer.published] == ["answers decay: asks for training"]


def test_answers_as_good_as_promised_and_labels_of_unsure_ones_are_no_decay() -> None:
    scene = Scene()
    scene.label(scene.predict(0), wrong=0.1)
    scene.label(scene.predict(1), wrong=1.0, source=LEAST_CONFIDENT)

    state = scene.look(2)

    assert state.quality
    assert (state.quality.rows, state.quality.decayed) == (120, False)


def test_a_label_that_is_corrected_later_counts_instead() -> None:
    scene = Scene()
    answered = scene.predict(0)
    scene.label(answered, wrong=0.9)
    before = scene.look(1).quality
    scene.label(answered, wrong=0.1, hours=2)

    after = scene.look(3).quality

    assert before
    assert after
    assert (before.decayed, after.decayed) == (True, False)


def test_a_request_that_was_sent_again_has_one_label_and_an_id_of_two_inputs_none() -> None:
    scene = Scene()
    first, second, *others = scene.predict(0)
    later = first.predicted_at + timedelta(minutes=30)
    scene.captures.add(replace(first, predicted_at=later), replace(second, predicted_at=later, input='{"f":1.0}'))
    scene.label([first, second, *others])

    assert scene.look(1).hours["2026-11-26T00"].labelled == 119


def test_a_look_that_was_killed_anywhere_ends_as_one_that_was_not() -> None:
    scene = drifted()
    scene.label([one for some in scene.captures.kept.values() for one in some])
    scene.crash.calls = 0
    expected = scene.look(2)
    calls = scene.crash.calls

    for crash_at in range(1, calls + 1):
        scene.states.kept.clear()
        scene.kept.objects.clear()
        scene.trainer.published.clear()
        found = scene.look_until_done(2, crash_at)

        assert found == expected, crash_at
        # Killed between the ask and the note of it, it asks again: start_tuning starts one job.
        assert len(scene.trainer.published) in {1, 2}
    assert calls > FEWEST_CALLS


def test_two_looks_at_once_are_one() -> None:
    scene = drifted()
    seen = scene.states.get
    stale = seen("tiny")
    scene.look(2)
    scene.states.get = lambda dataset: stale  # type: ignore[method-assign]

    with pytest.raises(TransientError, match="another monitor"):
        scene.look(2)

    assert len(scene.trainer.published) == 1


def test_a_look_without_time_asks_for_the_rest() -> None:
    scene = drifted()

    scene.look(2, seconds=30)

    assert scene.state.windows == []
    assert scene.publisher.published == [WatchPredictions(dataset="tiny")]
    assert len(scene.look(2).windows) == 2


def test_alarms_and_graphs_are_told_what_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    scene = drifted()
    scene.label([one for some in scene.captures.kept.values() for one in some][:60])
    scene.look(1)
    capsys.readouterr()

    [*_, judged] = scene.look(2).windows

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"CloudWatchMetrics"' in line]
    told = {(name, one.get("feature")): one[name] for one in lines for name in NAMES & one.keys()}
    of_features = {(name, finding.name) for finding in judged.window.findings for name in PER_FEATURE}
    assert {"f", "answer:prediction", "answer:confidence"} <= {finding.name for finding in judged.window.findings}
    assert told.keys() == of_features | {(name, None) for name in NAMES - PER_FEATURE}
    assert [told[name, None] for name in ("InputsDrift", "AnswersDecay")] == [[1], [0]]
    assert [told[name, None] for name in ("LabelledShare", "LabelDelay")] == [[60 / 240], [3600]]
    assert told["FeatureDrift", "f"][0] > 1
    assert {one["dataset"] for one in lines} == {"tiny"}


def test_where_nothing_serves_nothing_is_watched() -> None:
    scene = Scene()
    scene.hosting.endpoints.clear()

    scene.wake(1)

    assert scene.said == "no model serves"
    assert scene.states.kept == {}


def test_the_clock_has_each_dataset_watched_that_is_learned_and_captured() -> None:
    scene = Scene()
    asked = message(WatchPredictions().model_dump_json())

    scene.service().handle(asked, lambda: 900)
    scene.service(watched_table(capture={"enabled": False})).handle(asked, lambda: 900)

    assert scene.publisher.published == [WatchPredictions(dataset="tiny")]

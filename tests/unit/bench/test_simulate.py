"""`make simulate` closes the circle in one process by the product's own rules."""

from bench.simulate.__main__ import summary
from bench.simulate.loop import Loop, Setting
from bench.simulate.report import page
from bench.simulate.world import World
from lakeloop.contract import Retrain


def test_sudden_drift_is_named_on_its_first_day_and_learned_on_its_second() -> None:
    setting = Setting(history=2600, labelled=1.0, retrain=Retrain(min_new_rows=100_000))
    loop = Loop(World("breast_cancer", "sudden", 0, since=6, days=9), setting, 0)

    for day in range(9):
        loop.live(day)

    first = next(day for day in loop.days if day.events)
    assert not any(day.drifted for day in loop.days[:6])
    assert loop.days[6].drifted
    assert first.day == 7
    assert first.events[0].startswith("inputs drift")
    assert first.events[1].startswith("promoted job-1 (drift, ")
    assert loop.days[8].with_loop > loop.days[8].without + 0.02
    said = summary([loop])
    assert (said["retrained"], said["asked_by_drift"], said["interval"]) == (1, loop.asked, None)
    assert "promoted job-1" in page("a simulation", [loop], 6)

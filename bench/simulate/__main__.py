"""Thirty days of a shipped dataset with traffic, late labels and drift, with the loop and without it.

Rows are drawn from the table with a little noise, for it has a few hundred of its own; both arms see the same ones.
Without the loop the first model answers on. Drift, decay, training and promotion are decided by the product's own rules
on one machine; the model is XGBoost's with one setting. It shows that the rules close the circle, not what AWS does.

The last line is one JSON object: the mean share of right answers in the last ten days `with_loop` and `without_loop`,
the half width of the 95 % `interval` of their difference over the seeds (null for one seed), how many models were
`retrained` and promoted, and how often drift or decay asked.
"""

import argparse
import json
import math
import statistics
from pathlib import Path

from bench.simulate.loop import Loop, Setting
from bench.simulate.report import page
from bench.simulate.world import TABLES, Drift, World

LAST = 10
# Of Student's t at 95 %, by degrees of freedom; of more, the last.
T = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", choices=sorted(TABLES), default="breast_cancer")
    parser.add_argument("--drift", choices=["none", "covariate", "sudden", "label"], default="sudden")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--since", type=int, default=10, help="the day on which drift begins")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("build/simulation.html"))
    asked = parser.parse_args()
    loops = [simulated(asked.dataset, asked.drift, seed, asked.since, asked.days) for seed in range(asked.seeds)]
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(page(f"{asked.dataset}, {asked.drift} drift", loops, asked.since))
    print(f"report: {asked.out}")
    print(json.dumps(summary(loops)))


def simulated(dataset: str, drift: Drift, seed: int, since: int, days: int) -> Loop:
    """One seed, told as it goes."""
    loop = Loop(World(dataset, drift, seed, since, days), Setting(), seed)
    for day in range(days):
        loop.live(day)
        for event in loop.days[-1].events:
            print(f"seed {seed} day {day}: {event}", flush=True)
    return loop


def summary(loops: list[Loop]) -> dict[str, float | None]:
    """Means over the seeds of the last days, and what chance makes of their difference."""
    mine = [statistics.fmean(day.with_loop for day in loop.days[-LAST:]) for loop in loops]
    alone = [statistics.fmean(day.without for day in loop.days[-LAST:]) for loop in loops]
    gains = [a - b for a, b in zip(mine, alone, strict=True)]
    freedom = len(gains) - 1
    reach = T[min(freedom, len(T)) - 1] * statistics.stdev(gains) / math.sqrt(len(gains)) if freedom else None
    return {
        "with_loop": round(statistics.fmean(mine), 4),
        "without_loop": round(statistics.fmean(alone), 4),
        "interval": None if reach is None else round(reach, 4),
        "retrained": sum(event.startswith("promoted") for loop in loops for day in loop.days for event in day.events),
        "asked_by_drift": sum(loop.asked for loop in loops),
    }


if __name__ == "__main__":
    main()

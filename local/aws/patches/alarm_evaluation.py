"""Alarms look at their own metric, period by period, and by themselves.

Gap in ministack: an alarm takes in every metric of its name whatever the dimensions, all periods as one, ignores how
missing data is to be treated, and is looked at only when somebody puts a datum.
"""

import time
from collections.abc import Callable
from typing import Any

from lakeloop.local.aws.alarms import COMPARISONS, Rule, Verdict, judge
from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import Settings

MODULE = "ministack.services.cloudwatch"
EVALUATE = PrivateName(MODULE, "_evaluate_alarm", ("alarm",))
EVALUATE_ALL = PrivateName(MODULE, "_evaluate_all_alarms", ())
METRICS = PrivateName(MODULE, "_metrics")
DIMENSIONS_KEY = PrivateName(MODULE, "_dims_key", ("dims",))
STATISTICS = PrivateName(MODULE, "_calc_stats", ("points",))
STATISTIC = PrivateName(MODULE, "_stat_value", ("stats", "stat_name", "points"))
RECORD_HISTORY = PrivateName(
    MODULE, "_record_history", ("alarm_name", "old_state", "new_state", "reason", "alarm_type", "reason_data")
)
DISPATCH_ACTIONS = PrivateName(MODULE, "_dispatch_alarm_actions", ("alarm", "old_state", "new_state", "reason"))
EVALUATE_PARENTS = PrivateName(MODULE, "_evaluate_parent_alarms", ("child", "seen"))
TOUCHES = (
    EVALUATE,
    EVALUATE_ALL,
    METRICS,
    DIMENSIONS_KEY,
    STATISTICS,
    STATISTIC,
    RECORD_HISTORY,
    DISPATCH_ACTIONS,
    EVALUATE_PARENTS,
)

Alarm = dict[str, Any]


def apply(settings: Settings) -> Callable[[], None]:
    EVALUATE.replace(evaluate)
    look_at_all: Callable[[], None] = EVALUATE_ALL.get()
    return look_at_all


def evaluate(alarm: Alarm) -> None:
    # Alarms on metric math carry no metric of their own and stay as they are.
    if not alarm.get("MetricName") or alarm.get("ComparisonOperator") not in COMPARISONS:
        return
    verdict = judge(rule_of(alarm), values_of(alarm, time.time()))
    if verdict.state not in {None, alarm["StateValue"]}:
        change(alarm, verdict)


def rule_of(alarm: Alarm) -> Rule:
    return Rule(
        comparison=alarm["ComparisonOperator"],
        threshold=float(alarm.get("Threshold") or 0),
        datapoints_to_alarm=int(alarm.get("DatapointsToAlarm") or alarm["EvaluationPeriods"]),
        missing=alarm.get("TreatMissingData") or "missing",
    )


def values_of(alarm: Alarm, now: float) -> list[float | None]:
    """The alarm's statistic in each of its periods, the last of which ends now."""
    dimensions = {dimension["Name"]: dimension["Value"] for dimension in alarm.get("Dimensions") or ()}
    key = (alarm["Namespace"], alarm["MetricName"], DIMENSIONS_KEY.get()(dimensions))
    points = METRICS.get().get(key) or []
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
    values: list[float | None] = []
    for number in range(int(alarm["EvaluationPeriods"]), 0, -1):
        start = now - number * alarm["Period"]
        within = [point for point in points if start < point["Timestamp"] <= start + alarm["Period"]]
        values.append(STATISTIC.get()(STATISTICS.get()(within), statistic, within) if within else None)
    return values


def change(alarm: Alarm, verdict: Verdict) -> None:
    old, new = alarm["StateValue"], verdict.state
    alarm.update(StateValue=new, StateReason=verdict.reason, StateUpdatedTimestamp=int(time.time()))
    RECORD_HISTORY.get()(alarm["AlarmName"], old, new, verdict.reason)
    DISPATCH_ACTIONS.get()(alarm, old, new, verdict.reason)
    EVALUATE_PARENTS.get()(alarm)

"""What an alarm's datapoints mean: CloudWatch's rules of M out of N periods and of missing data, as a pure function."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}


@dataclass(frozen=True)
class Rule:
    """When an alarm is in alarm."""

    comparison: str
    threshold: float
    datapoints_to_alarm: int
    missing: str

    def breaches(self, value: float) -> bool:
        return COMPARISONS[self.comparison](value, self.threshold)


@dataclass(frozen=True)
class Verdict:
    """The state of an alarm and why; a state of None keeps the one it has."""

    state: str | None
    reason: str


def judge(rule: Rule, values: Sequence[float | None]) -> Verdict:
    """The verdict on one value per evaluated period, None where nothing was reported."""
    reported = [value for value in values if value is not None]
    if not reported:
        return judge_silence(rule.missing, len(values))
    filled = len(values) - len(reported)
    breaching = sum(rule.breaches(value) for value in reported)
    needed = rule.datapoints_to_alarm
    if rule.missing == "breaching":
        breaching += filled
    elif rule.missing == "missing":
        # Periods without data do not count at all: what was reported decides.
        needed = min(needed, len(reported))
    told = f"{breaching} of {len(values)} datapoints {rule.comparison} {rule.threshold}: {reported}"
    if breaching >= needed:
        return Verdict("ALARM", f"Threshold Crossed: {told}")
    if rule.missing == "ignore" and breaching + filled >= needed:
        return Verdict(None, f"Undecided while data is missing: {told}")
    return Verdict("OK", f"Threshold not crossed: {told}")


def judge_silence(missing: str, periods: int) -> Verdict:
    state = {"breaching": "ALARM", "notBreaching": "OK", "ignore": None}.get(missing, "INSUFFICIENT_DATA")
    return Verdict(state, f"No datapoints were received for {periods} periods; missing data is treated as {missing}")

"""The promotion rule: what becomes of a challenger, from its comparisons with the champion.

Two questions, on test rows that neither model has learned from. *Is it better?* The metric must gain `min_gain` on the
test rows since the champion's commit, and the interval of that gain must lie above 0. After a drift the old rows would
outvote the new ones, so all test rows are asked only where the new ones are too few to tell. *Is it nowhere worse?* On
all test rows, on those that are not feedback and on each slice of the contract it must not lose more than its limit.
Wrong labels that come back through the API lie in the test split too, and agree with the model that learned them.

One test split judges again and again, and chance alone would promote a challenger in two of five series of thirty. So
all judgements of one champion share one probability of error: the k-th may spend 1 / (k (k + 1)) of `ERROR`, which adds
up to the whole, however many there are and however much alike the challengers (alpha-spending, the online form of
Bonferroni's correction: Tian and Ramdas, Online control of the familywise error rate, Statistical Methods in Medical
Research 30(4), 2021). The next champion begins anew, on rows that have judged nothing before its commit.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lakeloop.contract import Promotion
from lakeloop.evaluation.sentences import gained as told
from lakeloop.evaluation.sentences import share
from lakeloop.evaluation.verdict import Comparison, Interval, Outcome, Part
from lakeloop.registry.ports import Approval

# That challengers which are no better than the champion ever take its place, however often they try: all of them
# together what one interval of 95 % leaves above itself.
ERROR = 0.025
# What fewer rows seem to lose is chance.
ENOUGH_ROWS = 30


@dataclass(frozen=True)
class Decision:
    """The first reason alone says why."""

    outcome: Outcome
    approval: Approval
    reasons: tuple[str, ...]


def confidence(judged: int, parts: int) -> float:
    """Of the two-sided intervals of the gains at the `judged`-th judgement of a champion, counted from 1.

    Each of `parts` sets of rows that may promote by itself takes its share of the error.
    """
    return 1 - 2 * ERROR / (judged * (judged + 1)) / parts


def decide(policy: Promotion, gains: Sequence[Comparison], losses: Sequence[Comparison]) -> Decision:
    """`gains` are asked in this order, the next where the rows of one are too few to tell; `losses` have limits."""
    outcome, reasons = _gain(policy, gains)
    if outcome is Outcome.UNDECIDED:
        return Decision(outcome, Approval.PENDING if policy.undecided == "pending" else Approval.REJECTED, reasons)
    if outcome is not Outcome.BETTER:
        return Decision(outcome, Approval.REJECTED, reasons)
    too_much = [part for part in losses if _loses(part, part.limit or 0)]
    if worse := tuple(_worse(part) for part in too_much if _sure(part)):
        return Decision(Outcome.WORSE, Approval.REJECTED, (*worse, *reasons))
    if doubtful := tuple(_perhaps_worse(part) for part in too_much):
        return Decision(Outcome.UNDECIDED, Approval.PENDING, (*doubtful, *reasons))
    if policy.approval == "manual":
        first, *others = reasons
        return Decision(outcome, Approval.PENDING, (f"waits for a person, as its contract asks: {first}", *others))
    return Decision(outcome, Approval.APPROVED, reasons)


def _loses(part: Comparison, limit: float) -> bool:
    """Whether the metric loses more than the limit; what the rows cannot tell does not."""
    return part.gain.value is not None and part.gain.value < -limit


def rows_to_tell(rows: int, gain: float, interval: Interval, min_gain: float) -> int:
    """About how many rows tell a gain as large as the one that is seen, or as `min_gain` where that is larger.

    Intervals shrink with the root of the rows. To two digits: it is a guess.
    """
    needed = rows * ((interval.high - gain) / max(gain, min_gain)) ** 2
    unit: int = 10 ** max(0, math.floor(math.log10(max(needed, 1))) - 1)
    return max(rows + 1, math.ceil(needed / unit) * unit)


def _gain(policy: Promotion, gains: Sequence[Comparison]) -> tuple[Outcome, tuple[str, ...]]:
    first, *others = gains
    outcome = _outcome(policy, first)
    reason = _reason(policy, outcome, first)
    held = first.rows >= ENOUGH_ROWS and _loses(first, policy.max_loss)
    if outcome is not Outcome.UNDECIDED or held:
        return outcome, (reason,)
    for part in others:
        if _outcome(policy, part) is Outcome.BETTER:
            return Outcome.BETTER, (_reason(policy, Outcome.BETTER, part), f"of these alone: {reason}")
    return outcome, (reason,)


def _outcome(policy: Promotion, part: Comparison) -> Outcome:
    gain = part.gain
    if gain.value is None or gain.interval is None:
        return Outcome.UNDECIDED
    if gain.interval.high < 0:
        return Outcome.WORSE
    if gain.interval.high < policy.min_gain:
        return Outcome.NO_GAIN
    if gain.value >= policy.min_gain and gain.interval.low > 0:
        return Outcome.BETTER
    return Outcome.UNDECIDED


def _reason(policy: Promotion, outcome: Outcome, part: Comparison) -> str:
    match outcome:
        case Outcome.BETTER:
            return f"better: {told(part)}"
        case Outcome.WORSE:
            return f"worse: {told(part)}"
        case Outcome.NO_GAIN:
            return f"no gain: {told(part)}, where {share(part.metric, policy.min_gain)} is asked for"
        case _ if part.gain.value is None or part.gain.interval is None:
            return f"{Outcome.UNDECIDED}: {told(part)}"
        case _:
            rows = rows_to_tell(part.rows, part.gain.value, part.gain.interval, policy.min_gain)
            return f"{Outcome.UNDECIDED}: {told(part)}; about {rows:,} rows would tell"


def _sure(part: Comparison) -> bool:
    """Slices are small: a loss there that chance explains is left to a person."""
    return part.part in set(Part) or (part.gain.interval is not None and part.gain.interval.high < 0)


def _worse(part: Comparison) -> str:
    return f"worse on {part.part}: {told(part)}, where {share(part.metric, part.limit or 0)} may be lost"


def _perhaps_worse(part: Comparison) -> str:
    return f"perhaps {_worse(part)}: too few rows to be sure, so a person decides"

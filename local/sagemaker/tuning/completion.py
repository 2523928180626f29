"""When a tuning job has found what it is going to find."""

from collections.abc import Sequence

from lakeloop.local.sagemaker.documents import Document

# ConvergenceDetected does not say what it watches; here: so many trials in a row without an improvement.
CONVERGED_AFTER = 10


def not_improving(objectives: Sequence[float], *, maximize: bool) -> int:
    """How many of the latest trials, in the order they ended, did not beat the best one before them."""
    if not objectives:
        return 0
    best = max(objectives) if maximize else min(objectives)
    return len(objectives) - 1 - list(objectives).index(best)


def complete(criteria: Document, objectives: Sequence[float], *, maximize: bool) -> bool:
    """Whether one of the TuningJobCompletionCriteria is met."""
    if not objectives:
        return False
    target = criteria.get("TargetObjectiveMetricValue")
    if target is not None and (max(objectives) >= target if maximize else min(objectives) <= target):
        return True
    stale = not_improving(objectives, maximize=maximize)
    limit = criteria.get("BestObjectiveNotImproving", {}).get("MaxNumberOfTrainingJobsNotImproving")
    if limit is not None and stale >= limit:
        return True
    converges = criteria.get("ConvergenceDetected", {}).get("CompleteOnConvergence") == "Enabled"
    return converges and stale >= CONVERGED_AFTER

"""SageMaker's median rule, by which `TrainingJobEarlyStoppingType: Auto` ends trials that promise nothing.

https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-early-stopping.html
"""

from collections.abc import Iterable, Sequence
from statistics import fmean, median


def promises_nothing(current: Sequence[float], completed: Iterable[Sequence[float]], *, maximize: bool) -> bool:
    """Whether the newest value is worse than the median of the completed trials' running averages at this epoch."""
    epoch = len(current)
    averages = [fmean(history[:epoch]) for history in completed if history]
    if not averages:
        return False
    bar = median(averages)
    return current[-1] < bar if maximize else current[-1] > bar

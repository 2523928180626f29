"""What was counted, as the alarms would read it."""

from lakeloop.observability import metrics


def counted() -> dict[str, float]:
    """The sum of each metric since the invocation began."""
    return {name: sum(metric["Value"]) for name, metric in metrics.metric_set.items()}

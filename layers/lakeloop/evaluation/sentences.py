"""Comparisons in words."""

from lakeloop.evaluation.metrics import RELATIVE
from lakeloop.evaluation.verdict import Comparison


def gained(part: Comparison) -> str:
    """Both models' metric and what is between them, or why the rows cannot tell."""
    gain = part.gain
    if gain.value is None or gain.interval is None:
        return f"{gain.insufficient} on {part.part} ({part.rows:,})"
    low, high = (share(part.metric, end) for end in gain.interval[:2])
    return (
        f"{part.metric} {number(part.challenger.value)} against {number(part.champion.value)}, "
        f"{signed(part.metric, gain.value)} [{low}, {high}] on {part.part} ({part.rows:,})"
    )


def number(value: float | None) -> str:
    """To four digits, of which none is hidden."""
    if value is None:
        return "-"
    return f"{value:.4f}" if value == 0 or 0.001 <= abs(value) < 1000 else f"{value:.4g}"


def share(metric: str, value: float) -> str:
    """A gain or a loss: of metrics in the label's units it is a part of the champion's."""
    return f"{100 * value:.2f} %" if metric in RELATIVE else number(value)


def signed(metric: str, value: float) -> str:
    return f"+{share(metric, value)}" if value > 0 else share(metric, value)

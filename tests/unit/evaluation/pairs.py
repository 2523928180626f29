"""Two models on the same test rows, as much alike or apart as a test wants them."""

from collections.abc import Sequence
from random import Random

from lakeloop.contract import Promotion
from lakeloop.evaluation.scored import Scored
from lakeloop.evaluation.verdict import Comparison, Verdict
from tests.unit.evaluation.models import answering, scored

POINTS = Promotion(min_gain=0.03, max_loss=0.02)


def part(verdict: Verdict, name: str) -> Comparison:
    """The last comparison on these rows: that for losses, whose confidence is 95 %."""
    return [found for found in verdict.comparisons if found.part == name][-1]


def rights(chance: Random, champion: float, lost: float, won: float, rows: int) -> tuple[list[bool], list[bool]]:
    """Which rows the champion gets right, and which the challenger does.

    The challenger loses a share of those and wins a share of the others.
    """
    old = [chance.random() < champion for _ in range(rows)]
    return old, [chance.random() >= lost if right else chance.random() < won for right in old]


def pair(
    labels: list[float], champion: list[bool], challenger: list[bool], **columns: Sequence[object]
) -> tuple[Scored, Scored]:
    """Challenger and champion."""
    return (
        scored("challenger", labels, answering(labels, challenger), **columns),
        scored("champion", labels, answering(labels, champion), **columns),
    )


def exactly(rows: int, wrong: int, mended: int, broken: int) -> tuple[Scored, Scored]:
    """A champion that errs on so many rows, of which the challenger mends some and breaks others."""
    labels = [float(row % 2) for row in range(rows)]
    old = [row >= wrong for row in range(rows)]
    new = [row >= wrong - mended and row < rows - broken for row in range(rows)]
    return pair(labels, old, new)

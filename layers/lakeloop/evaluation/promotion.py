"""A challenger is judged beside the champion, on the rows of one test split."""

from collections.abc import Iterator
from dataclasses import replace
from typing import cast

import polars as pl

from lakeloop.contract import Promotion
from lakeloop.errors import ModelFailedError
from lakeloop.evaluation.baseline import constant
from lakeloop.evaluation.comparison import CONFIDENCE, compared_on, widened
from lakeloop.evaluation.decision import ENOUGH_ROWS, Decision, confidence, decide
from lakeloop.evaluation.metrics import PROPER, SHOWN, Metric
from lakeloop.evaluation.scored import FEEDBACK, KEY, LABEL, NEW, SLICE, Scored, Task
from lakeloop.evaluation.sentences import gained
from lakeloop.evaluation.verdict import Comparison, Figure, Outcome, Part, Verdict
from lakeloop.registry.ports import Approval

# Answers that are nearer to each other than this come from one model.
SAME = 1e-6
# No interval of fewer rows is to be trusted.
LEAST_ROWS = 10
MOST_VALUES_OF_SLICE = 20


def judge(
    task: Task,
    challenger: Scored,
    champion: Scored | None,
    policy: Promotion,
    *,
    judged: int = 1,
    seed: int = 0,
) -> Verdict:
    """What becomes of the challenger, and why; the same rows and seed give the same verdict.

    `judged` counts the challengers of this champion that were judged, this one included. Without a champion the best
    constant answer is beaten or not. Raises ModelFailedError where a model gave no number for a row, ValueError for
    rows that are not those that `Scored` describes.
    """
    for scored in filter(None, (challenger, champion)):
        _check(task, scored)
    if champion is None:
        return _first(task, challenger, policy, seed)
    if not (challenger.paired and champion.paired):
        return _unpaired(task, challenger, champion, policy, judged=judged, seed=seed)
    pair = _Pair(task, challenger.rows, _aligned(challenger, champion), seed)
    metrics = pair.metrics()
    gains = list(pair.gains(confidence(judged, pair.gaining), metrics[task.metric]))
    losses = list(pair.losses(policy, metrics[task.metric]))
    decision = _same(gains[-1]) if pair.same else decide(policy, gains, losses)
    return Verdict(
        approval=decision.approval,
        outcome=decision.outcome,
        reasons=(*decision.reasons, _how_often(judged, gains[0])),
        metric=task.metric,
        challenger=challenger.model,
        champion=champion.model,
        judged=judged,
        comparisons=(*gains, *losses),
        metrics=metrics,
    )


class _Pair:
    """Two models on the same rows in the same order, and the parts of the rows that decide."""

    def __init__(self, task: Task, challenger: pl.DataFrame, champion: pl.DataFrame, seed: int) -> None:
        self._task = task
        self._challenger = challenger
        self._champion = champion
        self._seed = seed
        self._new = _flag(challenger, NEW)

    @property
    def gaining(self) -> int:
        """How many sets of rows may show a gain: the new ones, and all where those are others."""
        return 2 if self._new.any() and not self._new.all() else 1

    @property
    def same(self) -> bool:
        """Whether the answers differ by no more than rounding does."""
        spread = self._challenger[LABEL].std() if self._task.problem == "regression" else 1.0
        allowed = SAME * (cast("float | None", spread) or 1.0)
        differences = (self._challenger[name] - self._champion[name] for name in self._task.scores)
        return all(cast("float", difference.abs().max()) <= allowed for difference in differences)

    def metrics(self) -> dict[Metric, Comparison]:
        """All that people see, on all rows."""
        shown = _shown(self._task)
        return compared_on(Part.ALL, self._task, shown, self._challenger, self._champion, seed=self._seed)

    def gains(self, level: float, on_all: Comparison) -> Iterator[Comparison]:
        if self._new.any():
            yield widened(self._on(Part.NEW, self._new), level)
        if not self._new.all():
            yield widened(on_all, level)

    def losses(self, policy: Promotion, on_all: Comparison) -> Iterator[Comparison]:
        yield replace(on_all, limit=policy.max_loss)
        feedback = _flag(self._challenger, FEEDBACK)
        if feedback.any():
            yield replace(self._on(Part.OTHERS, ~feedback), limit=policy.max_loss)
        for part in policy.slices:
            values = self._challenger[f"{SLICE}{part.column}"]
            for value in values.value_counts(sort=True)[values.name].head(MOST_VALUES_OF_SLICE):
                name = f"{part.column} missing" if value is None else f"{part.column} = {value}"
                found = self._on(name, values.eq_missing(value), ENOUGH_ROWS)
                yield replace(found, limit=part.max_loss)

    def _on(self, part: str, chosen: pl.Series, least: int = LEAST_ROWS) -> Comparison:
        rows = int(chosen.sum())
        if rows < least:
            return Comparison.unknown(part, self._task.metric, rows, f"{least} rows are needed")
        sides = (side.filter(chosen) for side in (self._challenger, self._champion))
        return compared_on(part, self._task, (self._task.metric,), *sides, seed=self._seed)[self._task.metric]


def _first(task: Task, challenger: Scored, policy: Promotion, seed: int) -> Verdict:
    """Beside the best constant answer; where the metric cannot be told, by one that few rows of a class allow too."""
    rival = constant(task, challenger.rows)
    metrics = _Pair(task, challenger.rows, rival.rows, seed).metrics()
    metric = task.metric if metrics[task.metric].gain.value is not None else PROPER[task.problem]
    decision = decide(policy, [_enough(metrics[metric])], [])
    if decision.outcome is Outcome.UNDECIDED:
        decision = replace(decision, approval=Approval.PENDING)
    first, *others = decision.reasons
    return Verdict(
        approval=decision.approval,
        outcome=decision.outcome,
        reasons=(f"first model, beside {rival.model}: {first}", *others),
        metric=metric,
        challenger=challenger.model,
        champion="",
        judged=1,
        comparisons=(metrics[metric],),
        metrics=metrics,
    )


def _unpaired(
    task: Task, challenger: Scored, champion: Scored, policy: Promotion, *, judged: int, seed: int
) -> Verdict:
    """Each model on test rows of its own: enough to refuse, never to approve."""
    alone = _first(task, challenger, policy, seed)
    metrics = compared_on(Part.ALL, task, _shown(task), challenger.rows, champion.rows, paired=False, seed=seed)
    found = metrics[task.metric]
    said = f"{gained(found)}, {champion.model} on {len(champion.rows):,} rows of its own"
    outcome, approval, reason = Outcome.UNPAIRED, Approval.PENDING, f"{Outcome.UNPAIRED}, so a person decides: {said}"
    if alone.outcome in (Outcome.NO_GAIN, Outcome.WORSE):
        outcome, approval, reason = alone.outcome, Approval.REJECTED, alone.reasons[0]
    elif found.gain.interval is not None and found.gain.interval.high < 0:
        outcome, approval, reason = Outcome.WORSE, Approval.REJECTED, f"worse: {said}"
    return Verdict(
        approval=approval,
        outcome=outcome,
        reasons=(reason,),
        metric=task.metric,
        challenger=challenger.model,
        champion=champion.model,
        judged=judged,
        comparisons=(found,),
        metrics=metrics,
    )


def _shown(task: Task) -> tuple[Metric, ...]:
    return tuple(dict.fromkeys((task.metric, *SHOWN[task.problem])))


def _enough(found: Comparison) -> Comparison:
    if found.rows >= LEAST_ROWS:
        return found
    return replace(found, gain=Figure(None, insufficient=f"{LEAST_ROWS} rows are needed"))


def _same(found: Comparison) -> Decision:
    reason = f"no gain: its answers are the champion's, {gained(found)}"
    return Decision(Outcome.NO_GAIN, Approval.REJECTED, (reason,))


def _how_often(judged: int, found: Comparison) -> str:
    level = found.gain.interval.confidence if found.gain.interval else CONFIDENCE
    return f"judgement {judged} of this champion: intervals of gains hold with {100 * level:.4g} %"


def _flag(rows: pl.DataFrame, name: str) -> pl.Series:
    return rows[name] if name in rows.columns else pl.repeat(False, len(rows), eager=True)


def _aligned(challenger: Scored, champion: Scored) -> pl.DataFrame:
    """The champion's rows in the challenger's order."""
    if challenger.rows[KEY].equals(champion.rows[KEY]):
        return champion.rows
    found = challenger.rows.select(KEY).join(champion.rows, on=KEY, how="inner", maintain_order="left")
    if not len(found) == len(challenger.rows) == len(champion.rows):
        raise ValueError(f"{challenger.model} and {champion.model} were not scored on the same rows")
    return found


def _check(task: Task, scored: Scored) -> None:
    """Refuse rows that no metric could be made of."""
    if lacking := {KEY, LABEL, *task.scores} - set(scored.rows.columns):
        raise ValueError(f"the rows of {scored.model} lack {', '.join(sorted(lacking))}")
    if scored.rows[KEY].n_unique() < len(scored.rows):
        raise ValueError(f"the rows of {scored.model} do not have a key each")
    for name in task.scores:
        if not scored.rows[name].is_finite().all(ignore_nulls=False):
            raise ModelFailedError(f"{scored.model} answered some rows of the test split without a number")

"""Scores the models of a case on the same rows, and asks the promotion rule."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from lakeloop import names
from lakeloop.contract import DatasetContract
from lakeloop.errors import ModelFailedError, PredictionError
from lakeloop.evaluation.case import Case
from lakeloop.evaluation.champion import Champion, answers_alike, unscorable
from lakeloop.evaluation.document import About, Evaluation
from lakeloop.evaluation.importance import importance
from lakeloop.evaluation.known import Earlier, known_rows
from lakeloop.evaluation.ports import Evaluations
from lakeloop.evaluation.promotion import judge
from lakeloop.evaluation.scored import Scored
from lakeloop.evaluation.scoring import Run, Scoring
from lakeloop.lake.index import Index
from lakeloop.lake.ports import Lake
from lakeloop.observability import logger
from lakeloop.serving.ports import ModelContracts
from lakeloop.values.codes import FeatureEncoder


@dataclass(frozen=True)
class Unscored:
    """There is nothing to judge by, for this reason."""

    reason: str


class Jury:
    """What it learns of a case it has asked for anew: it may be heard any number of times."""

    def __init__(self, lake: Lake, evaluations: Evaluations, scoring: Scoring, contracts: ModelContracts) -> None:
        self._lake = lake
        self._evaluations = evaluations
        self._scoring = scoring
        self._contracts = contracts

    def hear(self, case: Case, model: str, about: About, judged: int) -> Evaluation | Unscored | None:
        """What the rule says of the challenger, whose SageMaker model is `model`; None while transforms run.

        `about` is what is known of it beside its answers, but for what its trees look at. `judged` is how often a
        challenger of this champion was judged, this one included.
        """
        challenger = self._run(case, model, case.contract)
        champion = self._champion_run(case)
        if not challenger.ended or (champion and not champion.ended):
            return None
        if challenger.failed:
            return Unscored(f"transform {challenger.name} ended {challenger.status}: {challenger.reason}")
        rows = self._rows(case)
        scored = Scored(case.trained.tuning_job, self._with_scores(case, rows, challenger))
        self._keep(case, scored)
        beside = self._champion(case, rows, champion)
        try:
            verdict = judge(case.task, scored, beside, case.today.promotion, judged=judged)
            about = replace(about, importance=self._importance(case))
            return Evaluation.of(case.task, about, verdict, scored, beside)
        except ModelFailedError as error:
            return Unscored(str(error))

    def _run(self, case: Case, model: str, contract: DatasetContract) -> Run:
        return self._scoring.run(case.split, case.trained.tuning_job, model, contract, case.trained.tags)

    def _champion_run(self, case: Case) -> Run | None:
        """None where nothing serves, or what does cannot read today's rows."""
        if case.champion is None:
            return None
        contract = self._contract_of(case.champion)
        if contract is None or (why := unscorable(contract, case.contract)):
            why = why if contract else "the contract that it was trained with is gone"
            logger.info("the champion cannot be scored", extra={"champion": case.champion.name, "why": why})
            return None
        return self._run(case, case.champion.model, contract)

    def _contract_of(self, champion: Champion) -> DatasetContract | None:
        try:
            return self._contracts.get(champion.contract) if champion.contract else None
        except PredictionError:
            return None

    def _rows(self, case: Case) -> pl.DataFrame:
        split, earlier = case.split, None
        if case.champion and case.champion.commit:
            now = Index(self._lake, split.repository, split.commit)
            earlier = Earlier(self._lake, split.repository, case.champion.commit, now)
        return known_rows(split.rows(self._lake), case.contract, case.slices, earlier)

    def _with_scores(self, case: Case, rows: pl.DataFrame, run: Run) -> pl.DataFrame:
        return rows.hstack(self._scoring.scores(run, case.task.scores))

    def _champion(self, case: Case, rows: pl.DataFrame, run: Run | None) -> Scored | None:
        """On the same rows, or with those by which it was judged itself; then the rule never approves by itself."""
        if case.champion is None:
            return None
        if run and not run.failed:
            return Scored(case.champion.label, self._with_scores(case, rows, run))
        own = self._kept(case, case.champion)
        if own is None:
            own = rows.clear().with_columns(pl.lit(0.0).alias(name) for name in case.task.scores)
        return Scored(case.champion.label, own, paired=False)

    def _kept(self, case: Case, champion: Champion) -> pl.DataFrame | None:
        """The rows by which it was judged itself; None where they are gone or of other classes."""
        contract = self._contract_of(champion)
        if not champion.tuning_job or contract is None or not answers_alike(contract, case.contract):
            return None
        kept = self._evaluations.read(names.scores_key(case.dataset, champion.tuning_job))
        return pl.read_parquet(io.BytesIO(kept)) if kept else None

    def _importance(self, case: Case) -> Mapping[str, float]:
        key = case.trained.artifact.removeprefix(self._evaluations.uri(""))
        artifact = self._evaluations.read(key)
        return importance(artifact, FeatureEncoder(case.contract).names) if artifact else {}

    def _keep(self, case: Case, scored: Scored) -> None:
        """For the day on which this one is a champion that cannot be scored any more."""
        body = io.BytesIO()
        scored.rows.write_parquet(body, compression="zstd")
        self._evaluations.put(names.scores_key(case.dataset, case.trained.tuning_job), body.getvalue())

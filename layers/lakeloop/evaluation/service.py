"""Judges the model of a tuning job beside the one that serves, and registers it with the verdict."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice

from lakeloop import names, state_changes
from lakeloop.contract import DatasetContract
from lakeloop.contract.ports import Contracts
from lakeloop.deployment.ports import Models, TrainedModel
from lakeloop.deployment.requests import model_request, tags_of_trained
from lakeloop.errors import LakeloopError, PermanentError, PredictionError, TransientError
from lakeloop.evaluation.case import Case
from lakeloop.evaluation.champion import serving
from lakeloop.evaluation.cycle import Cycle
from lakeloop.evaluation.document import About, Evaluation
from lakeloop.evaluation.jury import Jury, Unscored
from lakeloop.evaluation.ports import Candidates, Evaluations, Transforms
from lakeloop.evaluation.report import render
from lakeloop.evaluation.requests import decision_of, lineage_of
from lakeloop.evaluation.scoring import Scoring
from lakeloop.lake.ports import Lake
from lakeloop.lineage.bad_data import is_on, taken_back_since
from lakeloop.messages import JudgeAgain, Message
from lakeloop.observability import logger, metrics
from lakeloop.registry import lineage
from lakeloop.registry.ports import Approval, ModelRegistry, ModelVersion, Registration
from lakeloop.reports import StepReport, StepReports
from lakeloop.serving.ports import ModelContracts
from lakeloop.training.ports import ENDED
from lakeloop.training.tuning_job import MAXIMIZED

# Versions that are looked through for the job's own, and for those that were judged beside the same champion.
MOST_VERSIONS = 50


class EvaluationService:
    """The work of `evaluate_model`. Whatever wakes it, it looks how far a job's evaluation is and does what is next."""

    def __init__(
        self,
        *,
        contracts: Contracts,
        model_contracts: ModelContracts,
        lake: Lake,
        candidates: Candidates,
        models: Models,
        transforms: Transforms,
        registry: ModelRegistry,
        evaluations: Evaluations,
        reports: StepReports,
        name_prefix: str,
        image: str,
        role_arn: str,
        kms_key_arn: str,
        git_sha: str,
    ) -> None:
        self._contracts = contracts
        self._lake = lake
        self._model_contracts = model_contracts
        self._candidates = candidates
        self._models = models
        scoring = Scoring(lake, evaluations, transforms, kms_key_arn)
        self._jury = Jury(lake, evaluations, scoring, model_contracts)
        self._registry = registry
        self._evaluations = evaluations
        self._reports = reports
        self._name_prefix = name_prefix
        self._image = image
        self._role_arn = role_arn
        self._git_sha = git_sha

    def handle(self, message: Message) -> None:
        job = self._job(message)
        tags = self._candidates.tuning_tags(job) if names.is_tuning_job(self._name_prefix, job) else {}
        if tags.get(names.ENVIRONMENT_TAG) != self._name_prefix or names.DATASET_TAG not in tags:
            logger.info("what ended is of somebody else", extra={"tuning_job": job})
            return
        try:
            self._evaluate(job, tags[names.DATASET_TAG])
        except LakeloopError as error:
            self._report(tags[names.DATASET_TAG], str(error), job, good=isinstance(error, TransientError))
            raise

    def _job(self, message: Message) -> str:
        """The tuning job that a message is about."""
        if not state_changes.is_event(message.body):
            return JudgeAgain.parse(message.body).tuning_job
        change = state_changes.parse(message.body)
        if isinstance(change, state_changes.TransformStateChange):
            return change.detail.name.rpartition("-")[0]
        if isinstance(change, state_changes.TuningStateChange):
            return change.detail.name
        raise PermanentError(f"evaluate_model was told of a {change.detail_type}: run `terraform apply`")

    def _evaluate(self, job: str, dataset: str) -> None:
        status, reason = self._candidates.tuning_status(job)
        if status not in ENDED:
            raise TransientError(f"{job} is {status}, though an event says that it ended", subject=job)
        # A person who stops a job early keeps the best of what it found.
        trained = self._candidates.best_model(job)
        if trained is None:
            metrics.add_metric(name="TuningWithoutModel", unit="Count", value=1)
            self._report(dataset, f"{job} ended {status} without a model: {reason}", job, good=False)
            return
        history = list(islice(self._registry.versions(self._group(dataset)), MOST_VERSIONS))
        case = self._case(trained, dataset, history)
        if case.decided:
            logger.info("the model was judged before", extra={"tuning_job": job})
            return
        self._judge(case, history)

    def _case(self, trained: TrainedModel, dataset: str, history: Sequence[ModelVersion]) -> Case:
        mine = (version for version in history if version.metadata.get(lineage.TUNING_JOB) == trained.tuning_job)
        today = self._contracts.get(dataset)
        champion = serving(self._models, self._name_prefix, dataset)
        return Case(trained, self._contract(trained, today), today, champion, next(mine, None))

    def _contract(self, trained: TrainedModel, today: DatasetContract) -> DatasetContract:
        """The one that the model was trained with, where it was kept."""
        digest = trained.tags.get(names.CONTRACT_TAG)
        try:
            return self._model_contracts.get(digest) if digest else today
        except PredictionError as error:
            raise PermanentError(f"{trained.tuning_job} cannot be judged: {error}") from error

    def _judge(self, case: Case, history: Sequence[ModelVersion]) -> None:
        if unwanted := self._taken_back(case) or self._older(case):
            self._settle(case, Approval.REJECTED, (unwanted,))
            return
        found = self._jury.hear(case, self._model(case), self._about(case), judged=_judged(case, history))
        if found is None:
            job = case.trained.tuning_job
            self._report(case.dataset, f"the model of {job} is being scored", job)
        elif isinstance(found, Unscored):
            metrics.add_metric(name="EvaluationFailed", unit="Count", value=1)
            reason = f"it could not be scored: {found.reason}. Approve it by hand to serve it all the same"
            self._settle(case, Approval.REJECTED, (reason,), good=False)
        else:
            good = found.verdict.approval is not Approval.PENDING
            found = self._held(case, found)
            self._settle(case, found.verdict.approval, found.verdict.reasons, found, good=good)

    def _held(self, case: Case, found: Evaluation) -> Evaluation:
        """A model of data that main has not, as of a person's branch, waits for a person however good it is."""
        commit, verdict = case.trained.tags.get(names.COMMIT_TAG, ""), found.verdict
        if verdict.approval is not Approval.APPROVED or names.PINNED_TAG not in case.trained.tags:
            return found
        main = self._lake.log(names.repository(self._name_prefix, case.dataset), names.MAIN)
        if is_on(main, commit):
            return found
        why = f"it learned from commit {commit}, which is not on main: merge its branch, then approve it by hand"
        return replace(found, verdict=replace(verdict, approval=Approval.PENDING, reasons=(why, *verdict.reasons)))

    def _about(self, case: Case) -> About:
        trained = case.trained
        return About(
            dataset=case.dataset,
            made=trained.created,
            objective=trained.metric,
            greater_is_better=case.contract.metric in MAXIMIZED,
            trials=tuple(self._candidates.trials(trained.tuning_job)),
            lineage=lineage_of(trained, case.contract, self._git_sha),
        )

    def _taken_back(self, case: Case) -> str:
        """Why a model is not even compared: a person took back data that it learned from."""
        repository, commit = names.repository(self._name_prefix, case.dataset), case.trained.tags.get(names.COMMIT_TAG)
        rollback = taken_back_since(self._lake.log(repository, names.MAIN), commit) if commit else None
        return f"it learned from data that commit {rollback.id} took back" if rollback else ""

    def _older(self, case: Case) -> str:
        """Why a model is not even compared: events may come late, and what was trained later knows more."""
        if case.champion is None or not case.champion.tuning_job:
            return ""
        serving = self._candidates.tuning_created(case.champion.tuning_job)
        if serving is None or case.trained.created >= serving:
            return ""
        return f"{case.champion.label} serves, whose training began later, at {serving:%Y-%m-%d %H:%M:%S}"

    def _model(self, case: Case) -> str:
        """The SageMaker model of the challenger; deploy_model takes the same."""
        request = model_request(
            self._group(case.dataset),
            case.trained.artifact,
            case.today.serving,
            image=self._image,
            role_arn=self._role_arn,
        )
        self._models.ensure_model(request, tags_of_trained(case.trained))
        return request["ModelName"]

    def _settle(
        self,
        case: Case,
        approval: Approval,
        reasons: tuple[str, ...],
        evaluation: Evaluation | None = None,
        *,
        good: bool = True,
    ) -> None:
        """Write down what was decided; a version that was registered before is decided about anew."""
        address = self._write(case, evaluation, reasons)
        why = "; ".join(reasons)
        cycle = Cycle.of(case, approval, why, evaluation)
        self._evaluations.put(names.history_key(case.dataset, cycle.tuning_job), cycle.to_json().encode())
        # First, because a version that is there is not looked at again.
        self._report(
            case.dataset,
            f"the model of {case.trained.tuning_job} is {approval}: {why}",
            case.trained.tuning_job,
            good=good,
        )
        decision = decision_of(case.champion, approval, reasons[0])
        if case.version:
            self._registry.decide(case.version.arn, approval, why, decision)
        else:
            self._registry.register(self._registration(case, approval, why, address, decision))

    def _write(self, case: Case, evaluation: Evaluation | None, reasons: Sequence[str]) -> str:
        """The address of the evaluation, with a page for people beside it."""
        if evaluation is None:
            return self._evaluations.put(f"{case.folder}/evaluation.json", json.dumps({"reasons": reasons}).encode())
        address = self._evaluations.put(f"{case.folder}/evaluation.json", evaluation.to_json().encode())
        self._evaluations.put(f"{case.folder}/report.html", render(evaluation).encode())
        return address

    def _registration(
        self, case: Case, approval: Approval, why: str, evaluation: str, decision: Mapping[str, str]
    ) -> Registration:
        trained, group = case.trained, self._group(case.dataset)
        return Registration(
            group=group,
            token=names.digest(group, trained.tuning_job, length=32),
            approval=approval,
            why=why,
            artifact=trained.artifact,
            image=self._image,
            evaluation=evaluation,
            metadata={**lineage_of(trained, case.contract, self._git_sha), **decision},
            tags={
                names.ENVIRONMENT_TAG: self._name_prefix,
                names.DATASET_TAG: case.dataset,
                names.REPOSITORY_TAG: trained.tags[names.REPOSITORY_TAG],
            },
        )

    def _group(self, dataset: str) -> str:
        return names.endpoint(self._name_prefix, dataset)

    def _report(self, dataset: str, why: str, job: str, good: bool = True) -> None:
        self._reports.put(StepReport(dataset=dataset, step="evaluate_model", good=good, why=why, job=job))


def _judged(case: Case, history: Sequence[ModelVersion]) -> int:
    """How often challengers of this champion were judged, this one included."""
    champion = case.champion.name if case.champion else lineage.NOBODY
    others = (version for version in history if case.version is None or version.arn != case.version.arn)
    return 1 + sum(version.metadata.get(lineage.CHAMPION) == champion for version in others)

"""Starts tuning on the head of main once enough of it is new, or somebody asks."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from lakeloop import names
from lakeloop.artifacts import Artifacts
from lakeloop.contract import DatasetContract
from lakeloop.contract.digest import contract_digest
from lakeloop.contract.ports import DeployedContracts
from lakeloop.errors import (
    AskWaitsError,
    ForeignObjectError,
    LakeloopError,
    QuotaExceededError,
    TransientError,
    UnreadableObjectError,
)
from lakeloop.lake.ports import Lake
from lakeloop.messages import Message, TrainingAsked
from lakeloop.observability import gauge_of_dataset, logger, metrics
from lakeloop.reports import StepReport, StepReports, now
from lakeloop.training.decision import Decision, Situation, decide, decide_asked
from lakeloop.training.new_rows import counting
from lakeloop.training.ports import Footers, Labels, Lease, Leases, Readings, Remaker, Tuner, TuningRun, Waker
from lakeloop.training.starting import Starter
from lakeloop.training.wake import Wake, wake

# Longer than the function may run, so that whoever lost it is dead; then the next one takes over.
LEASE_SECONDS = 90
# The end of a job is told within seconds, and told again for hours while evaluate_model cannot be reached.
JUDGED_WITHIN = timedelta(hours=1)
# A message waits in the queue for so long at most; the clock wakes what is due later.
WAITS_IN_QUEUE = timedelta(hours=2)


class TrainingService:
    """The work of `start_tuning`. A message only wakes it: it decides on main as it is, so order does not matter."""

    def __init__(
        self,
        *,
        contracts: DeployedContracts,
        lake: Lake,
        artifacts: Artifacts,
        tuner: Tuner,
        leases: Leases,
        labels: Labels,
        footers: Footers,
        remaker: Remaker,
        readings: Readings,
        waker: Waker,
        reports: StepReports,
        name_prefix: str,
        image: str,
        role_arn: str,
        kms_key_arn: str,
    ) -> None:
        self._contracts = contracts
        self._lake = lake
        self._tuner = tuner
        self._leases = leases
        self._footers = footers
        self._waker = waker
        self._reports = reports
        self._name_prefix = name_prefix
        self._starter = Starter(
            lake=lake,
            artifacts=artifacts,
            tuner=tuner,
            labels=labels,
            remaker=remaker,
            readings=readings,
            name_prefix=name_prefix,
            image=image,
            role_arn=role_arn,
            kms_key_arn=kms_key_arn,
        )

    def handle(self, message: Message) -> None:
        woken = wake(message, self._tuner)
        if woken is None:
            logger.info("a tuning job of somebody else ended")
        elif woken.dataset:
            self._handle(self._contracts.get(woken.dataset), woken)
        else:
            # A message each: what one dataset waits for keeps no other waiting.
            for name in self._contracts.names:
                repository = names.repository(self._name_prefix, name)
                self._waker.publish(TrainingAsked(reason="schedule", dataset=name, repository=repository))

    def _handle(self, contract: DatasetContract, woken: Wake) -> None:
        if contract.problem is None:
            logger.info("nothing is learned from this dataset", extra={"dataset": contract.name})
            return
        decision = self._decide(contract, woken)
        if decision.start:
            decision = self._alone(contract, woken)
        self._tell(contract, decision)
        if decision.quota and not decision.wait and woken.reason == "job":
            raise QuotaExceededError(decision.why, subject=decision.run)
        if decision.wait and decision.due is None:
            raise AskWaitsError(decision.why, subject=decision.run)
        if decision.due and decision.due - now() < WAITS_IN_QUEUE:
            raise TransientError(decision.why, subject=decision.run)

    def _decide(self, contract: DatasetContract, woken: Wake, noted: str = "") -> Decision:
        repository = self._repository(contract)
        head = self._lake.head(repository)
        sparse = contract.label_column.nullable
        situation = Situation(
            head=head,
            log=self._lake.log(repository, head),
            runs=self._runs(contract.name, noted),
            contract=contract_digest(contract),
            now=now(),
            count=counting(
                self._lake, self._footers, repository, head, contract.retrain.min_new_rows, with_labels=sparse
            ),
            failure=self._tuner.failure,
            reason=woken.reason,
            sparse_labels=sparse,
        )
        try:
            return decide_asked(woken.ask, situation) if woken.ask else decide(contract.retrain, situation)
        except (ForeignObjectError, UnreadableObjectError) as error:
            self._report(contract.name, str(error), good=False, commit=head)
            raise

    def _runs(self, dataset: str, noted: str) -> Iterator[TuningRun]:
        """The jobs, newest first, with the noted one, which SageMaker may not list yet."""
        listed = self._tuner.runs(dataset)
        latest = next(listed, None)
        if noted and (latest is None or latest.name != noted):
            run = self._tuner.run(noted)
            if run and (latest is None or run.created > latest.created):
                yield run
        if latest:
            yield latest
        yield from listed

    def _alone(self, contract: DatasetContract, woken: Wake) -> Decision:
        """Decide again while nobody else does, and start."""
        with self._holding(contract.name) as lease:
            decision = self._decide(contract, woken, lease.job)
            if not decision.start:
                return decision
            try:
                return self._starter.start(contract, woken, decision, lease)
            except LakeloopError as error:
                self._report(contract.name, str(error), good=False, commit=decision.commit)
                raise

    @contextmanager
    def _holding(self, dataset: str) -> Iterator[Lease]:
        """The lease on a dataset, given back at the end, and after its time where the process is killed."""
        lease = self._leases.take(dataset, LEASE_SECONDS)
        try:
            yield lease
        except Exception:
            _let_go(lease)
            raise
        _let_go(lease)

    def _repository(self, contract: DatasetContract) -> str:
        return names.repository(self._name_prefix, contract.name)

    def _tell(self, contract: DatasetContract, decision: Decision) -> None:
        why = decision.why
        self._tell_age(contract, decision)
        lost = self._lost(contract.name, decision)
        if lost:
            metrics.add_metric(name="ModelNotDeployed", unit="Count", value=1)
            why = f"{why}. {lost}"
        logger.info("retrain?", extra={"dataset": contract.name, "start": decision.start, "why": why})
        good = decision.good and not lost
        self._report(contract.name, why, good=good, job=decision.run, commit=decision.commit)

    def _tell_age(self, contract: DatasetContract, decision: Decision) -> None:
        """For the alarm of a dataset that nothing is trained for; before the first model, how old its data may be."""
        if contract.retrain.max_age is None:
            return
        trained = decision.trained
        since = trained.ended or trained.created if trained else None
        begun = since.timestamp() if since else self._lake.made_at(self._repository(contract))
        gauge_of_dataset("ModelAge", contract.name, now().timestamp() - begun)

    def _report(self, dataset: str, why: str, *, good: bool, commit: str, job: str = "") -> None:
        report = StepReport(dataset=dataset, step="start_tuning", good=good, why=why, job=job, commit=commit)
        self._reports.put(report)

    def _lost(self, dataset: str, decision: Decision) -> str:
        """What became of the last model where evaluate_model never said anything of it; empty where all is well."""
        trained = decision.trained
        if trained is None or now() - (trained.ended or trained.created) < JUDGED_WITHIN:
            return ""
        said = self._reports.get(dataset, "evaluate_model")
        if said and said.job == trained.name:
            return ""
        return (
            f"evaluate_model never heard that {trained.name} ended, so its model is judged by nobody: send the event "
            "again, or wait for the next model"
        )


def _let_go(lease: Lease) -> None:
    # What went to somebody else meanwhile needs no giving back.
    with suppress(TransientError):
        lease.release()

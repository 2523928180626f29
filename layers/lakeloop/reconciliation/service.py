"""Looks at each dataset by the clock, and has done what no event told of."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from lakeloop import names
from lakeloop.contract.ports import DeployedContracts
from lakeloop.deployment.ports import Placements, Served, Switches
from lakeloop.errors import LakeloopError
from lakeloop.lake.ports import Branches, Lake, LakeCommit
from lakeloop.lake.sweep import sweep
from lakeloop.messages import Message, ReconcileLoop
from lakeloop.observability import logger, metrics
from lakeloop.reconciliation.findings import Finding, Seen, findings
from lakeloop.reconciliation.notices import notice
from lakeloop.reconciliation.ports import Answer, Answers, Jobs, Publisher, Steps
from lakeloop.registry.ports import Packages
from lakeloop.reports import StepReport, StepReports, now

MOST_RUNS = 10
MOST_VERSIONS = 30
# How far back the newest commit that changed rows is looked for: those of compaction and of features change none.
MOST_COMMITS = 100
# Work that was asked for again takes its time; what three times did not help a person has to look at.
ASKED_AGAIN_AFTER = timedelta(hours=1)
MOST_TIMES = 3


class ReconciliationService:
    """The work of `reconcile`. What it sends is what an event would have told, so twice is once."""

    def __init__(
        self,
        *,
        contracts: DeployedContracts,
        lake: Lake,
        branches: Branches,
        jobs: Jobs,
        registry: Packages,
        served: Served,
        placements: Placements,
        switches: Switches,
        answers: Answers,
        steps: Steps,
        publisher: Publisher,
        reports: StepReports,
        name_prefix: str,
    ) -> None:
        self._contracts = contracts
        self._lake = lake
        self._branches = branches
        self._jobs = jobs
        self._registry = registry
        self._served = served
        self._placements = placements
        self._switches = switches
        self._answers = answers
        self._steps = steps
        self._publisher = publisher
        self._reports = reports
        self._name_prefix = name_prefix

    def handle(self, message: Message) -> None:
        """Look at one dataset; asked for all, ask for each."""
        asked = ReconcileLoop.parse(message.body)
        if not asked.dataset:
            for name in self._contracts.names:
                self._publisher.publish(ReconcileLoop(dataset=name))
            return
        try:
            self._reconcile(asked.dataset)
        except LakeloopError as error:
            self._report(asked.dataset, f"nothing is repaired: {error}", good=False)
            raise

    def _reconcile(self, dataset: str) -> None:
        at = now()
        swept = sweep(self._branches, names.repository(self._name_prefix, dataset), now=at.timestamp())
        said = [f"branch {name} of an ingest that ended without a merge is gone" for name in swept]
        good = True
        if self._contracts.get(dataset).problem:
            found = list(findings(self._seen(dataset, at)))
            said += [self._act(dataset, finding, at) for finding in found]
            good = not found
        self._report(dataset, "; ".join(said) or "all is as it should be", good=good)

    def _seen(self, dataset: str, at: datetime) -> Seen:
        placed = self._placements.of(dataset).endpoint
        state = self._served.endpoint(placed)
        beside = self._served.endpoint(names.beside(self._name_prefix, placed))
        ours = state is not None and state.is_of(self._name_prefix)
        served = self._served.served(state.config) if state and ours else None
        return Seen(
            dataset=dataset,
            now=at,
            changed=self._changed(names.repository(self._name_prefix, dataset)),
            runs=list(islice(self._jobs.runs(dataset), MOST_RUNS)),
            versions=list(islice(self._registry.versions(names.endpoint(self._name_prefix, dataset)), MOST_VERSIONS)),
            endpoint=state,
            serving=served.version if served else "",
            # Of an endpoint of somebody else deploy_model says what to do.
            off=self._switches.is_off(dataset) or (state is not None and not ours),
            trained=self._reports.get(dataset, "start_tuning"),
            deployed=self._reports.get(dataset, "deploy_model"),
            beside=beside if beside and beside.is_of(self._name_prefix) else None,
        )

    def _changed(self, repository: str) -> LakeCommit | None:
        log = islice(self._lake.log(repository, names.MAIN), MOST_COMMITS)
        return next((commit for commit in log if commit.rows != 0 and commit.parents), None)

    def _act(self, dataset: str, finding: Finding, at: datetime) -> str:
        """Have it done, unless that was asked for just now, or often enough; what there is to say of it."""
        if finding.wakes is None:
            return finding.why
        before = self._answers.get(dataset, finding.name) or Answer(0, at)
        if before.times and at - before.at < ASKED_AGAIN_AFTER:
            return f"{finding.why}: {finding.wakes} was told at {before.at:%H:%M} UTC"
        if before.times >= MOST_TIMES:
            return (
                f"{finding.why}: {finding.wakes} was told {before.times} times and did not help, see its dead letters"
            )
        self._steps.wake(finding.wakes, notice(finding, dataset, self._name_prefix))
        self._answers.put(dataset, finding.name, replace(before, times=before.times + 1, at=at))
        metrics.add_metric(name="StepsReconciled", unit="Count", value=1)
        logger.info("told again", extra={"dataset": dataset, "finding": finding.name, "step": finding.wakes})
        return f"{finding.why}: {finding.wakes} is told again"

    def _report(self, dataset: str, why: str, *, good: bool) -> None:
        logger.info("reconciled", extra={"dataset": dataset, "why": why})
        self._reports.put(StepReport(dataset=dataset, step="reconcile", good=good, why=why))

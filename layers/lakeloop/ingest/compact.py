"""Datasets whose small packs have become many are compacted: by the clock, and when a person asks."""

from collections.abc import Callable
from typing import Protocol

from lakeloop import names
from lakeloop.contract import DatasetContract
from lakeloop.contract.ports import DeployedContracts
from lakeloop.ingest.compaction import Compacted, Compaction, Plan
from lakeloop.ingest.shared_keys import are_told, keys_in_several_files
from lakeloop.lake.ports import Lake
from lakeloop.messages import Compact, Message
from lakeloop.observability import logger
from lakeloop.reports import StepReport, StepReports


class Publisher(Protocol):
    def publish(self, message: Compact) -> None: ...


class CompactService:
    """The work of `compact`. What was merged is merged, so a message that comes again goes on where it stopped."""

    def __init__(
        self,
        *,
        contracts: DeployedContracts,
        lake: Lake,
        publisher: Publisher,
        reports: StepReports,
        name_prefix: str,
        git_sha: str,
    ) -> None:
        self._contracts = contracts
        self._lake = lake
        self._publisher = publisher
        self._reports = reports
        self._name_prefix = name_prefix
        self._git_sha = git_sha

    def handle(self, message: Message, seconds_left: Callable[[], float]) -> None:
        """Compact one dataset while there is time, and ask for the rest; asked for all, ask for each."""
        asked = Compact.parse(message.body)
        if not asked.dataset:
            for name in self._contracts.names:
                self._publisher.publish(Compact(dataset=name, fewest=asked.fewest))
            return
        contract = self._contracts.get(asked.dataset)
        compaction = Compaction(
            lake=self._lake, contract=contract, name_prefix=self._name_prefix, git_sha=self._git_sha
        )
        plan = compaction.plan()
        enough = plan.small >= asked.fewest
        became = compaction.carry_out(plan, seconds_left) if enough else Compacted()
        if became.left:
            # What is left may be fewer packs than it took to begin.
            self._publisher.publish(Compact(dataset=contract.name, fewest=2))
        self._tell(contract, plan, told(plan, became) if enough else waiting(plan, asked.fewest))

    def _tell(self, contract: DatasetContract, plan: Plan, why: str) -> None:
        repository = names.repository(self._name_prefix, contract.name)
        said = self._reports.get(contract.name, "compact")
        if said and said.commit == plan.commit and not said.good and are_told(contract):
            # Main is as it was, and what was complained of is there still.
            return
        again = keys_in_several_files(self._lake, repository, plan.commit, contract)
        if again:
            key = ", ".join(contract.row_key)
            why = (
                f"{again:,} {'key' if again == 1 else 'keys'} of {key} in more than one file, each with all its rows "
                f"under `delivery: append`: say upsert to keep the newest, or `repeats: keep` where they may come again"
            )
        logger.info("compact", extra={"dataset": contract.name, "why": why})
        report = StepReport(dataset=contract.name, step="compact", good=not again, why=why, commit=plan.commit)
        self._reports.put(report)


def waiting(plan: Plan, fewest: int) -> str:
    """Why nothing is put together."""
    if not plan.groups:
        return f"{plan.packs:,} packs, none to be put together"
    return f"{plan.small:,} of {plan.packs:,} packs are small: with {fewest:,} of them they are put together"


def told(plan: Plan, became: Compacted) -> str:
    """What was done, as a sentence."""
    said = [f"{became.packs:,} of {plan.packs:,} packs became {len(became.merges):,}"]
    if became.lost:
        said.append(f"{became.lost:,} wait: files of theirs came again, or deliveries were quicker")
    if became.left:
        said.append(f"time for {became.left:,} more comes with the next message")
    return "; ".join(said)

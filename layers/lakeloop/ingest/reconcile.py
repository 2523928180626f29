"""What S3 has and main has not, and the other way round: found by looking, told to who can do something about it."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Literal, Protocol

from lakeloop import names
from lakeloop.contract import DatasetContract
from lakeloop.contract.ports import DeployedContracts
from lakeloop.ingest.announcement import announcement
from lakeloop.ingest.landed_files import LandedFile, LandedFiles
from lakeloop.ingest.mend_keys import mends
from lakeloop.ingest.ports import Announcer, Listing, Outcomes
from lakeloop.lake.index import Index
from lakeloop.lake.ports import Lake
from lakeloop.messages import Message, ReconcileLanding
from lakeloop.observability import logger, metrics
from lakeloop.reports import StepReport, StepReports, now

Kind = Literal["lost", "another", "removed", "waiting", "deleted", "before"]
"""Landed and in no commit, no quarantine, no letter; main has another version; deleted, and its rows are to go; in a
folder that is not complete; deleted, and rows stay; landed before the dataset was made."""
WAITING_SINCE = "waiting since"
"""Beside the counts of what was found: when the first of the files landed that wait, in seconds since 1970."""
SENT: tuple[Kind, ...] = ("lost", "another", "removed")
WORDS: Mapping[Kind, tuple[str, str]] = {
    "lost": ("landed and in no commit, no quarantine and no letter", "sent to transform_data"),
    "another": ("another version in S3 than on main, or the same bytes", "sent to transform_data"),
    "removed": ("deleted in S3", "sent to transform_data, which takes out their rows"),
    "waiting": ("in a folder without _SUCCESS", "taken when it is there"),
    "deleted": ("deleted in S3", "rows stay on main"),
    "before": ("landed before the dataset was made", "taken by `lakeloop replay` only"),
}

# What is left of the function's time when no further file is looked at.
SECONDS_TO_SPARE = 30


class Publisher(Protocol):
    def publish(self, message: ReconcileLanding) -> None: ...


@dataclass(frozen=True)
class Finding:
    """Something about one file that a person may want to know; `name` is the same while nothing changes about it."""

    kind: Kind
    file: LandedFile

    @property
    def name(self) -> str:
        entry = self.file.entry
        return f"{self.kind} {self.file.landed.version} {entry.event_id if entry else '-'}"


class Findings:
    """Compares, and changes nothing."""

    def __init__(self, *, listing: Listing, lake: Lake, outcomes: Outcomes, name_prefix: str) -> None:
        self._listing = listing
        self._lake = lake
        self._outcomes = outcomes
        self._name_prefix = name_prefix

    def after(self, contract: DatasetContract, key: str) -> Iterator[tuple[str, Finding | None]]:
        """Each key after a key with what is to be said of it, which is nothing of most."""
        repository = names.repository(self._name_prefix, contract.name)
        files = LandedFiles(
            contract,
            self._listing,
            Index(self._lake, repository, names.MAIN),
            began=self._lake.made_at(repository),
            now=now().timestamp(),
        )
        for file in files.after(key):
            yield file.landed.key, self._finding(contract, file)

    def _finding(self, contract: DatasetContract, file: LandedFile) -> Finding | None:
        match file.kind:
            case "absent":
                return self._unanswered(Finding("lost", file))
            case "another":
                return self._unanswered(Finding("another", file))
            case "deleted" if contract.on_delete == "remove":
                return self._unanswered(Finding("removed", file))
            case "waiting" | "deleted" | "before":
                return Finding(file.kind, file)
            case _:
                return None

    def _unanswered(self, finding: Finding) -> Finding | None:
        """A finding that was not sent before, and that nobody explains.

        What was sent is in the index, in quarantine or a letter since, or nothing was to do.
        """
        file = finding.file
        answered = self._outcomes.answered(file.landed.dataset, file.landed.source_id)
        if answered == finding.name:
            return None
        on_main_before = finding.kind == "removed" or file.came_back or answered.startswith("removed ")
        return None if not on_main_before and self._is_explained(finding) else finding

    def _is_explained(self, finding: Finding) -> bool:
        """Whether the version was refused. One that was on main before may have been, in part or at first."""
        landed = mends(finding.file.landed) or finding.file.landed
        return self._outcomes.is_quarantined(landed.dataset, landed.event_id) or any(
            about in (landed.uri, str(landed)) or f"{landed}, " in f"{about}, " for about in self._failed
        )

    @cached_property
    def _failed(self) -> frozenset[str]:
        return frozenset(self._outcomes.failed())


class ReconcileService:
    """The work of `reconcile_landing`.

    What it sends is what S3 would have sent, so sending it twice does no harm; each finding is sent once all the same,
    or a file whose bytes are on main already would be read again each time.
    """

    def __init__(
        self,
        *,
        contracts: DeployedContracts,
        findings: Findings,
        outcomes: Outcomes,
        announcer: Announcer,
        publisher: Publisher,
        reports: StepReports,
    ) -> None:
        self._contracts = contracts
        self._findings = findings
        self._outcomes = outcomes
        self._announcer = announcer
        self._publisher = publisher
        self._reports = reports

    def handle(self, message: Message, seconds_left: Callable[[], float]) -> None:
        """Look at one dataset while there is time, and ask for the rest; asked for all, ask for each."""
        asked = ReconcileLanding.parse(message.body)
        if not asked.dataset:
            for name in self._contracts.names:
                self._publisher.publish(ReconcileLanding(dataset=name))
            return
        contract = self._contracts.get(asked.dataset)
        found, after = Counter(asked.found), asked.after
        for key, finding in self._findings.after(contract, asked.after):
            if finding:
                self._act(finding)
                found[finding.kind] += 1
                if finding.kind == "waiting":
                    since = int(finding.file.landed.told_at)
                    found[WAITING_SINCE] = min(since, found[WAITING_SINCE] or since)
            after = key
            if seconds_left() < SECONDS_TO_SPARE:
                self._publisher.publish(ReconcileLanding(dataset=contract.name, after=after, found=found))
                return
        self._tell(contract.name, found)

    def _act(self, finding: Finding) -> None:
        if finding.kind not in SENT:
            return
        landed = finding.file.landed
        logger.info("sent again", extra={"object": str(landed), "finding": finding.kind})
        metrics.add_metric(name="FilesReconciled", unit="Count", value=1)
        self._announcer.announce(announcement(landed))
        self._outcomes.answer(landed.dataset, landed.source_id, finding.name)

    def _tell(self, dataset: str, found: Mapping[str, int]) -> None:
        why = told(found)
        logger.info("reconciled", extra={"dataset": dataset, "why": why})
        self._reports.put(
            StepReport(
                dataset=dataset,
                step="reconcile_landing",
                good=not any(found.get(kind) for kind in (*SENT, "waiting")),
                why=why,
            )
        )


def told(found: Mapping[str, int], *, dry_run: bool = False) -> str:
    """What was found, as a sentence; of a dry run, what would be done."""
    said = [
        f"{count:,} {'file' if count == 1 else 'files'} {what}: "
        + (f"to be {then}" if dry_run and kind in SENT else then)
        for kind, (what, then) in WORDS.items()
        if (count := found.get(kind, 0))
    ]
    if since := found.get(WAITING_SINCE):
        first = datetime.fromtimestamp(since, UTC)
        said.append(f"the first of those that wait landed at {first:%Y-%m-%d %H:%M} UTC")
    return "; ".join(said) or "main has what the landing bucket has"

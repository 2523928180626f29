"""Landed files of one dataset against its main, as a person looks at them and sends them through the gate again."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from lakeloop.adapters.landing import S3Listing, S3Outcomes
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment
from lakeloop.client.errors import AdvisedError
from lakeloop.ingest.announcement import announcement
from lakeloop.ingest.landed_files import LandedFiles
from lakeloop.ingest.reconcile import Finding, Findings
from lakeloop.ingest.replay import Filter, Replayed, replayed
from lakeloop.messages import ReconcileLanding
from lakeloop.reports import now

# What SNS takes in one call.
ENTRIES = 10
REPLAY, RECONCILE = "replay_landing", "reconcile_landing"


class Landing:
    """The landed files of one dataset."""

    def __init__(self, environment: Environment, dataset: Dataset) -> None:
        self._environment = environment
        self._dataset = dataset
        outputs = environment.outputs
        self._listing = S3Listing(environment.s3, outputs.landing_bucket)
        self._outcomes = S3Outcomes(environment.s3, outputs.artifacts_bucket)

    def findings(self) -> list[Finding]:
        """What `reconcile_landing` would say and do now."""
        findings = Findings(
            listing=self._listing,
            lake=self._environment.lake,
            outcomes=self._outcomes,
            name_prefix=self._environment.outputs.name_prefix,
        )
        return [finding for _, finding in findings.after(self._dataset.contract, "") if finding]

    def reconcile(self) -> None:
        """Have `reconcile_landing` look now."""
        message = ReconcileLanding(dataset=self._dataset.name).model_dump_json()
        self._environment.sns.publish(TopicArn=self._topic(RECONCILE), Message=message)

    def to_replay(self, since: float, *keys: str, quarantined: bool = False) -> list[Replayed]:
        """The files that a replay sends, in the order of their keys: all, or those named."""
        files = LandedFiles(
            self._dataset.contract,
            self._listing,
            self._dataset.index(),
            began=self._environment.lake.made_at(self._dataset.repository),
            now=now().timestamp(),
        )
        events = frozenset(self._dataset.quarantined_events()) if quarantined else None
        return list(replayed(self._dataset.contract, files.after(""), Filter(since, frozenset(keys), events)))

    def replay(self, files: Iterable[Replayed]) -> Iterator[int]:
        """Send files through the gate again; how many were sent, after each call."""
        rest, sent = iter(files), 0
        while some := list(islice(rest, ENTRIES)):
            self._send([announcement(file.landed) for file in some])
            sent += len(some)
            yield sent

    def _send(self, notifications: Sequence[str]) -> None:
        answer = self._environment.sns.publish_batch(
            TopicArn=self._topic(REPLAY),
            PublishBatchRequestEntries=[
                {"Id": str(number), "Message": notification} for number, notification in enumerate(notifications)
            ],
        )
        if refused := answer.get("Failed"):
            raise AdvisedError(
                f"SNS did not take {len(refused)} of {len(notifications)} files: {refused[0].get('Message', '')}",
                "run the same replay again: what was read already is left out",
            )

    def _topic(self, chain: str) -> str:
        return self._environment.outputs.chains[chain].topic_arn

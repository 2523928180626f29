"""What a person does about dead letters: send them to their queue again, or throw them away; and what is kept of it."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from lakeloop import names
from lakeloop.adapters.s3 import S3Landing, body_of
from lakeloop.client.dataset import Dataset
from lakeloop.client.dead_letters import DeadLetter, DeadLetters, WaitingLetter
from lakeloop.client.environment import Environment
from lakeloop.client.function_logs import FunctionLog
from lakeloop.client.log_lines import LogLine, parsed
from lakeloop.failures import LONGEST_REASON, shortened
from lakeloop.ingest.notification import PREFIX
from lakeloop.lake.index import Entry, Index
from lakeloop.lake.sources import sources

Action = Literal["redrive", "purge", "cause gone"]

# As long as all letters of a chain may take; should the command die, they are seen again after it.
HELD_SECONDS = 300
# So often a letter may come back with the same reason.
MOST_REDRIVES = 2
# Messages wait in a dead-letter queue for two weeks at most.
MOST_MINUTES = 14 * 24 * 60
INGEST = "transform_data"


@dataclass(frozen=True)
class Wanted:
    """Which letters are meant; what is left empty chooses all."""

    chain: str = ""
    dataset: str = ""
    object: str = ""
    reason: str = ""
    older_than: timedelta = timedelta()


@dataclass(frozen=True)
class Done:
    """What somebody did about a letter, and its reason then."""

    action: Action
    at: str
    who: str
    why: str
    object: str
    reason: str
    attempts: int


@dataclass(frozen=True)
class Verdict:
    """What is to become of a letter: `action` is empty where it stays, `because` says why it is that."""

    letter: DeadLetter
    action: Action | Literal[""]
    because: str


@dataclass(frozen=True)
class Main:
    """Main of one dataset as letters are held against it: what lies there, and the latest commits by event."""

    index: Index
    commits: Mapping[str, str]


@dataclass
class Letters:
    """The dead letters of an environment as a person works on them."""

    environment: Environment
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        self._letters = DeadLetters(self.environment)
        self._gone: dict[str, str] = {}
        self._mains: dict[str, Main] = {}

    def chosen(self, wanted: Wanted) -> list[DeadLetter]:
        return [
            letter
            for name in self._chains(wanted)
            for letter in self._letters.of_chain(name)
            if self._is(letter, wanted)
        ]

    def redrive(self, wanted: Wanted, why: str, *, really: bool, force: bool) -> list[Verdict]:
        """Send letters to the queue of their chain and delete them afterwards; without `really` only say so."""
        return self._work(wanted, lambda letter: self._to_redrive(letter, force=force), why, really=really)

    def purge(self, wanted: Wanted, why: str, *, really: bool) -> list[Verdict]:
        """Delete letters; without `really` only say so."""
        return self._work(wanted, lambda letter: Verdict(letter, "purge", "thrown away"), why, really=really)

    def history(self, letter: DeadLetter) -> list[Done]:
        """What was done about letters of this subject, the oldest first."""
        found = body_of(self.environment.s3, self._bucket, self._key(letter)) or b"[]"
        return [Done(**done) for done in json.loads(found)]

    def cause_gone(self, letter: DeadLetter) -> str:
        """Why nothing is left to do about a letter: the object, or a later version of it, is on main.

        Empty also where main cannot be asked, as it may be away for the reason of the letters themselves.
        """
        if letter.chain != INGEST:
            return ""
        if letter.subject not in self._gone:
            try:
                self._gone[letter.subject] = self._committed(letter)
            except Exception:  # noqa: BLE001 the letters matter more
                self._gone[letter.subject] = ""
        return self._gone[letter.subject]

    def lines(self, letter: DeadLetter) -> list[LogLine]:
        """What the handler logged about a letter's message."""
        chain = self.environment.outputs.chains[letter.chain]
        minutes = min(1 + int((self.now() - moment(letter)).total_seconds() // 60), MOST_MINUTES)
        log = FunctionLog(self.environment.logs, chain.log_group, minutes, letter.chain)
        about = [part for part in (letter.message_id, letter.subject) if part]
        lines = [
            line for event in log.events() if any(part in event.text for part in about) and (line := parsed(event))
        ]
        return sorted(lines, key=lambda line: line.moment)

    def _work(
        self, wanted: Wanted, decide: Callable[[DeadLetter], Verdict], why: str, *, really: bool
    ) -> list[Verdict]:
        verdicts: list[Verdict] = []
        for name in self._chains(wanted):
            with self._letters.held(name, HELD_SECONDS) as held:
                same: dict[str, list[WaitingLetter]] = defaultdict(list)
                for one in held:
                    if self._is(one.letter, wanted):
                        same[one.letter.subject].append(one)
                for letters in same.values():
                    verdict = decide(letters[-1].letter)
                    verdicts.append(verdict)
                    if really and verdict.action:
                        for gone in self._done(verdict, letters, why):
                            held.remove(gone)
        return verdicts

    def _done(self, verdict: Verdict, letters: Sequence[WaitingLetter], why: str) -> Iterator[WaitingLetter]:
        """Do it: sent first, then written down, then deleted, so that no crash loses a letter. One message may have
        become several letters, which are one work."""
        chain = self.environment.outputs.chains[verdict.letter.chain]
        if verdict.action == "redrive":
            # Of a message that nobody understands the subject is how it begins, which others may do too.
            for body in dict.fromkeys(letter.body for letter in letters):
                self.environment.sqs.send_message(QueueUrl=chain.queue_url, MessageBody=body)
        self._write_down(verdict, why)
        for letter in letters:
            self.environment.sqs.delete_message(QueueUrl=chain.dlq_url, ReceiptHandle=letter.receipt_handle)
            yield letter

    def _write_down(self, verdict: Verdict, why: str) -> None:
        letter = verdict.letter
        done = Done(
            action=verdict.action or "purge",
            at=self.now().isoformat(timespec="seconds"),
            who=self.environment.caller,
            why=shortened(why or verdict.because, LONGEST_REASON),
            object=letter.object,
            reason=letter.reason,
            attempts=letter.attempts,
        )
        body = json.dumps([asdict(one) for one in [*self.history(letter), done]]).encode()
        self.environment.s3.put_object(
            Bucket=self._bucket, Key=self._key(letter), Body=body, ContentType="application/json"
        )

    def _to_redrive(self, letter: DeadLetter, *, force: bool) -> Verdict:
        if gone := self.cause_gone(letter):
            return Verdict(letter, "cause gone", gone)
        sent = [done for done in self.history(letter) if done.action == "redrive"][-MOST_REDRIVES:]
        unchanged = len(sent) == MOST_REDRIVES and all(done.reason == letter.reason for done in sent)
        if unchanged and not force:
            return Verdict(
                letter,
                "",
                f"it was redriven {MOST_REDRIVES} times and failed for the same reason: mend that, or --force",
            )
        return Verdict(letter, "redrive", f"to the queue of {letter.chain}")

    def _committed(self, letter: DeadLetter) -> str:
        uri, version = address(letter.subject)
        dataset = uri.partition(f"/{PREFIX}")[2].partition("/")[0]
        if dataset not in self.environment.outputs.datasets:
            return ""
        main = self._main(dataset)
        entry = main.index.get(names.source_id(uri))
        if entry is None:
            return ""
        commit = main.commits.get(entry.event_id, "")
        where = f"is committed{f' in {commit[:12]}' if commit else ''}"
        if entry.version == version:
            return f"this version {where} meanwhile"
        return f"replaced: version {entry.version} {where}" if self._is_current(uri, entry) else ""

    def _main(self, dataset: str) -> Main:
        if dataset not in self._mains:
            there = Dataset(self.environment, dataset)
            # Older first, so that of two commits of a file the newer is named.
            commits = {source.event_id: c.id for c in reversed(there.commits()) for source in sources(c)}
            self._mains[dataset] = Main(there.index(), commits)
        return self._mains[dataset]

    def _is_current(self, uri: str, entry: Entry) -> bool:
        landing = S3Landing(self.environment.s3, self.environment.outputs.landing_bucket)
        current = landing.current(uri.removeprefix(f"s3://{self.environment.outputs.landing_bucket}/"))
        return current is not None and current.version == entry.version

    def _chains(self, wanted: Wanted) -> Iterable[str]:
        return [wanted.chain] if wanted.chain else self.environment.outputs.chains

    def _is(self, letter: DeadLetter, wanted: Wanted) -> bool:
        begun = moment(letter)
        return (
            wanted.object in f"{letter.object} {letter.subject}"
            and wanted.reason in letter.reason
            and (not wanted.older_than or begun <= self.now() - wanted.older_than)
            and (not wanted.dataset or Dataset(self.environment, wanted.dataset).is_meant(letter.object))
        )

    def _key(self, letter: DeadLetter) -> str:
        return names.letter_key(letter.chain, letter.subject)

    @property
    def _bucket(self) -> str:
        return self.environment.outputs.artifacts_bucket


def moment(letter: DeadLetter) -> datetime:
    """When it failed first; one without a time is taken for the oldest."""
    try:
        return datetime.fromisoformat(letter.first_failed_at)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def address(subject: str) -> tuple[str, str]:
    """Address and version of a landed object; a key may hold a question mark."""
    uri, _, version = subject.rpartition("?versionId=")
    return (uri, version) if uri else (subject, "")

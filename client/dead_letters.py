"""What waits in the dead-letter queues, and why: the messages joined with the reasons their functions wrote down."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lakeloop.adapters.s3 import S3FailureLog
from lakeloop.client.environment import Chain, Environment
from lakeloop.failures import Failure
from lakeloop.messages import subject

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

# Long enough to see a queue's every message once before the first one is visible again.
PEEK_SECONDS = 30
# Without a wait SQS asks only some of its servers and may answer nothing for a queue that is not empty.
LOOK_SECONDS = 1


@dataclass(frozen=True)
class DeadLetter:
    """One message that could not be handled."""

    chain: str
    message_id: str
    object: str
    reason: str
    attempts: int
    first_failed_at: str
    last_failed_at: str
    subject: str = ""
    """What its body is about; with the chain it names the letter, whose ids change on the way."""


@dataclass(frozen=True)
class WaitingLetter:
    """A letter with the message that it is, which others cannot see for a while."""

    letter: DeadLetter
    body: str
    receipt_handle: str


class DeadLetters:
    """The dead-letter queues of one environment; looking into them takes nothing out."""

    def __init__(self, environment: Environment) -> None:
        self._sqs = environment.sqs
        self._chains = environment.outputs.chains
        self._failures = S3FailureLog(environment.s3, environment.outputs.artifacts_bucket)

    def count(self) -> int:
        return sum(depth(self._sqs, chain.dlq_url).waiting for chain in self._chains.values())

    def all(self) -> list[DeadLetter]:
        return [letter for name in self._chains for letter in self.of_chain(name)]

    def of_chain(self, name: str) -> list[DeadLetter]:
        with self.held(name, PEEK_SECONDS) as letters:
            return [held.letter for held in letters]

    @contextmanager
    def held(self, name: str, seconds: int) -> Iterator[list[WaitingLetter]]:
        """The letters of a chain, hidden from others for so many seconds; those left in the list are seen again."""
        chain = self._chains[name]
        with peeked(self._sqs, chain.dlq_url, seconds) as messages:
            letters = [
                WaitingLetter(self._letter(name, chain, message), message["Body"], message["ReceiptHandle"])
                for message in messages
            ]
            try:
                yield letters
            finally:
                left = {held.receipt_handle for held in letters}
                messages[:] = [message for message in messages if message["ReceiptHandle"] in left]

    def _letter(self, name: str, chain: Chain, message: "MessageTypeDef") -> DeadLetter:
        return replace(self._told(name, chain, message), subject=subject(message["Body"]))

    def _told(self, name: str, chain: Chain, message: "MessageTypeDef") -> DeadLetter:
        if letter := sent_letter(name, message):
            return letter
        if failure := self._failures.get(name, message["MessageId"]):
            return recorded_letter(name, failure, message["Body"])
        return unrecorded_letter(name, chain, message, max_receive_count(self._sqs, chain.queue_url))


def sent_letter(chain: str, message: "MessageTypeDef") -> DeadLetter | None:
    """What the function itself sent, with the reason as attributes; two letters of one `message_id` are one message."""
    told = {name: value.get("StringValue", "") for name, value in message.get("MessageAttributes", {}).items()}
    if "reason" not in told:
        return None
    return DeadLetter(
        chain=chain,
        message_id=told.get("message_id", ""),
        object=told.get("object", ""),
        reason=told["reason"],
        attempts=int(told.get("tries", "0")),
        first_failed_at=told.get("first_failed_at", ""),
        last_failed_at=told.get("last_failed_at", ""),
    )


def recorded_letter(chain: str, failure: Failure, body: str) -> DeadLetter:
    """A function that fails unforeseen writes a reason and not what it was about; the message still says that."""
    return DeadLetter(
        chain=chain,
        message_id=failure.message_id,
        object=failure.object or subject(body),
        reason=failure.reason,
        attempts=failure.attempts,
        first_failed_at=failure.first_failed_at,
        last_failed_at=failure.last_failed_at,
    )


def unrecorded_letter(name: str, chain: Chain, message: "MessageTypeDef", attempts: int) -> DeadLetter:
    """A letter without a written reason: its function has not lived to write one, or never saw the message.

    SQS tries as often as the queue allows and then names the queue that a letter came from; what SNS or EventBridge
    could not deliver, and what a person sends, names none.
    """
    tried = "DeadLetterQueueSourceArn" in message["Attributes"]
    sent = datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC)
    return DeadLetter(
        chain=name,
        message_id=message["MessageId"],
        object=subject(message["Body"]),
        reason=(
            f"{chain.function_name} crashed or timed out before it could say why: read log group {chain.log_group}"
            if tried
            else "it was sent here directly, by SNS or EventBridge that could not deliver it, or by hand"
        ),
        attempts=attempts if tried else 0,
        first_failed_at=sent.isoformat(timespec="seconds"),
        last_failed_at="",
    )


@contextmanager
def peeked(sqs: "SQSClient", queue_url: str, seconds: int = PEEK_SECONDS) -> "Iterator[list[MessageTypeDef]]":
    """Each waiting message once; those left in the list are visible again afterwards, also after an error."""
    messages: dict[str, MessageTypeDef] = {}
    waiting: list[MessageTypeDef] = []
    try:
        # SQS counts roughly: one look is due even if it counts none, and none are left when a look finds nothing new.
        expected = max(1, depth(sqs, queue_url).waiting)
        while len(messages) < expected:
            fresh = [message for message in _receive(sqs, queue_url, seconds) if message["MessageId"] not in messages]
            if not fresh:
                break
            messages |= {message["MessageId"]: message for message in fresh}
            waiting.extend(fresh)
        yield waiting
    finally:
        for message in waiting:
            sqs.change_message_visibility(
                QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
            )


def _receive(sqs: "SQSClient", queue_url: str, seconds: int) -> "list[MessageTypeDef]":
    answer = sqs.receive_message(
        QueueUrl=queue_url,
        MaxNumberOfMessages=10,
        VisibilityTimeout=seconds,
        WaitTimeSeconds=LOOK_SECONDS,
        MessageSystemAttributeNames=["SentTimestamp", "DeadLetterQueueSourceArn"],
        MessageAttributeNames=["All"],
    )
    return answer.get("Messages", [])


@dataclass(frozen=True)
class Depth:
    """How many messages a queue holds, as SQS counts them: about so many."""

    waiting: int
    in_flight: int


def depth(sqs: "SQSClient", queue_url: str) -> Depth:
    found = sqs.get_queue_attributes(
        QueueUrl=queue_url,
        AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    )["Attributes"]
    return Depth(
        waiting=int(found["ApproximateNumberOfMessages"]), in_flight=int(found["ApproximateNumberOfMessagesNotVisible"])
    )


def max_receive_count(sqs: "SQSClient", queue_url: str) -> int:
    attributes = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["RedrivePolicy"])["Attributes"]
    return int(json.loads(attributes["RedrivePolicy"])["maxReceiveCount"])

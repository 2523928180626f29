"""SNS and SQS."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lakeloop.adapters.aws import foreseen
from lakeloop.adapters.s3 import S3FailureLog, S3Marks
from lakeloop.consumer import Consumer
from lakeloop.failures import Failure
from lakeloop.messages import LoopMessage, Message
from lakeloop.observability import logger
from lakeloop.scratch import sweep_scratch
from lakeloop.settings import ChainSettings

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sns.client import SNSClient
    from mypy_boto3_sqs.client import SQSClient
    from mypy_boto3_sqs.type_defs import ChangeMessageVisibilityBatchRequestEntryTypeDef, MessageAttributeValueTypeDef

# SQS takes so many entries in one call.
ENTRIES = 10
# What the text of a message may not hold: SQS takes the characters of XML 1.0.
NOT_TAKEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def consumer(settings: ChainSettings, s3: "S3Client", sqs: "SQSClient") -> Consumer:
    """The consumer of a function's queue; asked for once, when the function starts."""
    sweep_scratch()
    return Consumer(
        function=settings.function,
        queue=SqsQueue(sqs, settings.queue_url, settings.dlq_url),
        marks=S3Marks(s3, settings.artifacts_bucket, settings.function),
        failure_log=S3FailureLog(s3, settings.artifacts_bucket),
        foreseen=foreseen,
        last_delivery=settings.max_receive_count,
    )


class SnsPublisher:
    """A topic of the loop."""

    def __init__(self, client: "SNSClient", topic_arn: str) -> None:
        self._client = client
        self._topic_arn = topic_arn

    def publish(self, message: LoopMessage) -> None:
        self.announce(message.model_dump_json())

    def announce(self, notification: str) -> None:
        self._client.publish(TopicArn=self._topic_arn, Message=notification)


class SnsSteps:
    """The topics of the loop's steps, by their names."""

    def __init__(self, client: "SNSClient", topic_arns: Mapping[str, str]) -> None:
        self._client = client
        self._topic_arns = topic_arns

    def wake(self, step: str, notification: str) -> None:
        self._client.publish(TopicArn=self._topic_arns[step], Message=notification)


class SqsQueue:
    """A function's queue and its dead-letter queue, by their URLs."""

    def __init__(self, client: "SQSClient", url: str, dlq_url: str) -> None:
        self._client = client
        self._url = url
        self._dlq_url = dlq_url

    def wait(self, seconds: Mapping[Message, int]) -> None:
        entries: list[ChangeMessageVisibilityBatchRequestEntryTypeDef] = [
            {"Id": str(number), "ReceiptHandle": message.receipt_handle, "VisibilityTimeout": wait}
            for number, (message, wait) in enumerate(seconds.items())
        ]
        for start in range(0, len(entries), ENTRIES):
            answer = self._client.change_message_visibility_batch(
                QueueUrl=self._url, Entries=entries[start : start + ENTRIES]
            )
            for refused in answer.get("Failed", []):
                # Somebody else has the message already, or it is done.
                logger.info("visibility not changed", extra={"code": refused["Code"]})

    def bury(self, message: Message, failure: Failure) -> None:
        self._client.send_message(
            QueueUrl=self._dlq_url, MessageBody=message.body, MessageAttributes=letter_attributes(failure)
        )


def letter_attributes(failure: Failure) -> "dict[str, MessageAttributeValueTypeDef]":
    """A failure as attributes of the message in the dead-letter queue: 9 of the 10 that SQS lets a message have.

    Together they stay below 5 KB: a key has at most 1,024 bytes and a reason 500 characters.
    """
    values = {
        "function": failure.function,
        "message_id": failure.message_id,
        "object": failure.object,
        "reason": failure.reason,
        "error": failure.error,
        "first_failed_at": failure.first_failed_at,
        "last_failed_at": failure.last_failed_at,
        "correlation_id": failure.correlation_id,
    }
    attributes: dict[str, MessageAttributeValueTypeDef] = {
        name: {"DataType": "String", "StringValue": NOT_TAKEN.sub("\ufffd", value)}
        # SQS refuses an attribute without a value.
        for name, value in values.items()
        if value
    }
    return {**attributes, "tries": {"DataType": "Number", "StringValue": str(failure.attempts)}}

"""SNS and SQS."""

from typing import TYPE_CHECKING

from lakeloop.messages import DataCommitted

if TYPE_CHECKING:
    from mypy_boto3_sns.client import SNSClient
    from mypy_boto3_sqs.client import SQSClient


class SnsPublisher:
    """The topic that tells of new commits."""

    def __init__(self, client: "SNSClient", topic_arn: str) -> None:
        self._client = client
        self._topic_arn = topic_arn

    def publish(self, message: DataCommitted) -> None:
        self._client.publish(TopicArn=self._topic_arn, Message=message.model_dump_json())


class SqsQueue:
    """The queue a message came from."""

    def __init__(self, client: "SQSClient") -> None:
        self._client = client

    def retry_after(self, queue_arn: str, receipt_handle: str, seconds: int) -> None:
        self._client.change_message_visibility(
            QueueUrl=queue_url(queue_arn), ReceiptHandle=receipt_handle, VisibilityTimeout=seconds
        )


def queue_url(queue_arn: str) -> str:
    """An event carries the queue's ARN where the API wants its URL."""
    _, _, _, region, account, name = queue_arn.split(":")
    return f"https://sqs.{region}.amazonaws.com/{account}/{name}"

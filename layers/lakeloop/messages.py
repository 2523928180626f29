"""The messages between the functions, and how they are read from an SQS delivery."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote_plus, unquote_plus

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lakeloop.errors import MalformedMessageError
from lakeloop.names import MAIN

LONGEST_EXCERPT = 120
# A reader refuses what a later release wrote.
MESSAGE_VERSION = 1


class LoopMessage(BaseModel):
    """What one function says to another, or a schedule to a function."""

    # A function reads one or two of these, and predict none: the others are never built.
    model_config = ConfigDict(frozen=True, defer_build=True)

    version: Annotated[int, Field(le=MESSAGE_VERSION)] = MESSAGE_VERSION

    @classmethod
    def parse(cls, body: str) -> Self:
        try:
            return cls.model_validate_json(unwrapped(body))
        except ValidationError as error:
            raise MalformedMessageError(f"not a {cls.__name__} message: {told(error)}") from error


class LakeMessage(LoopMessage):
    """A wake-up, not the data: the reader looks at main itself, so order does not matter."""

    dataset: str
    repository: str
    commit: str
    correlation_id: str


class DataCommitted(LakeMessage):
    """New rows are on main."""

    rows_committed: int


class FeaturesMissing(LakeMessage):
    """Rows of main have no features of the recipe that the contract asks for now."""

    recipe: str


class TrainingAsked(LoopMessage):
    """Look whether to train: a dataset, or each where none is named.

    A `person` gives the ask an `id`, which starts one job however often it is told, and may name the commit.
    """

    reason: Literal["person", "schedule", "drift"]
    dataset: str = ""
    repository: str = ""
    commit: str = ""
    id: str = ""
    who: str = ""
    why: str = ""
    at: datetime = Field(default_factory=lambda: datetime.now(UTC))
    correlation_id: str = ""


class JudgeAgain(LoopMessage):
    """A version was approved beside a model that serves no longer; `tuning_job` made it."""

    dataset: str
    tuning_job: str


class ReconcileLanding(LoopMessage):
    """Compare the landing bucket with main: all datasets, or one, of which the keys up to `after` are done.

    `found` is what was found there, by kind.
    """

    dataset: str = ""
    after: str = ""
    found: Mapping[str, int] = Field(default_factory=dict)


class Compact(LoopMessage):
    """Put small packs together where there are `fewest` of them at least: of all datasets, or of one."""

    dataset: str = ""
    fewest: Annotated[int, Field(ge=2)] = 32


class AdvanceSplits(LoopMessage):
    """Move rows to where the borders of a split by time have moved: of all datasets, or of one."""

    dataset: str = ""


class JoinFeedback(LoopMessage):
    """Join predictions with the labels that came for them: of all datasets, or of one."""

    dataset: str = ""


class WatchPredictions(LoopMessage):
    """Compare what is predicted with what the model learned from: of all datasets, or of one."""

    dataset: str = ""


class ReconcileLoop(LoopMessage):
    """Look at what events may have missed between data and endpoint: of all datasets, or of one."""

    dataset: str = ""


@dataclass(frozen=True)
class Message:
    """One SQS message as Lambda delivers it; `attempts` counts deliveries, with this one.

    `sent` is when it came to the queue, in seconds since 1970.
    """

    id: str
    body: str
    attempts: int
    receipt_handle: str
    sent: float

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        return cls(
            id=record["messageId"],
            body=record["body"],
            attempts=int(record["attributes"]["ApproximateReceiveCount"]),
            receipt_handle=record["receiptHandle"],
            sent=int(record["attributes"]["SentTimestamp"]) / 1000,
        )


def unwrapped(body: str) -> str:
    """The inner message of an SNS notification, or the body itself where raw delivery left it alone."""
    outer = parsed(body)
    if isinstance(outer, dict) and outer.get("Type") == "Notification" and "Message" in outer:
        return str(outer["Message"])
    return body


def parsed(text: str) -> Any:  # noqa: ANN401 any JSON
    """The JSON of a message. Raises MalformedMessageError where it is none, or too deep to be read."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MalformedMessageError(f"the message is not JSON that can be read: {type(error).__name__}") from error


def told(error: ValidationError) -> str:
    """What is wrong with which field, without the values."""
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, problem['loc'])) or 'it'}: {problem['msg']}" for problem in problems)


def subject(body: str) -> str:
    """What a message is about, whatever it is: landed objects, resources of AWS, a commit, else how it begins."""
    try:
        inner = parsed(unwrapped(body))
        if "Records" in inner:
            return ", ".join(_address(record["s3"]) for record in inner["Records"])
        if inner.get("source") == "aws.s3":
            object_ = inner["detail"]["object"]
            named = {"key": quote_plus(object_["key"]), "versionId": object_.get("version-id")}
            return _address({"bucket": inner["detail"]["bucket"], "object": named})
        if "commit" in inner:
            # Of all datasets, and at the head of main, neither is named.
            where = f"lakefs://{inner['repository']}/{inner['commit'] or MAIN}"
            return where if inner["repository"] else inner["reason"]
        return ", ".join(inner["resources"]) or body[:LONGEST_EXCERPT]
    except (MalformedMessageError, LookupError, TypeError, AttributeError):
        return body[:LONGEST_EXCERPT]


def _address(entity: Mapping[str, Mapping[str, str]]) -> str:
    version = entity["object"].get("versionId")
    address = f"s3://{entity['bucket']['name']}/{unquote_plus(entity['object']['key'])}"
    return f"{address}?versionId={version}" if version else address

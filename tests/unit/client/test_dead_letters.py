"""Looking into dead-letter queues: all that is there, why, and nothing taken out."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from mypy_boto3_sqs.type_defs import MessageTypeDef

from lakeloop.adapters.messaging import SqsQueue
from lakeloop.adapters.s3 import S3FailureLog
from lakeloop.cli.output import to_json
from lakeloop.cli.views.letters import block
from lakeloop.client.dead_letters import DeadLetter, DeadLetters, unrecorded_letter
from lakeloop.client.environment import Environment
from lakeloop.client.errors import LoopFailedError
from lakeloop.client.loop import DeadLetterGuard
from lakeloop.failures import Failure
from lakeloop.messages import Message, subject
from tests.unit.cli.rendering import rendered
from tests.unit.client.deployed import emulated, put_letter

LANDED = {"bucket": {"name": "landing"}, "object": {"key": "incoming/wine/a+b.csv", "versionId": "v1"}}
NOTIFICATION = json.dumps({"Records": [{"s3": LANDED}]})
FAILURE = Failure(
    function="transform_data",
    message_id="",
    object="s3://landing/incoming/wine/a b.csv?versionId=v1",
    reason="no dataset is called 'wine'",
    error="UnknownDatasetError",
    attempts=5,
    first_failed_at="2026-11-21T05:00:00+00:00",
    last_failed_at="2026-11-21T05:00:09+00:00",
    correlation_id="c",
)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Environment]:
    with emulated(monkeypatch) as environment:
        yield environment


def test_a_letter_has_the_object_and_reason_that_its_function_wrote_down(environment: Environment) -> None:
    message_id = put_letter(environment, "transform_data", NOTIFICATION)
    log = S3FailureLog(environment.s3, environment.outputs.artifacts_bucket)
    log.put(replace(FAILURE, message_id=message_id))

    letters = DeadLetters(environment).all()

    assert [(letter.chain, letter.object, letter.attempts) for letter in letters] == [
        ("transform_data", "s3://landing/incoming/wine/a b.csv?versionId=v1", 5)
    ]
    text = rendered(block(letters[0]))
    for told in (
        FAILURE.object,
        FAILURE.reason,
        "5, 2026-11-21T05:00:00+00:00 to 2026-11-21T05:00:09+00:00",
        message_id,
    ):
        assert told in text


def test_a_letter_that_its_function_sent_says_all_itself(environment: Environment) -> None:
    chain = environment.outputs.chains["transform_data"]
    sent = replace(FAILURE, message_id="in-its-own-queue", attempts=1)

    queue = SqsQueue(environment.sqs, chain.queue_url, chain.dlq_url)
    queue.bury(Message("in-its-own-queue", NOTIFICATION, 1, "receipt", 0), sent)

    (letter,) = DeadLetters(environment).all()
    assert (letter.message_id, letter.object, letter.reason, letter.attempts) == (
        "in-its-own-queue",
        FAILURE.object,
        FAILURE.reason,
        1,
    )
    assert (letter.first_failed_at, letter.last_failed_at) == (FAILURE.first_failed_at, FAILURE.last_failed_at)


def test_a_letter_without_a_reason_names_the_log_group_and_how_often_sqs_tried(environment: Environment) -> None:
    chain = environment.outputs.chains["transform_data"]
    message: MessageTypeDef = {
        "MessageId": "m",
        "Body": NOTIFICATION,
        "Attributes": {"SentTimestamp": "1795724764969", "DeadLetterQueueSourceArn": "arn:queue"},
    }

    letter = unrecorded_letter("transform_data", chain, message, 5)

    assert letter.object == "s3://landing/incoming/wine/a b.csv?versionId=v1"
    assert "crashed or timed out" in letter.reason
    assert "/aws/lambda/lakeloop-test-transform-data" in letter.reason
    assert letter.attempts == 5
    assert letter.first_failed_at == "2026-11-26T20:26:04+00:00"


def test_a_letter_that_no_queue_gave_up_was_sent_here_directly(environment: Environment) -> None:
    put_letter(environment, "deploy_model", json.dumps({"resources": ["arn:job"]}))

    (letter,) = DeadLetters(environment).of_chain("deploy_model")

    assert "sent here directly" in letter.reason
    assert letter.attempts == 0


def test_a_recorded_failure_without_an_object_is_about_what_its_message_says(environment: Environment) -> None:
    message_id = put_letter(environment, "transform_data", NOTIFICATION)
    log = S3FailureLog(environment.s3, environment.outputs.artifacts_bucket)
    log.put(replace(FAILURE, message_id=message_id, object=""))

    (letter,) = DeadLetters(environment).all()

    assert letter.object == FAILURE.object


ODD = ("\ud800 lone surrogate", "\x1b[31mred\x1b[0m", "\x00NUL", "100 % \U0001f9ea", "[bold]markup[/]", "\xff\xfe")


@pytest.mark.parametrize("text", ODD, ids=ascii)
def test_a_letter_of_any_text_can_be_shown_on_any_terminal(text: str) -> None:
    letter = DeadLetter("transform_data", "m", text, text, 5, "first", "last")

    shown = rendered(block(letter))

    assert shown.encode("utf-8")
    assert "\x1b" not in shown
    assert to_json(letter).encode("ascii")


def test_a_reason_that_holds_a_file_is_cut_on_the_screen() -> None:
    letter = DeadLetter("transform_data", "m", "o", "x" * 1_000_000, 5, "first", "last")

    assert len(rendered(block(letter))) < 3000


def test_looking_takes_nothing_out_however_many_there_are(environment: Environment) -> None:
    sent = {put_letter(environment, "start_tuning", f"{number}") for number in range(23)}
    letters = DeadLetters(environment)

    first, second = letters.all(), letters.all()

    assert {letter.message_id for letter in first} == {letter.message_id for letter in second} == sent
    assert letters.count() == 23


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (NOTIFICATION, FAILURE.object),
        (json.dumps({"Type": "Notification", "Message": NOTIFICATION}), FAILURE.object),
        (json.dumps({"source": "aws.sagemaker", "resources": ["arn:job"]}), "arn:job"),
        (json.dumps({"Records": [{"no": "s3"}]}), '{"Records": [{"no": "s3"}]}'),
        ("not JSON " * 100, ("not JSON " * 100)[:120]),
    ],
)
def test_the_subject_of_a_message_is_told_from_its_body(body: str, said: str) -> None:
    assert subject(body) == said


def test_the_guard_overlooks_old_letters_and_stops_at_a_new_one(environment: Environment) -> None:
    put_letter(environment, "transform_data", NOTIFICATION)
    ticks = iter(range(0, 1000, 10))
    guard = DeadLetterGuard(DeadLetters(environment), clock=lambda: next(ticks))

    guard()
    put_letter(environment, "deploy_model", json.dumps({"resources": ["arn:endpoint"]}))

    with pytest.raises(LoopFailedError, match="deploy_model: arn:endpoint"):
        guard()

"""Dead letters are sent again, thrown away, or go with their cause; who did it and why is kept."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from lakeloop.adapters.messaging import SqsQueue
from lakeloop.cli.commands import dlq
from lakeloop.client.environment import Environment
from lakeloop.client.redrive import Letters, Wanted
from lakeloop.failures import Failure
from lakeloop.messages import Message
from tests.cases import OPS
from tests.data import tiny, tiny_csv
from tests.fakes import message
from tests.unit.client.deployed import deploy_contracts, emulated
from tests.world import ROWS, World

DATASET = "breast_cancer"
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
FAILURE = Failure(
    function="transform_data",
    message_id="m1",
    object="",
    reason="no dataset is called 'wine'",
    error="UnknownDatasetError",
    attempts=1,
    first_failed_at="2026-11-26T10:00:00+00:00",
    last_failed_at="2026-11-26T10:00:00+00:00",
    correlation_id="c",
)
ALL = Wanted()


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Environment]:
    with emulated(monkeypatch) as environment:
        monkeypatch.setattr(Environment, "load", classmethod(lambda cls: environment))
        environment.__dict__["lake"] = World(tiny(name=DATASET)).lake
        environment.outputs.contracts_index = deploy_contracts(
            environment.s3, environment.outputs.artifacts_bucket, tiny(name=DATASET)
        )
        yield environment


@pytest.fixture
def letters(environment: Environment) -> Letters:
    return Letters(environment, lambda: NOW)


def body(name: str, version: str = "v1") -> str:
    landed = {"bucket": {"name": "landing"}, "object": {"key": f"incoming/{DATASET}/{name}", "versionId": version}}
    return json.dumps({"Records": [{"s3": landed}]})


def bury(environment: Environment, text: str, **changes: object) -> None:
    """What a function does with a message that it gives up."""
    chain = environment.outputs.chains["transform_data"]
    failure = replace(FAILURE, **changes)  # type: ignore[arg-type]
    SqsQueue(environment.sqs, chain.queue_url, chain.dlq_url).bury(
        Message(failure.message_id, text, 1, "receipt", 0), replace(failure, object=failure.object or "s3://landing/x")
    )


def received(environment: Environment, chain: str = "transform_data") -> list[str]:
    """What the queue of a chain holds now; its messages are taken out."""
    url = environment.outputs.chains[chain].queue_url
    found = environment.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for one in found:
        environment.sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
    return [one["Body"] for one in found]


def test_without_a_yes_nothing_happens(environment: Environment, letters: Letters) -> None:
    bury(environment, body("a.csv"))

    [verdict] = letters.redrive(ALL, "", really=False, force=False)

    assert verdict.action == "redrive"
    assert received(environment) == []
    assert len(letters.chosen(ALL)) == 1
    assert letters.history(verdict.letter) == []


def test_a_redriven_letter_is_in_its_queue_and_not_among_the_letters(
    environment: Environment, letters: Letters
) -> None:
    bury(environment, body("a.csv"))
    [letter] = letters.chosen(ALL)

    letters.redrive(ALL, "the dataset is there now", really=True, force=False)

    assert received(environment) == [body("a.csv")]
    assert letters.chosen(ALL) == []
    [done] = letters.history(letter)
    assert (done.action, done.why, done.reason) == ("redrive", "the dataset is there now", FAILURE.reason)
    assert done.who.startswith("arn:aws:")


def test_a_letter_whose_sending_fails_stays(
    environment: Environment, letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    bury(environment, body("a.csv"))

    def fail(**_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(environment.sqs, "send_message", fail)
    with pytest.raises(ConnectionError):
        letters.redrive(ALL, "why", really=True, force=False)

    assert len(letters.chosen(ALL)) == 1


def test_two_letters_of_one_object_are_sent_once(environment: Environment, letters: Letters) -> None:
    bury(environment, body("a.csv"), message_id="m1")
    bury(environment, body("a.csv"), message_id="m2")

    letters.redrive(ALL, "why", really=True, force=False)

    assert received(environment) == [body("a.csv")]
    assert letters.chosen(ALL) == []


def test_letters_that_begin_alike_are_all_sent(environment: Environment, letters: Letters) -> None:
    alike = [f"{'no message of ours ' * 10}{number}" for number in range(2)]
    for number, text in enumerate(alike):
        bury(environment, text, message_id=f"m{number}")

    letters.redrive(ALL, "now it is", really=True, force=False)

    assert sorted(received(environment)) == alike
    assert letters.chosen(ALL) == []


def test_what_came_back_unchanged_twice_is_refused_unless_forced(environment: Environment, letters: Letters) -> None:
    for number in range(2):
        bury(environment, body("a.csv"), message_id=f"another-id-{number}")
        letters.redrive(ALL, "why", really=True, force=False)
    bury(environment, body("a.csv"), message_id="third-id")
    received(environment)

    [refused] = letters.redrive(ALL, "why", really=True, force=False)

    assert refused.action == ""
    assert "redriven 2 times and failed for the same reason" in refused.because
    assert len(letters.chosen(ALL)) == 1
    letters.redrive(ALL, "why", really=True, force=True)
    assert received(environment) == [body("a.csv")]


def test_what_fails_for_another_reason_now_may_be_redriven_again(environment: Environment, letters: Letters) -> None:
    for reason in ("one", "one", "another"):
        bury(environment, body("a.csv"), reason=reason)
        [verdict] = letters.redrive(ALL, "why", really=True, force=False)

    assert verdict.action == "redrive"


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(chain="start_tuning"), 0),
        (Wanted(chain="transform_data"), 2),
        (Wanted(object="b.csv"), 1),
        (Wanted(reason="lakeFS"), 1),
        (Wanted(dataset=DATASET), 1),
        (Wanted(older_than=timedelta(hours=1)), 1),
        (Wanted(older_than=timedelta(hours=3)), 0),
    ],
)
def test_filters_choose_letters(environment: Environment, letters: Letters, wanted: Wanted, found: int) -> None:
    bury(environment, body("a.csv"), object=f"s3://landing/incoming/{DATASET}/a.csv?versionId=v1")
    bury(
        environment,
        body("b.csv"),
        message_id="m2",
        reason="lakeFS is away",
        first_failed_at="2026-11-26T11:30:00+00:00",
    )

    assert len(letters.chosen(wanted)) == found


def test_a_purged_letter_is_nowhere_and_what_was_left_out_is_seen_at_once(
    environment: Environment, letters: Letters
) -> None:
    bury(environment, body("a.csv"))
    bury(environment, body("b.csv"), message_id="m2")

    letters.purge(Wanted(object="a.csv"), "a test", really=True)

    assert received(environment) == []
    assert [letter.subject for letter in letters.chosen(ALL)] == [f"s3://landing/incoming/{DATASET}/b.csv?versionId=v1"]


def test_a_letter_of_empty_first_then_full_goes_with_its_cause_and_says_so(environment: Environment) -> None:
    """A letter whose object was replaced by a version that is on main is nobody's work any more."""
    empty, full = (
        json.loads((OPS / "empty-first-then-full" / name).read_text()) for name in ("first.json", "second.json")
    )
    bucket = environment.outputs.landing_bucket
    key = empty["Records"][0]["s3"]["object"]["key"]
    world = World(tiny(name=DATASET))
    environment.__dict__["lake"] = world.lake
    world.landing.drop(key, b"")
    world.landing.drop(key, tiny_csv(*ROWS))
    stored = environment.s3.put_object(Bucket=bucket, Key=key, Body=tiny_csv(*ROWS))["VersionId"]
    world.landing.named[key] = stored
    for event, version in ((empty, "EMPTY1"), (full, stored)):
        event["Records"][0]["s3"]["bucket"]["name"] = bucket
        event["Records"][0]["s3"]["object"]["versionId"] = version
    bury(environment, json.dumps(empty), reason=f"{key} is empty (0 bytes), and nothing has replaced it: drop it again")
    letters = Letters(environment)
    assert letters.cause_gone(letters.chosen(ALL)[0]) == ""

    assert world.service.handle([message(full, "m2")]) == {}
    said = CliRunner().invoke(dlq.app, ["redrive", "--yes", "--why", "the upload was done"])

    assert "gone with its cause" in said.output
    assert f"replaced: version {stored} is committed in {world.lake.head('')}" in " ".join(said.output.split())
    assert received(environment) == []
    assert Letters(environment).chosen(ALL) == []


def test_the_log_lines_of_the_message_are_shown(environment: Environment) -> None:
    group = environment.outputs.chains["transform_data"].log_group
    environment.logs.create_log_group(logGroupName=group)
    environment.logs.create_log_stream(logGroupName=group, logStreamName="s")
    at = int(datetime.now(UTC).timestamp() * 1000)
    said = [{"level": "WARNING", "message": "message failed", "failure": {"message_id": "m1"}}, {"message": "other"}]
    environment.logs.put_log_events(
        logGroupName=group,
        logStreamName="s",
        logEvents=[{"timestamp": at, "message": json.dumps(line)} for line in said],
    )
    bury(environment, body("a.csv"), first_failed_at=datetime.now(UTC).isoformat())

    shown = CliRunner().invoke(dlq.app, ["show"]).output

    assert "message failed" in shown
    assert "other" not in shown


def test_the_command_asks_why_before_it_does_anything(environment: Environment) -> None:
    bury(environment, body("a.csv"))

    done = CliRunner().invoke(dlq.app, ["purge", "--yes"])

    assert "nobody will know why" in str(done.exception)
    assert len(Letters(environment).chosen(ALL)) == 1


def test_a_dry_run_says_what_would_happen_and_how_to_do_it(environment: Environment) -> None:
    bury(environment, body("a.csv"))

    said = CliRunner().invoke(dlq.app, ["redrive", "--older-than", "1h"]).output

    assert "would be redriven" in said
    assert "1 letter to do" in said
    assert "--yes" in said


def test_letters_are_listed_also_when_the_lake_is_away(environment: Environment) -> None:
    bury(environment, body("a.csv"))
    environment.__dict__["lake"] = None

    said = CliRunner().invoke(dlq.app, ["list"]).output

    assert "1 dead letter in all chains" in said

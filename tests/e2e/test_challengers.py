"""Challengers come for an endpoint on instances while callers ask: no request fails, whatever becomes of them."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest

from lakeloop import names
from lakeloop.cli.commands import decide, rollback
from lakeloop.cli.demo.data import prepare
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment
from lakeloop.client.loop import LoopWatch
from lakeloop.client.own_models import archived
from lakeloop.client.predictions import features_of_row
from lakeloop.contract.digest import contract_digest, kept, recipe_digest
from lakeloop.deployment.requests import is_made_of
from lakeloop.registry import lineage
from lakeloop.registry.ports import Approval, ModelVersion
from lakeloop.rollback.models import BAD_DATA
from tests.e2e.challenging import LEARNS_NOTHING, NAME, Callers, Challenged, contract_text, rows_in_one_file
from tests.e2e.conftest import Deployment
from tests.e2e.test_loop import eventually, ignore
from tests.e2e.test_new_contracts import changed_contract

# Callers who ask a model before and after it changes show that it answers.
BESIDE_SECONDS = 2.0


pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def loop(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Challenged]:
    changed_contract(deployment, tmp_path_factory.mktemp("challenged"), {}, {NAME: contract_text()}).apply()
    environment = Environment.current()
    dataset = Dataset(environment, NAME)
    row = prepare(dataset.contract, tmp_path_factory.mktemp("rows")).held_out[0]
    yield Challenged(environment, dataset, features_of_row(dataset.contract, row))
    deployment.terraform.apply()


@pytest.fixture(autouse=True)
def commands_see_it(loop: Challenged, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Environment, "load", classmethod(lambda cls: loop.environment))


@pytest.fixture(scope="module")
def first(loop: Challenged, tmp_path_factory: pytest.TempPathFactory) -> ModelVersion:
    """The version that a dropped file leads to, and that serves."""
    watch = LoopWatch(loop.environment, loop.dataset)
    watch.wait_for_rows(loop.dataset.drop(rows_in_one_file(loop.dataset, tmp_path_factory.mktemp("drop"))), ignore)
    tuning = watch.wait_for_tuning(loop.dataset.commits()[0].id, ignore)
    watch.wait_for_endpoint(tuning.name, ignore)  # type: ignore[union-attr]
    eventually("the first version", lambda: loop.served == 1)
    return loop.version(1)


@pytest.fixture(scope="module")
def worse(loop: Challenged, first: ModelVersion) -> ModelVersion:
    """The version of a model that learned nothing."""
    job = loop.trained_again(first.metadata[lineage.TUNING_JOB], "worse", LEARNS_NOTHING)
    return LoopWatch(loop.environment, loop.dataset).wait_for_verdict(job, ignore)


def while_asking(loop: Challenged, what: Callable[[], None]) -> Callers:
    """Do it under the load of callers, none of whom may be refused."""
    callers = loop.callers()
    with callers.asking():
        time.sleep(BESIDE_SECONDS)
        what()
        time.sleep(BESIDE_SECONDS)
    print(callers)
    assert callers.answers
    assert callers.failed == []
    return callers


def approved(loop: Challenged, version: int) -> None:
    decide.approve(NAME, version, reason="the test says so", yes=True)
    eventually(f"version {version}", lambda: loop.served == version)


def test_a_worse_challenger_is_rejected_with_its_reasons(
    loop: Challenged, first: ModelVersion, worse: ModelVersion
) -> None:
    assert worse.approval is Approval.REJECTED
    assert "worse" in worse.why
    assert worse.metadata[lineage.CHAMPION] == first.arn
    assert loop.served == first.version


def test_a_better_challenger_is_promoted_by_a_canary_and_no_request_fails(
    loop: Challenged, first: ModelVersion, worse: ModelVersion
) -> None:
    """The champion is the one that learned nothing: a person may approve that, too."""
    approved(loop, worse.version)
    job = loop.trained_again(first.metadata[lineage.TUNING_JOB], "better", {})

    def promoted() -> None:
        better = LoopWatch(loop.environment, loop.dataset).wait_for_verdict(job, ignore)
        assert better.approval is Approval.APPROVED, better.why
        eventually("the better one", lambda: loop.served == better.version)

    while_asking(loop, promoted)

    assert loop.version(worse.version).why.startswith("superseded by version")
    said = loop.dataset.report("deploy_model")
    assert said
    assert said.good, said.why
    assert "without evidence" not in said.why


def test_a_model_that_no_container_loads_is_rolled_back_and_told(loop: Challenged, first: ModelVersion) -> None:
    champion = loop.served
    broken = loop.register(first, "broken", archived(b"this is no model"))

    def refused() -> None:
        decide.approve(NAME, broken, reason="nobody looked", yes=True)
        eventually("its rejection", lambda: loop.version(broken).approval is Approval.REJECTED)
        eventually("the champion", lambda: loop.served == champion)

    while_asking(loop, refused)

    assert "rolled back" in loop.version(broken).why
    assert_told_and_untouched(loop, broken, champion)


def test_an_alarm_during_the_canary_brings_requests_back(loop: Challenged, first: ModelVersion) -> None:
    champion = loop.served
    other = loop.register(first, "alarming")
    alarm = names.errors_alarm(loop.dataset.endpoint_name)
    cloudwatch = boto3.client("cloudwatch")

    def rolled_back() -> None:
        decide.approve(NAME, other, reason="it looked good", yes=True)
        eventually("the update", lambda: loop.models.endpoint is not None and loop.models.endpoint.status == "Updating")
        cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="the test says so")
        eventually("its rejection", lambda: loop.version(other).approval is Approval.REJECTED)
        cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="OK", StateReason="the test is over")
        eventually("the champion", lambda: loop.served == champion)

    while_asking(loop, rolled_back)

    assert alarm in loop.version(other).why
    assert_told_and_untouched(loop, other, champion)


def assert_told_and_untouched(loop: Challenged, refused: int, champion: int | None) -> None:
    said = loop.dataset.report("deploy_model")
    assert said
    assert (said.good, said.why) == (False, f"version {refused} is not served: {loop.version(refused).why}")
    assert loop.served == champion
    assert loop.models.find(champion or 0).approval is Approval.APPROVED


def test_data_that_is_taken_back_takes_its_model_with_it(loop: Challenged, first: ModelVersion, tmp_path: Path) -> None:
    champion = loop.served
    bad = tmp_path / "bad.csv"
    header, *rows = rows_in_one_file(loop.dataset, tmp_path).read_text().splitlines()
    bad.write_text("\n".join([header, *(f"bad-{row}" for row in rows[:30])]) + "\n")
    LoopWatch(loop.environment, loop.dataset).wait_for_rows(loop.dataset.drop(bad), ignore)
    before = loop.dataset.index().counts()
    learned = loop.register(first, "of-bad-data", told={lineage.DATA_COMMIT: loop.dataset.commits()[0].id})
    approved(loop, learned)

    def taken_back() -> None:
        rollback.data(NAME, "bad.csv", reason="the sensor was upside down", yes=True)
        eventually("the champion of before", lambda: loop.served == champion)

    while_asking(loop, taken_back)

    assert loop.dataset.index().counts().total < before.total
    flagged = loop.version(learned)
    assert flagged.approval is Approval.REJECTED
    assert BAD_DATA in flagged.metadata


def test_one_that_reads_rows_otherwise_has_an_endpoint_of_its_own_to_which_callers_are_sent(
    loop: Challenged, first: ModelVersion
) -> None:
    before = loop.models.endpoint
    assert before
    champion, other = loop.version(loop.served or 0), read_otherwise(loop, first)
    # Functions remember for seconds what served before.
    eventually("callers to know the champion", lambda: is_made_of(loop.ask(), champion))

    def switched() -> None:
        approved(loop, other)
        eventually("callers to be sent there", lambda: is_made_of(loop.ask(), loop.version(other)))

    callers = while_asking(loop, switched)

    after = loop.models.endpoint
    assert after
    assert after.name == names.beside(loop.environment.outputs.name_prefix, before.name)
    known, sent_to = callers.models[-2:]
    assert is_made_of(known, champion)
    assert is_made_of(sent_to, loop.version(other))
    # Where models share an endpoint an update here is quicker than a function's memory of it; here nothing is shared.
    assert [len(callers.told_by(model)) for model in (known, sent_to)] == [1, 1]
    eventually("the end of the other endpoint", lambda: before.name not in endpoints(loop))


def read_otherwise(loop: Challenged, like: ModelVersion) -> int:
    """A version whose contract names two features in the other order: as many numbers, and others."""
    contract = loop.dataset.contract
    columns = list(contract.columns)
    columns[-1], columns[-2] = columns[-2], columns[-1]
    turned = contract.model_copy(update={"columns": tuple(columns)})
    key = names.model_contract_key(contract_digest(turned))
    loop.environment.s3.put_object(Bucket=loop.environment.outputs.artifacts_bucket, Key=key, Body=kept(turned))
    told = {lineage.CONTRACT: contract_digest(turned), lineage.RECIPE: recipe_digest(turned)}
    return loop.register(like, "otherwise", told=told)


def endpoints(loop: Challenged) -> set[str]:
    return {found["EndpointName"] for found in loop.environment.sagemaker.list_endpoints()["Endpoints"]}
